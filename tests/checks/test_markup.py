"""The HTML of a page, read as the standard says."""

import pytest

from labkit.checks.markup import check_markup, links_of, read
from labkit.checks.visits import Address, Visit
from tests.checks.spoiling import codes

PAGE = """<!doctype html>
<html lang="fr"><head><title>x</title><link rel="stylesheet" href="/theme.css"></head><body>
<h1>Demande</h1>
<label for="name">Nom</label><input id="name" name="name">
<label>Jour <select name="day"></select></label>
<input type="hidden" name="case"><input name="search" aria-label="Chercher">
<a href="https://elsewhere.example/">ailleurs</a> <a href="/fr/desk#cases">ici</a>
</body></html>
"""


def found(html: str) -> list[str]:
    return codes(list(check_markup(read(visited(html)))))


def visited(html: str) -> Visit:
    return Visit(address=Address("/fr/case/1/child", "/fr · child"), html=html)


def test_a_sound_page_is_sound() -> None:
    assert found(PAGE) == []
    assert links_of(read(visited(PAGE))) == ["/fr/desk#cases"]


def test_what_a_script_will_copy_is_no_part_of_the_page_yet() -> None:
    screens = '<template id="a"><h1>A</h1><b id="x"></b></template><template id="b"><h1>B</h1><b id="x"></b></template>'

    assert found(PAGE.replace("<h1>Demande</h1>", screens)) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<h1>Demande</h1>", "<h1>Demande</b></h1>", "html"),
        ("<h1>Demande</h1>", "<p><div></p><h1>Demande</h1>", "html"),
        ("<!doctype html>\n", "", "html"),
        ("<h1>Demande</h1>", "<h2>Demande</h2>", "h1"),
        ("<h1>Demande</h1>", "<h1>Demande</h1><h1>Suite</h1>", "h1"),
        ('lang="fr"', 'lang="en"', "lang"),
        (' lang="fr"', "", "lang"),
        ("<h1>", '<h1 id="name">', "same-id"),
        ('aria-label="Chercher"', "", "no-label"),
        ('<label for="name">', '<label for="nom">', "no-field"),
        ("<select", "<b", "html"),
        ("/theme.css", "https://fonts.example/a.css", "elsewhere"),
        ("<h1>", '<h1 style="background: url(//cdn.example/a.png)">', "elsewhere"),
        ("<body>", '<body><img alt="" srcset="//cdn.example/a.png 2x">', "elsewhere"),
    ],
)
def test_what_is_wrong_is_found(old: str, new: str, code: str) -> None:
    assert old in PAGE
    assert code in found(PAGE.replace(old, new, 1))
