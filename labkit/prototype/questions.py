"""From an event to what is asked on every channel, and from what was typed to the event. Pure.

A question's kind follows from the field's type; its words come from the project's texts.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from labkit.prototype.events import ServiceEvent, marks, personal_names, stem_of
from labkit.prototype.texts import Texts

Form = Mapping[str, Sequence[str]]
Kind = Literal[
    "text",
    "lines",
    "number",
    "decimal",
    "money",
    "date",
    "yes_no",
    "choice",
    "choices",
    "email",
    "phone",
    "file",
    "hidden",
]
_AUTOCOMPLETE = {"email": "email", "phone": "tel"}
_LINES_FROM = 200
_DATE_PARTS = 3
_YEAR_DIGITS = 4


class Question(Struct, frozen=True, kw_only=True):
    """One thing that is asked: shown as a field, said on the telephone, written in an e-mail."""

    name: str
    kind: Kind
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    autocomplete: str | None = None
    length_max: int | None = None
    unit: str | None = None
    personal: bool = False


class Read(Struct, frozen=True, kw_only=True):
    """What became of a filled form: the event, or what is wrong with which field."""

    event: ServiceEvent | None
    errors: dict[str, str]


def questions_of(kind: type[ServiceEvent], texts: Texts) -> list[Question]:
    """Return what is asked for one event, in one language."""
    return [_question(kind, field, texts) for field in msgspec.structs.fields(kind)]


def values_of(event: ServiceEvent | None) -> dict[str, Any]:
    """Return an event's fields as a form shows them again."""
    if event is None:
        return {}
    fields = msgspec.to_builtins(event)
    fields.pop("event")
    kinds = {field.name: kind_of(field_type(type(event), field.name)) for field in msgspec.structs.fields(event)}
    return {name: shown(value, kinds[name]) for name, value in fields.items() if value is not None}


def read_form(kind: type[ServiceEvent], form: Form, texts: Texts) -> Read:
    """Return the event that a form was filled with, or the words to show beside each field that is wrong."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in questions_of(kind, texts):
        try:
            value = _read(question, form)
            if value is not None:
                values[question.name] = msgspec.convert(value, field_type(kind, question.name))
            elif question.required:
                errors[question.name] = texts("error.required", question=question.label)
        except (ValueError, OverflowError, msgspec.ValidationError):
            errors[question.name] = texts(f"error.{question.kind}", question=question.label)
    return Read(event=None if errors else kind(**values), errors=errors)


def answers_of(event: ServiceEvent, texts: Texts) -> list[tuple[str, str]]:
    """Return each question of an event with its answer in words."""
    values = values_of(event)
    return [
        (question.label, said(question, values[question.name], texts))
        for question in questions_of(type(event), texts)
        if question.name in values
    ]


def field_type(kind: type[ServiceEvent], name: str) -> Any:  # noqa: ANN401  # types have no type of their own
    """Return the declared type of a field with its annotations, without `None`."""
    hint = get_type_hints(kind, include_extras=True)[name]
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (member for member in get_args(hint) if member is not NoneType)
    return hint


def kind_of(hint: object) -> Kind:
    """Return the kind of question that a type stands for."""
    told = next((mark["kind"] for mark in marks(hint) if "kind" in mark), None)
    if told is not None:
        return told  # type: ignore[return-value]  # the annotations are written beside Kind
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(plain) is tuple:
        return "choices"
    if get_origin(plain) is Literal or (isinstance(plain, type) and issubclass(plain, Enum)):
        return "choice"
    simple: dict[object, Kind] = {bool: "yes_no", int: "number", float: "decimal", date: "date"}
    return simple.get(plain, "lines" if (_length_max(hint) or 0) > _LINES_FROM else "text")


def _question(kind: type[ServiceEvent], field: msgspec.structs.FieldInfo, texts: Texts) -> Question:
    hint, stem = field_type(kind, field.name), stem_of(kind)
    asked = kind_of(hint)
    mark = {name: value for mark in marks(hint) for name, value in mark.items()}
    return Question(
        name=field.name,
        kind=asked,
        label=texts(f"{stem}.{field.name}.label"),
        hint=texts.get(f"{stem}.{field.name}.hint") or "",
        options=tuple((code, texts(f"{stem}.{field.name}.options.{code}")) for code in _codes(hint)),
        required=field.required,
        autocomplete=str(mark["autocomplete"]) if "autocomplete" in mark else _AUTOCOMPLETE.get(asked),
        length_max=_length_max(hint),
        unit=texts.get(f"{stem}.{field.name}.unit") or ("€" if asked == "money" else None),
        personal=field.name in personal_names(kind),
    )


def _codes(hint: object) -> list[str]:
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(plain) is tuple:
        return _codes(get_args(plain)[0])
    if get_origin(plain) is Literal:
        return [str(code) for code in get_args(plain)]
    return [str(member.value) for member in plain] if isinstance(plain, type) and issubclass(plain, Enum) else []


def _length_max(hint: object) -> int | None:
    return next((mark.max_length for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Meta)), None)


def _read(question: Question, form: Form) -> Any:  # noqa: ANN401  # whatever the field holds
    given = [text.strip() for text in form.get(question.name, ()) if text.strip()]
    if question.kind == "choices":
        _check_known(given, question)
        return given or None
    if question.kind == "date" and not given:
        given = _date(form, question.name)
    if not given:
        return None
    text = given[0].replace("\r\n", "\n")
    match question.kind:
        case "number":
            return int(_plain(text))
        case "decimal":
            return _decimal(text)
        case "money":
            return round(_decimal(text) * 100)
        case "yes_no":
            return _yes_or_no(text)
        case "choice":
            _check_known([text], question)
            return text
        case _:
            return text


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _decimal(text: str) -> float:
    number = float(_plain(text).replace(",", "."))
    if not isfinite(number):
        raise ValueError(text)
    return number


def _plain(text: str) -> str:
    return "".join(text.removesuffix("€").split())


def _date(form: Form, name: str) -> list[str]:
    parts = [next(iter(form.get(f"{name}-{part}", ())), "").strip() for part in ("year", "month", "day")]
    if not any(parts):
        return []
    if len(parts[0]) != _YEAR_DIGITS:
        raise ValueError(name)  # In 17, said of a year, somebody meant another century.
    return [date(*(int(part) for part in parts[:_DATE_PARTS])).isoformat()]


def _check_known(given: Sequence[str], question: Question) -> None:
    if not set(given) <= {code for code, _ in question.options}:
        raise ValueError(question.name)


def shown(value: Any, kind: Kind) -> Any:  # noqa: ANN401  # whatever the field holds
    """Return a field's value as a form shows it again."""
    match kind:
        case "money":
            return f"{value // 100},{value % 100:02}" if value % 100 else str(value // 100)
        case "yes_no":
            return "yes" if value else "no"
        case _:
            return value


def said(question: Question, value: Any, texts: Texts) -> str:  # noqa: ANN401  # whatever the field holds
    """Return an answer in words; `value` is what the form shows of it."""
    labels = dict(question.options)
    match question.kind:
        case "choice":
            return labels.get(value, str(value))
        case "choices":
            return ", ".join(labels.get(code, str(code)) for code in value)
        case "yes_no":
            return texts(f"answer.{value}")
        case "date":
            return texts.day(date.fromisoformat(value))
        case "money":
            return f"{value} €"
        case "file":
            return texts("documents.attached")
        case _:
            return f"{value} {question.unit}" if question.unit else str(value)
