"""What a question becomes: a field that says all to everybody, and trusts no text."""

import re
from typing import Any, get_args

import pytest

from labkit.prototype.questions import Kind, Question
from tests.prototype.rendered import NASTY, said

KINDS: tuple[Kind, ...] = get_args(Kind)
GROUPED = {"choice", "choices", "yes_no", "date"}
SINGLE = {"choice", "yes_no"}

each_kind = pytest.mark.parametrize("kind", KINDS)
each_language = pytest.mark.parametrize("lang", ["fr", "en"])


def question(kind: Kind, **given: Any) -> Question:
    options = (("a", "Alpha"), ("b", "Bêta")) if kind in ("choice", "choices") else ()
    return Question(**({"name": "thing", "kind": kind, "label": "Une chose", "options": options} | given))


@each_language
@each_kind
@pytest.mark.parametrize("error", ["", "Répondez à ceci"])
def test_every_kind_of_question_can_be_asked(kind: Kind, error: str, lang: str) -> None:
    asked = said("question", question(kind, hint="Un indice"), "", error, lang)
    controls = asked.every("input", "select", "textarea")
    assert controls
    assert all(control["name"] in ("thing", "thing-day", "thing-month", "thing-year") for control in controls)
    if kind == "hidden":
        return
    ids = asked.ids()
    assert len(ids) == len(set(ids))
    assert "field-thing" in ids, "the error summary leads there"
    assert {label["for"] for label in asked.every("label")} == {control["id"] for control in controls}
    told = [named for _, element in asked.elements if (named := element.get("aria-describedby"))]
    parts = ("hint", *(["length"] if kind == "file" else []), *(["error"] if error else []))
    assert told == [" ".join(f"field-thing-{part}" for part in parts)]
    assert set(told[0].split()) <= set(ids)


@each_kind
def test_a_wrong_answer_is_marked_where_it_is(kind: Kind) -> None:
    asked = said("question", question(kind), "", "Répondez à ceci", "fr")
    if kind == "hidden":
        assert "Répondez" not in asked.text
        return
    marked = asked.every("fieldset") if kind in SINGLE else asked.every("input", "select", "textarea")
    assert all(element["aria-invalid"] == "true" for element in marked)
    assert 'id="field-thing-error"' in asked.text
    assert "aria-invalid" not in said("question", question(kind), "", "", "fr").text


@each_kind
def test_a_group_has_its_legend(kind: Kind) -> None:
    asked = said("question", question(kind), "", "", "fr")
    assert bool(asked.every("fieldset")) == bool(asked.every("legend")) == (kind in GROUPED)
    if kind in SINGLE:
        assert asked.every("fieldset")[0]["role"] == "radiogroup"


@each_language
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "hidden"])
def test_what_may_be_left_out_says_so(kind: Kind, lang: str) -> None:
    word = {"fr": "facultatif", "en": "optional"}[lang]
    assert f"({word})" in said("question", question(kind, required=False), "", "", lang).text
    asked = said("question", question(kind), "", "", lang)
    assert word not in asked.text
    if kind not in (*SINGLE, "choices"):
        assert all("required" in control for control in asked.every("input", "select", "textarea"))
    elif kind in SINGLE:
        assert asked.every("fieldset")[0]["aria-required"] == "true"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("text", "Lou", {"value": "Lou"}),
        ("number", 3, {"value": "3", "inputmode": "numeric"}),
        ("money", "12,50", {"value": "12,50", "inputmode": "decimal"}),
        ("email", "lou@exemple.fr", {"type": "email", "autocomplete": "email"}),
        ("phone", "05 59 00 00 00", {"type": "tel", "autocomplete": "tel"}),
        ("hidden", "x", {"type": "hidden", "value": "x"}),
        ("text", None, {"value": ""}),
    ],
)
def test_what_was_answered_is_shown_again(kind: Kind, value: object, shown: dict[str, str]) -> None:
    (control,) = said("question", question(kind), value, "", "fr").every("input")
    assert control.items() >= shown.items()


@pytest.mark.parametrize(
    ("kind", "value", "checked"),
    [
        ("choice", "b", ["b"]),
        ("choices", ["a", "b"], ["a", "b"]),
        ("choices", ("b",), ["b"]),
        ("choices", "b", ["b"]),
        ("choices", None, []),
        ("yes_no", "no", ["no"]),
        ("yes_no", "", []),
    ],
)
def test_what_was_chosen_is_chosen_again(kind: Kind, value: object, checked: list[str]) -> None:
    inputs = said("question", question(kind), value, "", "fr").every("input")
    assert [each["value"] for each in inputs if "checked" in each] == checked


def test_a_code_is_not_chosen_by_a_part_of_another() -> None:
    asked = question("choices", options=(("mon", "Lundi"), ("monday-noon", "Lundi midi")))
    inputs = said("question", asked, "monday-noon", "", "fr").every("input")
    assert [each["value"] for each in inputs if "checked" in each] == ["monday-noon"]


def test_many_choices_become_a_list() -> None:
    many = question("choice", options=tuple((str(number), f"Choix {number}") for number in range(9)))
    asked = said("question", many, "7", "", "en")
    assert asked.every("select")[0]["id"] == "field-thing"
    assert [option["value"] for option in asked.every("option") if "selected" in option] == ["7"]
    assert ">Choose</option>" in asked.text


@pytest.mark.parametrize(
    ("value", "parts"),
    [("2017-03-27", ["27", "03", "2017"]), ("2017-13-", ["", "13", "2017"]), ("", ["", "", ""]), (None, ["", "", ""])],
)
def test_a_day_is_asked_in_three_parts(value: str | None, parts: list[str]) -> None:
    asked = said("question", question("date", autocomplete="bday"), value, "", "fr")
    inputs = asked.every("input")
    assert [each["name"] for each in inputs] == ["thing-day", "thing-month", "thing-year"]
    assert [each["value"] for each in inputs] == parts
    assert [each["autocomplete"] for each in inputs] == ["bday-day", "bday-month", "bday-year"]
    assert re.findall(r"<label[^>]*>(\w+)</label>", asked.text) == ["Jour", "Mois", "Année"]


def test_a_unit_and_a_length_are_told_with_the_field() -> None:
    money = said("question", question("money", unit="€"), "", "", "fr")
    assert money.every("input")[0]["aria-describedby"] == "field-thing-unit"
    lines = said("question", question("lines", length_max=500, hint="Un indice"), "", "Trop long", "fr")
    assert lines.every("textarea")[0]["aria-describedby"] == "field-thing-hint field-thing-length field-thing-error"
    assert lines.every("textarea")[0]["maxlength"] == "500"
    assert "500 caractères au plus" in lines.text


def test_a_file_that_was_sent_need_not_be_sent_again() -> None:
    kept, chosen = said("question", question("file"), "sha256:12", "", "fr").every("input")
    assert (kept["type"], kept["value"], kept["id"]) == ("checkbox", "sha256:12", "field-thing-kept")
    assert "required" not in chosen
    (asked,) = said("question", question("file"), "", "", "fr").every("input")
    assert "required" in asked
    assert 'enctype="multipart/form-data"' in said("encoding", [question("text"), question("file")]).text
    assert said("encoding", [question("text")]).text == ""


def test_a_spelling_checker_elsewhere_never_reads_what_is_personal() -> None:
    assert said("question", question("text", personal=True), "", "", "fr").every("input")[0]["spellcheck"] == "false"
    assert "spellcheck" not in said("question", question("text"), "", "", "fr").text


@each_kind
def test_no_text_of_a_question_becomes_html(kind: Kind) -> None:
    nasty = question(kind, label=NASTY, hint=NASTY, unit=NASTY, autocomplete=NASTY)
    asked = said("question", nasty, [NASTY] if kind == "choices" else NASTY, NASTY, "fr")
    assert "<script" not in asked.text
