"""From what somebody wrote to what a form would have held, one question at a time. Pure.

It takes nothing that it would have to guess: two numbers for one, a negation, a word that is none of the choices.
"""

import re
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from labkit.prototype.conversation.script import Script
from labkit.prototype.conversation.wording import begins_with, is_only, mentions, plain
from labkit.prototype.questions import Question, questions_of
from labkit.prototype.service import Page
from labkit.prototype.texts import Texts

Given = tuple[str, ...]
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+|[0-9]+)(?:[.,][0-9]+)?")
_CENTS_AFTER_SIGN = re.compile(r"([0-9])\s*€\s*([0-9]{2})\b")
_WHOLE = re.compile(r"[^.,]*")
_AMOUNT = re.compile(r"[^.,]*(?:[.,][0-9]{1,2})?")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{4,28}[0-9]")
_DATE_WORDS = 3
_YEAR_LENGTH = 4
_MONTHS = range(1, 13)
_MONTH_LETTERS_MIN = 3


class Choice(Struct, frozen=True):
    """One choice: its code, and what it may be called."""

    code: str
    names: tuple[str, ...]


def understand(question: Question, page: Page, message: str, script: Script) -> Given | None:
    """Return what a form would have held, `None` if it cannot be told."""
    match question.kind:
        case "yes_no":
            return _yes_or_no(message, script)
        case "choice":
            return _one_of(_choices(question, page, script), message, script)
        case "choices":
            return _some_of(_choices(question, page, script), message, script)
        case "date":
            return _day(message, script)
        case "number":
            return _only(_NUMBER.findall(message), _WHOLE)
        case "money":
            return _only(_NUMBER.findall(_CENTS_AFTER_SIGN.sub(r"\1,\2", message)), _AMOUNT)
        case "email":
            return _only(_EMAIL.findall(message))
        case "phone":
            return _only(_PHONE.findall(message))
        case "file" | "hidden":
            return None
        case _:
            return (message.strip(),)


def _only(found: Sequence[str], shape: re.Pattern[str] | None = None) -> Given | None:
    """Return what was found if it is one, and of the right shape; two of them would be a guess."""
    if len(found) != 1 or (shape is not None and not shape.fullmatch(found[0])):
        return None
    return (found[0],)


def _yes_or_no(message: str, script: Script) -> Given | None:
    yes, no = agrees(message, script), refuses(message, script)
    if yes == no:
        return None
    return ("yes",) if yes else ("no",)


def agrees(message: str, script: Script) -> bool:
    """Tell whether a message says yes and nothing against it."""
    return _begins(message, script.phrases("yes")) and not mentions(message, script.phrases("no"))


def refuses(message: str, script: Script) -> bool:
    """Tell whether a message says no."""
    return _begins(message, script.phrases("no"))


def _begins(message: str, phrases: Sequence[str]) -> bool:
    """Let a single letter stand only for a whole message: «n’importe» is no «n»."""
    return is_only(message, phrases) or begins_with(message, [phrase for phrase in phrases if len(phrase) > 1])


def _choices(question: Question, page: Page, script: Script) -> tuple[Choice, ...]:
    said = [each for texts in script.every for each in questions_of(page.event, texts) if each.name == question.name]
    named = [(code, plain(label)) for each in said for code, label in each.options]
    return tuple(
        Choice(code, tuple(dict.fromkeys(filter(None, (*(name for c, name in named if c == code), plain(code))))))
        for code, _ in question.options
    )


def _one_of(choices: Sequence[Choice], message: str, script: Script) -> Given | None:
    """Take a choice by its name, by its number, or by words that only its name holds."""
    said = plain(message)
    exact = [choice.code for choice in choices if said in choice.names]
    if len(exact) == 1:
        return (exact[0],)
    words = _kept(said, script)
    if mentions(message, script.phrases("except")) or not words:
        return None
    if len(words) == 1 and words[0].isdecimal():
        return _numbered(choices, words[0])
    holding = [choice.code for choice in choices if any(set(words) <= set(name.split()) for name in choice.names)]
    if len(holding) == 1:
        return (holding[0],)
    chosen = _some_of(choices, message, script)
    return chosen if chosen is not None and len(chosen) == 1 else None


def _some_of(choices: Sequence[Choice], message: str, script: Script) -> Given | None:
    """Take several choices by their names or numbers; a word left over means that something was not understood."""
    if is_only(message, script.phrases("all")):
        return tuple(choice.code for choice in choices)
    if mentions(message, script.phrases("except")):
        return None
    left, found = plain(message), set[str]()
    for name, code in sorted(((name, choice.code) for choice in choices for name in choice.names), key=_longest):
        without = re.sub(rf"\b{re.escape(name)}\b", " ", left)
        if without != left:
            left, found = without, {*found, code}
    for word in _kept(left, script):
        numbered = _numbered(choices, word)
        if numbered is None:
            return None
        found |= set(numbered)
    return tuple(choice.code for choice in choices if choice.code in found) or None


def _longest(named: tuple[str, str]) -> int:
    return -len(named[0])


def _numbered(choices: Sequence[Choice], word: str) -> Given | None:
    if not (word.isascii() and word.isdecimal()) or len(word) > len(str(len(choices))):
        return None
    rank = int(word)
    return (choices[rank - 1].code,) if 1 <= rank <= len(choices) else None


def _kept(said: str, script: Script) -> list[str]:
    fillers = script.phrases("fillers")
    return [word for word in plain(said).split() if word not in fillers]


def _day(message: str, script: Script) -> Given | None:
    words = plain(message).split()
    parts = [words[rank : rank + _DATE_WORDS] for rank in range(len(words) - _DATE_WORDS + 1)]
    found = {day.isoformat() for part in parts if (day := _date_of(part, script)) is not None}
    return _only(sorted(found))


def _date_of(part: Sequence[str], script: Script) -> date | None:
    """Read day month year, month day year where the month is in letters, or year month day."""
    first, second, third = part
    if len(third) == _YEAR_LENGTH:
        month_first = _month(first, script) is not None and not first.isdecimal()
        day, month, year = (second, first, third) if month_first else (first, second, third)
    else:
        year, month, day = first, second, third
    number = re.fullmatch(r"([0-9]{1,2})(?:er|st|nd|rd|th)?", day)
    month_number = _month(month, script)
    if number is None or month_number is None or not re.fullmatch(r"[0-9]{4}", year):
        return None
    try:
        return date(int(year), month_number, int(number[1]))
    except ValueError:
        return None


def _month(word: str, script: Script) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", word):
        return int(word) if int(word) in _MONTHS else None
    if len(word) < _MONTH_LETTERS_MIN:
        return None
    named = {month for texts in script.every for month in _MONTHS if _month_name(texts, month).startswith(word)}
    return named.pop() if len(named) == 1 else None


def _month_name(texts: Texts, month: int) -> str:
    return plain(texts.day(date(2000, month, 2))).split()[1]
