"""The answers to a service's own questions: `attribute[code]=value`, or `attribute[code][]=value` for several."""

import re
from collections.abc import Sequence
from datetime import datetime

from labkit.open311.parameters import Parameters
from labkit.open311.settings import Attribute, Datatype

Answer = str | list[str]

STRING_MAX, TEXT_MAX = 500, 4_000
_FIELD = re.compile(r"attribute\[([^\[\]]*)\](\[\])?")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


def read_answers(given: Parameters, asked: Sequence[Attribute]) -> dict[str, Answer]:
    """Return the answers by the codes of their questions; what is wrong with them is complained of."""
    questions = {attribute.code: attribute for attribute in asked if attribute.variable}
    answered: dict[str, list[str]] = {}
    for name in given.names():
        if field := _FIELD.fullmatch(name):
            answered.setdefault(field[1], []).extend(given.all(name))
    for code in answered.keys() - questions.keys():
        given.complain("open311-error.unknown-attribute", code=code)
    for code, attribute in questions.items():
        if attribute.required and code not in answered:
            given.complain("open311-error.attribute-not-given", code=code)
    known = ((attribute, answered[code]) for code, attribute in questions.items() if code in answered)
    return {attribute.code: _answer(given, attribute, values) for attribute, values in known}


def _answer(given: Parameters, attribute: Attribute, values: list[str]) -> Answer:
    several = attribute.datatype == "multivaluelist"
    choices = {choice.key for choice in attribute.values}
    if len(values) > 1 and not several:
        given.complain("open311-error.several-answers", code=attribute.code)
    elif choices and not choices.issuperset(values):
        given.complain("open311-error.not-a-choice", code=attribute.code, choices=", ".join(sorted(choices)))
    elif not choices and not _fits(values[0], attribute.datatype):
        given.complain("open311-error.bad-answer", code=attribute.code, datatype=attribute.datatype)
    return list(dict.fromkeys(values)) if several else values[0]


def _fits(value: str, datatype: Datatype) -> bool:
    match datatype:
        case "number":
            return _DECIMAL.fullmatch(value) is not None
        case "datetime":
            return _is_date(value)
        case "string":
            return len(value) <= STRING_MAX and "\n" not in value
        case _:
            return len(value) <= TEXT_MAX


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
