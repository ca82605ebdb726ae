"""What the machine answers to one message: rules tried in order, the first that applies replies. Pure.

Whoever asks for a person, is in distress, or is misunderstood twice is handed over; from then on it is silent.
"""

from collections.abc import Callable
from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.conversation.dialogue import (
    AtEnd,
    AtOnlinePage,
    AtQuestion,
    AtSending,
    AtStart,
    AtSummary,
    Dialogue,
    Place,
    asked_here,
    where,
)
from labkit.prototype.conversation.prepared import answer_to
from labkit.prototype.conversation.script import Script
from labkit.prototype.conversation.understanding import agrees, refuses, understand
from labkit.prototype.conversation.wording import is_only, mentions, plain
from labkit.prototype.events import ServiceEvent
from labkit.prototype.questions import Question, questions_of, read_form
from labkit.prototype.service import Page, Service
from labkit.prototype.story import ServiceCase

MISSES_MAX = 2
QUOTED_LENGTH_MAX = 120


class Reply(Struct, frozen=True, kw_only=True):
    """What follows from a message: what is said, whether what is due is asked after it, what is to be recorded."""

    dialogue: Dialogue
    said: str = ""
    asks: bool = False
    event: ServiceEvent | None = None
    submits: bool = False
    human: bool = False


class Heard(Struct, frozen=True, kw_only=True):
    """A message, and where the dialogue stood when it came."""

    message: str
    dialogue: Dialogue
    place: Place
    service: Service
    case: ServiceCase
    script: Script

    def say(self, key: str, **details: object) -> str:
        """Return the machine's own words."""
        return self.script.texts(f"chatbot.{key}", **details)

    def is_only(self, kind: str) -> bool:
        """Tell whether the message is one of the phrases of a kind and nothing else."""
        return is_only(self.message, self.script.phrases(kind))

    def mentions(self, kind: str) -> bool:
        """Tell whether the message holds one of the phrases of a kind."""
        return mentions(self.message, self.script.phrases(kind))

    def understood(self, said: str = "", **changes: object) -> Reply:
        """Go on, and ask what is due; once the request was sent nothing is."""
        asks = not isinstance(self.place, AtEnd)
        return Reply(dialogue=replace(self.dialogue, misses=0, **changes), said=said, asks=asks)


Rule: TypeAlias = Callable[[Heard], Reply | None]


def reply(dialogue: Dialogue, message: str, *, service: Service, case: ServiceCase, script: Script) -> Reply:
    """Return what the machine answers to one message; nothing once a person took over."""
    if dialogue.human:
        return Reply(dialogue=dialogue)
    place = where(dialogue, service=service, case=case, texts=script.texts)
    heard = Heard(message=message, dialogue=dialogue, place=place, service=service, case=case, script=script)
    return next((found for rule in RULES if (found := rule(heard)) is not None), None) or _misunderstood(heard)


def _hears_distress(heard: Heard) -> Reply | None:
    return _hand_over(heard, heard.say("distress")) if heard.mentions("distress") else None


def _is_asked_for_a_person(heard: Heard) -> Reply | None:
    """Where anything may be an answer, only a message that says nothing else asks for a person."""
    asked = heard.is_only("human") or (heard.mentions("talk") and not _takes_any_words(heard.place))
    return _hand_over(heard, heard.say("handing-over")) if asked else None


def _is_courteous(heard: Heard) -> Reply | None:
    kind = next((kind for kind in ("help", "hello", "thanks") if heard.is_only(kind)), None)
    return heard.understood(heard.say(kind)) if kind else None


def _obeys(heard: Heard) -> Reply | None:
    if isinstance(heard.place, AtEnd):
        asked = any(heard.is_only(kind) for kind in ("start", "restart", "back", "cancel", "send"))
        return heard.understood(heard.say("sent", reference=heard.case.reference)) if asked else None
    if heard.is_only("cancel"):
        return heard.understood(heard.say("cancelled"), begun=False, page=None, given={})
    if heard.is_only("restart"):
        return heard.understood(heard.say("restarted"), given={})
    if heard.is_only("back"):
        return _goes_back(heard)
    if heard.is_only("skip") and isinstance(heard.place, AtQuestion):
        return _skips(heard, heard.place.question)
    return heard.understood(begun=True) if heard.is_only("start") else None


def _is_questioned(heard: Heard) -> Reply | None:
    return _looks_up(heard) if "?" in heard.message else None


def _takes_an_answer(heard: Heard) -> Reply | None:
    match heard.place:
        case AtStart():
            return heard.understood(begun=True) if agrees(heard.message, heard.script) else None
        case AtQuestion(page=page, question=question):
            return _takes(heard, page, question)
        case AtSummary(page=page, event=event):
            return _is_confirmed(heard, page, event)
        case AtSending():
            return _sends(heard)
        case AtOnlinePage() | AtEnd():
            return None
        case _:
            assert_never(heard.place)


def _looks_up(heard: Heard) -> Reply | None:
    answer = answer_to(heard.message, case=heard.case, script=heard.script)
    return heard.understood(answer) if answer else None


def _waits_for_a_page(heard: Heard) -> Reply | None:
    return heard.understood() if isinstance(heard.place, AtOnlinePage) else None


RULES: tuple[Rule, ...] = (
    _hears_distress,
    _is_asked_for_a_person,
    _is_courteous,
    _obeys,
    _is_questioned,
    _takes_an_answer,
    _looks_up,
    _waits_for_a_page,
)


def _misunderstood(heard: Heard) -> Reply:
    """Say what was not understood; a second time in a row, let a person read."""
    if heard.dialogue.misses + 1 >= MISSES_MAX:
        return _hand_over(heard, heard.say("misunderstood-twice"))
    quoted = heard.message.strip()[:QUOTED_LENGTH_MAX]
    said = [heard.say("misunderstood", message=quoted)]
    if isinstance(heard.place, AtQuestion):
        question = heard.place.question
        said.append(heard.script.texts(f"error.{question.kind}", question=question.label))
    missed = replace(heard.dialogue, misses=heard.dialogue.misses + 1)
    return Reply(dialogue=missed, said="\n".join(said), asks=not isinstance(heard.place, AtEnd))


def _hand_over(heard: Heard, said: str) -> Reply:
    return Reply(dialogue=replace(heard.dialogue, misses=0), said=said, human=True)


def _takes_any_words(place: Place) -> bool:
    return isinstance(place, AtQuestion) and place.question.kind in ("text", "lines")


def _takes(heard: Heard, page: Page, question: Question) -> Reply | None:
    given = understand(question, page, heard.message, heard.script)
    if given is None or question.name in read_form(page.event, {question.name: given}, heard.script.texts).errors:
        return None
    return heard.understood(given={**heard.dialogue.given, question.name: given})


def _skips(heard: Heard, question: Question) -> Reply:
    if question.required:
        return heard.understood(heard.say("needed"))
    return heard.understood(given={**heard.dialogue.given, question.name: ()})


def _is_confirmed(heard: Heard, page: Page, event: ServiceEvent) -> Reply | None:
    if agrees(heard.message, heard.script):
        recorded = replace(heard.dialogue, misses=0, page=None, given={})
        return Reply(dialogue=recorded, said=heard.say("noted"), asks=True, event=event)
    if refuses(heard.message, heard.script):
        return Reply(dialogue=replace(heard.dialogue, misses=0), said=heard.say("which"))
    changed = _named(heard, asked_here(questions_of(page.event, heard.script.texts)))
    return _asks_again(heard, changed) if changed else None


def _named(heard: Heard, questions: list[Question]) -> Question | None:
    """Return the question that was named by its number or its words."""
    said = plain(heard.message)
    numbered = {str(rank): question for rank, question in enumerate(questions, start=1)}
    return numbered.get(said) or next((question for question in questions if plain(question.label) == said), None)


def _asks_again(heard: Heard, question: Question) -> Reply:
    return heard.understood(
        given={name: given for name, given in heard.dialogue.given.items() if name != question.name}
    )


def _sends(heard: Heard) -> Reply | None:
    if agrees(heard.message, heard.script) or heard.is_only("send"):
        return Reply(dialogue=replace(heard.dialogue, misses=0), asks=True, submits=True)
    if refuses(heard.message, heard.script):
        return Reply(dialogue=replace(heard.dialogue, misses=0), said=heard.say("kept", reference=heard.case.reference))
    return None


def _goes_back(heard: Heard) -> Reply:
    """Ask the question before again; before the first of a page, the page before."""
    match heard.place:
        case AtQuestion(page=page) | AtSummary(page=page):
            questions = asked_here(questions_of(page.event, heard.script.texts))
            given = [question for question in questions if question.name in heard.dialogue.given]
            if given:
                return _asks_again(heard, given[-1])
            return _turns_back(heard, page)
        case AtOnlinePage(page=page):
            return _turns_back(heard, page)
        case AtSending():
            return _turns_back(heard, None)
        case AtStart() | AtEnd():
            return heard.understood(heard.say("first"))
        case _:
            assert_never(heard.place)


def _turns_back(heard: Heard, page: Page | None) -> Reply:
    pages = heard.service.asked(heard.case)
    before = pages[: pages.index(page)] if page in pages else pages
    if not before:
        return heard.understood(heard.say("first"))
    return heard.understood(page=before[-1].name, given={})
