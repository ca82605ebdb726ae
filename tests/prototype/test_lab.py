"""The lab beside a prototype: what happens, seen from both sides; what stood; its words and its addresses."""

import re
from itertools import pairwise

import pytest

from labkit.prototype.lab.frame import number_of
from labkit.prototype.rendering import in_language
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import KIT_TEXTS, LANGUAGES, read_words
from labkit.prototype.trying import Trial

LAB_PAGES = ("", "/variants", "/theme", "/gallery", "/gallery/condition", "/trials")


@pytest.fixture
def begun(trial: Trial) -> ServiceCase:
    """A case of which two pages are answered."""
    return trial.fill(trial.begin(), pages=2)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", LAB_PAGES)
def test_a_page_of_the_lab_speaks_both_languages_and_asks_nothing_of_others(
    trial: Trial, path: str, language: str
) -> None:
    page = trial.browser.get(f"/_lab/{language}{path}")
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    other = "en" if language == "fr" else "fr"
    assert f'href="/_lab/{other}{path}"' in page.text
    assert not re.findall(
        r"<style|<script>| style=| on[a-z]+=|javascript:|(?<!//www.w3.org)https?://(?!127)", page.text
    )


def test_what_is_read_where_something_is_sent_too_is_never_answered_in_a_thread_of_its_own(trial: Trial) -> None:
    # Litestar would call what takes the form as if it were not asynchronous: the form would end in an error.
    for route in trial.browser.app.routes:
        ways = {method: handler for handler in getattr(route, "route_handlers", ()) for method in handler.http_methods}
        assert not ("POST" in ways and "GET" in ways and ways["GET"].sync_to_thread), route.path


def test_the_lab_opens_in_the_reader_s_language(trial: Trial) -> None:
    assert trial.browser.get("/_lab", headers={"accept-language": "en-GB"}).url.path == "/_lab/en"
    assert trial.browser.get("/_lab").url.path == "/_lab/fr"


def test_an_event_is_shown_as_the_agent_and_as_a_subscriber_see_it(trial: Trial, begun: ServiceCase) -> None:
    page = trial.browser.get(f"/_lab/en/case/{begun.id}").text
    *_, child = re.findall(r'<li class="moment lab-moment".*?</li>', page, re.DOTALL)[0:1]

    clear, published = child.split("<pre", 1)
    assert "Inès Larrieu" in clear
    assert "sealed</span></dt><dd>Inès Larrieu" in clear
    assert "Inès" not in published
    assert "sealed:" in published
    assert "les-lauriers" in published


def test_what_a_case_was_can_be_read_at_each_of_its_versions(trial: Trial, begun: ServiceCase) -> None:
    then = trial.browser.get(f"/_lab/en/case/{begun.id}?version=3").text
    standing = then.partition('id="standing"')[2].partition("</section>\n  <section")[0]
    assert "Nadia Larrieu" in standing
    assert "Inès Larrieu" not in standing
    assert "The child" in standing
    assert 'value="3"' in then
    assert 'value="4"' in trial.browser.get(f"/_lab/en/case/{begun.id}?version=99").text


@pytest.mark.parametrize("version", ["0", "-1", "x", "", "²", "9" * 5000])
def test_a_version_that_is_none_shows_one_that_is(trial: Trial, begun: ServiceCase, version: str) -> None:
    assert trial.browser.get(f"/_lab/fr/case/{begun.id}", params={"version": version}).status_code == 200


def test_a_case_that_is_not_there_is_said_on_a_page(trial: Trial) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    for path in (f"/case/{nowhere}", f"/live?case={nowhere}", "/live?case=x", "/gallery/nothing", f"/trials/{nowhere}"):
        answer = trial.browser.get(f"/_lab/en{path}")
        assert answer.status_code == 404, path
        assert '<html lang="en"' in answer.text
    assert trial.browser.post("/_lab/fr/choose/nothing").status_code == 404
    assert trial.browser.get(f"/_lab/fr/case/{trial.begin().id}/on/pigeon").status_code == 404


@pytest.mark.parametrize("room", ["lab", "trial"])
def test_both_languages_say_the_same_things(room: str) -> None:
    said = [read_words(KIT_TEXTS / f"{room}.{language}.toml") for language in LANGUAGES]
    for one, other in pairwise((*said, said[0])):
        assert one.keys() == other.keys()
        for key, text in one.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", other[key])), key


def test_every_word_of_the_lab_is_used() -> None:
    kit = KIT_TEXTS.parent
    files = [*kit.rglob("*.py"), *kit.rglob("*.html")]
    sources = "\n".join(file.read_text() for file in files)
    own = {key for room in ("lab", "trial") for key in read_words(KIT_TEXTS / f"{room}.fr.toml")}
    built = (
        "who.",
        "lab.field.",
        "lab.pattern.",
        "lab.trials.state-",
        "trial.consent.",
        "case-forked.",
        "trial-prepared.",
    )
    spoken = {f"lab.{page}.{word}" for page in ("trials", "variants", "theme", "gallery") for word in ("title", "lead")}
    spoken |= {"lab.mode.light", "lab.mode.dark", "lab.mode.system", "lab.theme.light", "lab.theme.dark"}
    assert not [k for k in own - spoken if not k.startswith(built) and f'"{k}"' not in sources]


@pytest.mark.parametrize(
    ("path", "there"),
    [("/fr", "/en"), ("/fr/desk", "/en/desk"), ("/_lab/fr", "/_lab/en"), ("/_lab/fr/case/fr", "/_lab/en/case/fr")],
)
def test_a_page_has_an_address_in_each_language(path: str, there: str) -> None:
    assert in_language(path, "en") == there


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("0", 1), ("99", 9), ("x", 9), ("", 9), ("٣", 9)])
def test_a_number_is_kept_within_bounds(text: str, number: int) -> None:
    assert number_of(text, least=1, most=9) == number
