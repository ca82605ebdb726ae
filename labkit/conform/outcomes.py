"""What a trial came to, and the sentences that say it, with what to do."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from labkit.messages import Texts

Trial = Literal["reading", "erasure", "duplicates", "gaps", "restarts", "strangers"]
Ending = Literal["stuck", "ended", "differs", "stays", "keeps"]
SHOWN_MAX = 160


class Outcome(Struct, frozen=True, kw_only=True):
    """How a trial ended; `ending` is `None` where nothing is to be mended, `details` are what its sentence names."""

    trial: Trial
    seconds: float = 0.0
    ending: Ending | None = None
    details: dict[str, Any] = {}
    complaint: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """The same for people and programs, in words."""

    trial: Trial
    passed: bool
    seconds: float
    name: str
    ending: Ending | None
    what: str | None
    mend: str | None
    details: dict[str, Any]
    complaint: str


def told(outcome: Outcome, say: Texts) -> Told:
    """Return an outcome in a language."""
    ending, trial = outcome.ending, outcome.trial
    return Told(
        trial=trial,
        passed=ending is None,
        seconds=outcome.seconds,
        name=_names(say)[trial],
        ending=ending,
        what=f"{_happened(say)[trial]} {_came_to(outcome, say)}" if ending else None,
        mend=say("conform.mend-stays") if ending == "stays" else _mends(say)[trial] if ending else None,
        details=outcome.details,
        complaint=outcome.complaint,
    )


def _names(say: Texts) -> dict[Trial, str]:
    return {
        "reading": say("conform.reading"),
        "erasure": say("conform.erasure"),
        "duplicates": say("conform.duplicates"),
        "gaps": say("conform.gaps"),
        "restarts": say("conform.restarts"),
        "strangers": say("conform.strangers"),
    }


def _happened(say: Texts) -> dict[Trial, str]:
    return {
        "reading": say("conform.happened-reading"),
        "erasure": say("conform.happened-erasure"),
        "duplicates": say("conform.happened-duplicates"),
        "gaps": say("conform.happened-gaps"),
        "restarts": say("conform.happened-restarts"),
        "strangers": say("conform.happened-strangers"),
    }


def _mends(say: Texts) -> dict[Trial, str]:
    return {
        "reading": say("conform.mend-reading"),
        "erasure": say("conform.mend-erasure"),
        "duplicates": say("conform.mend-duplicates"),
        "gaps": say("conform.mend-gaps"),
        "restarts": say("conform.mend-restarts"),
        "strangers": say("conform.mend-strangers"),
    }


def _came_to(outcome: Outcome, say: Texts) -> str:
    details = outcome.details
    match outcome.ending:
        case "stuck":
            return say("conform.stuck", **details, next=_next(details, say))
        case "ended":
            return say("conform.ended", **details, next=_next(details, say))
        case "stays":
            return say("conform.stays")
        case "keeps":
            return say("conform.keeps", **details)
        case _:
            said, expected = parted(details["said"], details["expected"])
            return say("conform.differs", said=shown(said), expected=shown(expected))


def _next(details: dict[str, Any], say: Texts) -> str:
    """Say which event a subscriber did not get beyond."""
    kind: str = details["type"]
    strange = {
        "type": say("conform.strange-type", type=kind),
        "version": say("conform.strange-version", type=kind),
        "field": say("conform.strange-field", type=kind),
        "word": say("conform.strange-word", type=kind),
    }
    return strange.get(details["strange"], kind)


def parted(said: object, expected: object) -> tuple[object, object]:
    """Return of two values what is not the same in them."""
    if not (isinstance(said, dict) and isinstance(expected, dict)):
        return said, expected
    keys = [key for key in {**said, **expected} if said.get(key) != expected.get(key)]
    found = {key: parted(said.get(key), expected.get(key)) for key in keys}
    return {key: pair[0] for key, pair in found.items()}, {key: pair[1] for key, pair in found.items()}


def shown(value: object) -> str:
    """Return a value as a person can take it in."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
