"""What an Open311 request is refused for: one or several complaints, each with a status and its words.

By the standard 403 is a missing or wrong key, 404 what does not exist, and 400 nearly everything else.
"""

from http import HTTPStatus
from typing import Any

from msgspec import Struct

from labkit.messages import Texts
from ledger.domain.errors import CommandIdReused, Refusal
from ledger.domain.vocabulary import Language

SHOWN_MAX = 60
_NOT_FOUND = ("unknown-authority", "unknown-service", "unknown-case")


class Complaint(Struct, frozen=True):
    """One thing that is wrong, in the words of a text of the catalogue or of a refusal."""

    status: HTTPStatus
    text: str
    details: dict[str, object]
    refusal: Refusal | None = None

    def told(self, language: Language) -> dict[str, Any]:
        """Return the error as it is answered."""
        words = self.refusal.message(language) if self.refusal else Texts(language)(self.text, **self.details)
        return {"code": int(self.status), "description": words}


class Refused(Exception):
    """A request is not answered as asked."""

    def __init__(self, complaints: list[Complaint], *, retry_after_s: int | None = None) -> None:
        """Keep everything that is wrong; the first of them gives the status of the answer."""
        super().__init__(complaints[0].text)
        self.complaints = complaints
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> HTTPStatus:
        """Return the status of the answer."""
        return self.complaints[0].status


def complaint(status: HTTPStatus, text: str, **details: object) -> Complaint:
    """Return a complaint; what is long, as a caller may have written it, is shown in part only."""
    return Complaint(status, text, {name: _shown(str(value)) for name, value in details.items()})


def refused(status: HTTPStatus, text: str, **details: object) -> Refused:
    """Return the exception of a single complaint."""
    return Refused([complaint(status, text, **details)])


def refused_by_ledger(refusal: Refusal) -> Refused:
    """Return the exception of a rule of the ledger that said no, in the rule's own words."""
    if isinstance(refusal, CommandIdReused):
        return refused(HTTPStatus.BAD_REQUEST, "open311-error.key-reused")
    status = HTTPStatus.NOT_FOUND if refusal.code in _NOT_FOUND else HTTPStatus.BAD_REQUEST
    return Refused([Complaint(status, refusal.code, {}, refusal)])


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"
