"""Answers written in an e-mail, one a line: « Question : réponse ». Pure.

A question is known by its label in any language of the project, without regard to capitals, accents and punctuation;
what the acknowledgement wrote in brackets after a label may stay there. The first answer to a question counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from unicodedata import combining, normalize

from labkit.prototype.questions import Question

LINES_MAX = 2_000
LABEL_MAX = 400
SEPARATORS_MAX = 6
YEAR_MIN = 1000  # Nobody knows which century two digits are of.
_YES, _NO = {"oui", "o", "yes", "y"}, {"non", "n", "no"}
_MONTHS = (
    *(("janvier", "january"), ("fevrier", "february"), ("mars", "march"), ("avril", "april"), ("mai", "may")),
    *(("juin", "june"), ("juillet", "july"), ("aout", "august"), ("septembre", "september")),
    *(("octobre", "october"), ("novembre", "november"), ("decembre", "december")),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}


def answers_in(text: str, questions: Sequence[Question]) -> dict[str, list[str]]:
    """Return what a text answers, as a form holds it; questions may be given once in each language."""
    labels = {folded(question.label): question.name for question in questions}
    by_name: dict[str, list[Question]] = {}
    for question in questions:
        by_name.setdefault(question.name, []).append(question)
    said: dict[str, str] = {}
    for label, answer in _lines(text, labels):
        if answer:
            said.setdefault(labels[label], answer)
    return {name: _values(answer, by_name[name]) for name, answer in said.items()}


def folded(text: str) -> str:
    """Return words as they are compared: small letters without accents, and no punctuation."""
    bare = "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))
    return " ".join(re.findall(r"\w+", bare))


def _lines(text: str, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each label with what follows it: on its line, and on the next ones up to an empty line or a label."""
    asked: str | None = None
    answer: list[str] = []
    for line in text.split("\n")[:LINES_MAX]:
        said = line.lstrip(" \t>*-•\u00a0").rstrip()
        found = _labelled(said, labels)
        if found is None and said:
            answer.append(said)
            continue
        if asked is not None:
            yield asked, "\n".join(answer)
        asked, answer = (found[0], [found[1]] if found[1] else []) if found else (None, [])
    if asked is not None:
        yield asked, "\n".join(answer)


def _labelled(line: str, labels: Mapping[str, str]) -> tuple[str, str] | None:
    # The colon is tried first: a label may hold a question mark of its own, and brackets too.
    for separator in (":", "?"):
        for place in _places(line, separator):
            for end in (place, *_places(line[:place], "(")):
                label = folded(line[:end])
                if label in labels:
                    return label, line[place + 1 :].strip(" :?\u00a0\t*")
    return None


def _places(line: str, letter: str) -> list[int]:
    return [place for place, each in enumerate(line[:LABEL_MAX]) if each == letter][:SEPARATORS_MAX]


def _values(answer: str, questions: Sequence[Question]) -> list[str]:
    kind = questions[0].kind
    if kind == "lines":
        return [answer]
    line = answer.partition("\n")[0].strip()
    codes = {folded(text): code for question in questions for code, label in question.options for text in (label, code)}
    match kind:
        case "choice":
            return [codes.get(folded(line), line)]
        case "choices":
            whole = codes.get(folded(line))
            return [whole] if whole else [codes.get(folded(each), each) for each in _several(line)]
        case "yes_no":
            return [_yes_or_no(line)]
        case "date":
            return [_day(line)]
        case _:
            return [line]


def _yes_or_no(line: str) -> str:
    """Take a first word that says it and that no other denies; a letter says it alone: « y en a pas » is no yes."""
    first, *others = folded(line).split() or [""]
    contrary = _NO if first in _YES else _YES
    if (len(first) == 1 and others) or not contrary.isdisjoint(word for word in others if len(word) > 1):
        return line
    return "yes" if first in _YES else "no" if first in _NO else line


def _several(line: str) -> list[str]:
    return [each for each in re.split(r"[,;/&+]|\bet\b|\band\b", line) if each.strip()]


def _day(line: str) -> str:
    """Return a day as forms hold it, the line itself if it is none."""
    parts = folded(re.sub(r"(?<=\d)er\b", "", line)).split()
    if parts and parts[0] in _MONTH:
        parts[:2] = parts[1::-1]
    try:
        first, month, last = (_MONTH.get(part) or int(part) for part in parts)
        year, day = (first, last) if len(parts[0]) > 2 else (last, first)  # noqa: PLR2004  # a day has two digits
        return date(year, month, day).isoformat() if year >= YEAR_MIN else line
    except (ValueError, OverflowError):
        return line
