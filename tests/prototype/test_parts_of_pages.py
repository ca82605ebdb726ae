"""What pages are made of besides fields, and the frame around them."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace as Given

import pytest
from jinja2 import UndefinedError

from labkit.prototype.look.theme import THEMES
from ledger.domain.vocabulary import Channel, Language
from tests.prototype.rendered import NASTY, Html, framed, said, templates

each_language = pytest.mark.parametrize("lang", ["fr", "en"])


@pytest.mark.parametrize(
    ("macro", "given"),
    [
        ("error_summary", (NASTY, {"thing": NASTY})),
        ("button", (NASTY, "primary")),
        ("notice", ("warning", NASTY, NASTY)),
        ("summary", ([(NASTY, NASTY), (NASTY, NASTY, "/change")], NASTY)),
        ("steps", (1, 2, NASTY)),
        ("bubbles", ([Given(author=NASTY, text=NASTY, when=NASTY, mine=True)],)),
        ("ticket", (NASTY, NASTY, NASTY)),
        ("script", (NASTY, [Given(say=NASTY, note=NASTY)], "fr")),
        ("pages", (NASTY, (NASTY, "/before"), (NASTY, "/after"))),
        ("empty", (NASTY, NASTY)),
    ],
)
def test_no_text_of_a_part_becomes_html(macro: str, given: tuple[object, ...]) -> None:
    part = said(macro, *given)
    assert "<script>" not in part.text
    assert "&lt;script&gt;" in part.text


def test_the_summary_of_what_is_wrong_leads_to_each_field() -> None:
    wrong = said("error_summary", "À vérifier", {"child": "Répondez à ceci", "birth": "Écrivez une date"})
    assert [link["href"] for link in wrong.every("a")] == ["#field-child", "#field-birth"]
    (box,) = [element for element in wrong.every("div") if element.get("role") == "alert"]
    assert box.keys() >= {"tabindex", "autofocus"}
    assert box["aria-labelledby"] in wrong.ids()


@pytest.mark.parametrize("kind", ["primary", "secondary", "quiet", "danger", "link"])
def test_a_button_is_a_button_and_a_link_is_a_link(kind: str) -> None:
    assert said("button", "Continuer", kind).every("button") == [{"class": f"button {kind}"}]
    assert said("button", "Voir", kind, href="/fr").every("a") == [{"class": f"button {kind}", "href": "/fr"}]


def test_what_changes_says_what_it_changes() -> None:
    summary = said("summary", [("Enfant", "Lou", "/fr/child"), ("Jours", "lundi")], "Modifier")
    assert 'href="/fr/child">Modifier<span class="visually-hidden"> Enfant</span>' in summary.text
    assert len(summary.every("a")) == 1


@pytest.mark.parametrize("channel", [*Channel, None])
@each_language
def test_a_moment_says_when_and_on_which_channel(channel: Channel | None, lang: Language) -> None:
    moment = Given(
        title=NASTY,
        when="22 novembre 2026",
        at=datetime(2026, 11, 22, 9, 41, tzinfo=UTC),
        by="accueil.diallo",
        channel=channel,
        text=NASTY,
        answers=(("Jours", NASTY),),
    )
    story = said("story", [moment], lang)
    assert story.every("time") == [{"datetime": "2026-11-22T09:41:00+00:00"}]
    assert "<script" not in story.text
    assert channel is None or channel.label(lang) in story.text


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_has_its_drawing_and_its_colour(channel: Channel) -> None:
    tag = said("tag", channel, "fr")
    assert tag.every("svg")[0]["aria-hidden"] == "true"
    assert channel.label("fr") in tag.text
    style = (THEMES.parent / "static/prototype.css").read_text("utf-8")
    assert f".tag-{channel.value}::before, .tag-{channel.value} > .mark" in style


@each_language
@pytest.mark.parametrize("is_prototype", [True, False])
def test_a_letter_says_that_it_is_a_trial(is_prototype: bool, lang: str) -> None:  # noqa: FBT001
    text = Given(
        sender=["Commune de Valmarsan"],
        recipient=["Anaïs Mercadier", NASTY],
        place_and_date="Valmarsan, le 22 novembre 2026",
        subject="Cantine",
        reference="VLM-2026-0417",
        greeting="Madame,",
        paragraphs=["Oui.", NASTY],
        closing="Bien à vous.",
        signer="La responsable",
        is_prototype=is_prototype,
    )
    letter = said("letter", text, lang)
    trial = {"fr": "Lettre d’essai, sans valeur", "en": "Trial letter, without effect"}[lang]
    assert (trial in letter.text) is is_prototype
    assert letter.every("article")[0]["lang"] == lang
    assert "<script" not in letter.text


def test_the_words_of_the_macros_are_there_in_both_languages() -> None:
    words: dict[str, dict[str, str]] = templates().get_template("_words.html").module.words  # type: ignore[attr-defined]
    assert words["fr"].keys() == words["en"].keys()
    sources = "".join(file.read_text("utf-8") for file in (THEMES.parent / "templates").glob("*.html"))
    used = set(re.findall(r'(?:words\[lang\]|said)\["([\w-]+)"\]', sources)) | {"day", "month", "year"}
    assert used == words["fr"].keys()


@each_language
@pytest.mark.parametrize("is_prototype", [True, False])
@pytest.mark.parametrize("aside", ["", "{% block aside %}<p>À côté</p>{% endblock %}"])
def test_the_frame_says_its_language_and_what_it_is(lang: str, aside: str, is_prototype: bool) -> None:  # noqa: FBT001
    page = Html(
        framed(f"{{% block content %}}<h1>Bonjour</h1>{{% endblock %}}{aside}", lang=lang, is_prototype=is_prototype)
    )
    assert page.every("html") == [{"lang": lang}]
    assert ('name="robots"' in page.text) is ('class="banner"' in page.text) is is_prototype
    assert [link["hreflang"] for link in page.every("a") if "hreflang" in link] == ["fr", "en"]
    assert [link["lang"] for link in page.every("a") if "aria-current" in link] == [lang]
    assert bool(page.every("aside")) == bool(aside)
    assert not re.findall(r"<style|<script| style=| on[a-z]+=|https?://", page.text)


def test_one_language_needs_no_switch() -> None:
    assert "hreflang" not in framed("", languages=["fr"])


def test_a_chosen_mode_and_a_drawn_logo_are_in_the_frame() -> None:
    page = Html(framed("", mode="dark", logo_href="/logo.svg", lab_bar=True))
    assert page.every("html") == [{"lang": "fr", "data-theme": "dark"}]
    assert page.every("img") == [{"class": "logo", "src": "/logo.svg", "alt": ""}]
    assert page.every("details") == [{"class": "lab"}]


def test_a_page_may_use_the_names_of_the_frame_for_its_own() -> None:
    page = framed(
        "{% block content %}{{ words }} {{ said }} {{ beside }}{% endblock %}", words="A", said="B", beside="C"
    )
    assert "A B C" in page


def test_a_name_in_the_frame_becomes_no_html() -> None:
    assert "<script" not in framed("", project={"name": NASTY, "authority_name": NASTY, "is_prototype": True})


def test_a_missing_variable_is_not_passed_over() -> None:
    with pytest.raises(UndefinedError):
        framed("{% block content %}{{ nothing }}{% endblock %}")
