"""From an event's fields to questions, and from what was typed to the event."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from labkit.prototype import Document, Email, Money, Personal, PersonalDate, PersonalLines, Phone, ServiceEvent
from labkit.prototype.questions import answers_of, questions_of, read_form, values_of
from labkit.prototype.texts import MissingText, Texts

Size = Literal["small", "large"]
FIELDS = ("name", "about", "email", "phone", "born_on", "agreed", "size", "sizes", "count", "price", "point", "photo")


class Everything(ServiceEvent, frozen=True, kw_only=True, tag="everything.v1"):
    """One field of every kind."""

    name: Personal
    about: PersonalLines | None = None
    email: Email | None = None
    phone: Phone | None = None
    born_on: PersonalDate | None = None
    agreed: bool | None = None
    size: Size | None = None
    sizes: tuple[Size, ...] = ()
    count: Annotated[int, Meta(ge=0, le=31)] | None = None
    price: Money | None = None
    point: Annotated[float, Meta(ge=-90, le=90)] | None = None
    photo: Document | None = None


WORDS = {f"everything.{name}.label": name.capitalize() for name in FIELDS} | {
    f"everything.{name}.options.{code}": code.upper() for name in ("size", "sizes") for code in ("small", "large")
}
TEXTS = Texts("en", {"everything.title": "Everything", **WORDS})


def read(**typed: str | list[str]) -> Any:
    form = {name: [value] if isinstance(value, str) else value for name, value in typed.items()}
    return read_form(Everything, form, TEXTS)


def test_the_kind_of_a_question_follows_from_the_type() -> None:
    kinds = {question.name: question.kind for question in questions_of(Everything, TEXTS)}

    assert kinds == {
        "name": "text",
        "about": "lines",
        "email": "email",
        "phone": "phone",
        "born_on": "date",
        "agreed": "yes_no",
        "size": "choice",
        "sizes": "choices",
        "count": "number",
        "price": "money",
        "point": "decimal",
        "photo": "file",
    }


def test_a_question_knows_whether_it_is_required_personal_and_how_long() -> None:
    name, about, *_ = questions_of(Everything, TEXTS)

    assert (name.required, name.personal, name.length_max) == (True, True, 200)
    assert (about.required, about.personal, about.length_max) == (False, True, 2000)


def test_a_word_that_nobody_wrote_is_named() -> None:
    with pytest.raises(MissingText, match=r"everything\.name\.label"):
        questions_of(Everything, Texts("fr", {}))


def test_a_filled_form_becomes_the_event() -> None:
    answer = read(
        name=" Inès ",
        about="one\r\ntwo",
        agreed="no",
        size="large",
        sizes=["small", "large"],
        count="1 2",
        price="12,50 €",
        point="-0,3708",
        **{"born_on-day": "27", "born_on-month": "3", "born_on-year": "2017"},
    )

    assert answer.errors == {}
    assert answer.event == Everything(
        name="Inès",
        about="one\ntwo",
        agreed=False,
        size="large",
        sizes=("small", "large"),
        count=12,
        price=1250,
        point=-0.3708,
        born_on=date(2017, 3, 27),
    )


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("email", "nobody"),
        ("phone", "call me"),
        ("born_on", "yesterday"),
        ("born_on", "2017-02-30"),
        ("agreed", "perhaps"),
        ("size", "huge"),
        ("sizes", "huge"),
        ("count", "-1"),
        ("count", "many"),
        ("price", "a lot"),
        ("price", "1e400"),
        ("price", "nan"),
        ("point", "90,1"),
        ("point", "north"),
        ("point", "nan"),
        ("photo", "sha256:none"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(name: str, typed: str) -> None:
    answer = read(**{"name": "Inès", name: typed})

    assert answer.event is None
    assert list(answer.errors) == [name]
    assert name.capitalize() in answer.errors[name]


@pytest.mark.parametrize(("day", "year"), [("30", "2017"), ("27", "17")])
def test_a_day_that_does_not_exist_is_refused(day: str, year: str) -> None:
    answer = read(name="Inès", **{"born_on-day": day, "born_on-month": "2", "born_on-year": year})

    assert list(answer.errors) == ["born_on"]


@given(st.dictionaries(st.sampled_from(FIELDS), st.lists(st.text(max_size=30), max_size=3)))
def test_whatever_is_typed_is_read_or_named(typed: dict[str, list[str]]) -> None:
    answer = read_form(Everything, typed, TEXTS)

    assert (answer.event is None) == bool(answer.errors)
    assert set(answer.errors) <= set(FIELDS)


def test_an_answer_is_shown_again_as_it_was_typed_and_said_in_words() -> None:
    event = Everything(name="Inès", born_on=date(2017, 3, 1), agreed=True, sizes=("small",), price=1250, count=2)

    assert values_of(event)["price"] == "12,50"
    assert values_of(event)["agreed"] == "yes"
    assert dict(answers_of(event, TEXTS)) == {
        "Name": "Inès",
        "Born_on": "1 March 2017",
        "Agreed": "Yes",
        "Sizes": "SMALL",
        "Price": "12,50 €",
        "Count": "2",
    }
