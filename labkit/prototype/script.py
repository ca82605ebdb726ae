"""What an agent says on the telephone: the questions of a page worded for speech, a reference spelled out. Pure.

A question is said in words of its own where the project wrote them (`days-chosen.days.say`), else from its label.
"""

from collections.abc import Sequence

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.journey import Asking
from labkit.prototype.questions import Question
from labkit.prototype.texts import Texts

OPTIONS_SAID_MAX = 6


class Line(Struct, frozen=True, kw_only=True):
    """One thing to say, and what the agent alone should know about it."""

    say: str
    note: str = ""


def lines_of(asked: Asking, texts: Texts) -> list[Line]:
    """Return how the questions of a page are said, one after the other."""
    stem = stem_of(asked.page.event)
    return [Line(say=_said(stem, question, texts), note=_note(question, texts)) for question in asked.questions]


def spelled(reference: str, texts: Texts) -> str:
    """Return a reference letter by letter; a sign that has no name of its own stays as it is."""
    return ", ".join(texts.get(f"spelling.{sign.lower()}") or sign for sign in reference)


def _said(stem: str, question: Question, texts: Texts) -> str:
    own = texts.get(f"{stem}.{question.name}.say")
    if own is not None:
        return own
    asks = question.label.rstrip().endswith("?")
    said = question.label if asks else texts("telephone.please", label=question.label)
    labels = [label for _, label in question.options]
    if not labels or len(labels) > OPTIONS_SAID_MAX:
        return said
    return texts("telephone.choose", question=said, options=_listed(labels, texts))


def _listed(labels: Sequence[str], texts: Texts) -> str:
    *others, last = labels
    return texts("telephone.or", others=", ".join(others), last=last) if others else last


def _note(question: Question, texts: Texts) -> str:
    parts = (
        question.hint,
        texts.get(f"telephone.note.{question.kind}"),
        "" if question.required else texts("telephone.optional"),
    )
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
