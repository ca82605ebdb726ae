"""Answers written beforehand, and the one that every case can give: how far it has come. Pure."""

from labkit.prototype.conversation.script import Script
from labkit.prototype.conversation.wording import mentions
from labkit.prototype.story import ServiceCase
from ledger.domain.events import CaseDecided


def answer_to(message: str, *, case: ServiceCase, script: Script) -> str | None:
    """Return the answer that a message calls for; the longest words that were recognised decide."""
    if mentions(message, script.phrases("status")):
        return standing_of(case, script)
    called = [
        (len(call), rank)
        for rank, prepared in enumerate(script.prepared)
        for call in prepared.calls()
        if mentions(message, (call,))
    ]
    if not called:
        return None
    answers = script.prepared[max(called, key=lambda found: (found[0], -found[1]))[1]].answer
    return answers.get(script.texts.language) or next(iter(answers.values()), None)


def standing_of(case: ServiceCase, script: Script) -> str:
    """Return how far a case has come, without what was decided: that is for the person to read in the decision."""
    decided = any(isinstance(moment.event, CaseDecided) for moment in case.moments)
    step = "decided" if decided else "submitted" if case.submitted else "open"
    return script.texts(f"chatbot.standing.{step}", reference=case.reference)
