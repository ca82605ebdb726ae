"""What is asked when a letter is registered or written, and what is wrong with what was typed. Pure.

The two forms have the shape of events, so that they are asked and read as pages are; they are never recorded.
"""

from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta

from labkit.prototype.events import Document, Line, ServiceEvent
from labkit.prototype.texts import Texts

POSTMARK_AGE_MAX = timedelta(days=366)
Lines = Annotated[str, Meta(min_length=1, max_length=3_500, extra={"kind": "lines"})]
# Ten lines at most: what stands between two of them takes three letters in the one line that the ledger keeps.
AddressLines = Annotated[
    str, Meta(min_length=1, max_length=180, pattern=r"^[^\n]*(\n[^\n]*){0,9}$(?!\n)", extra={"kind": "lines"})
]


class LetterForm(ServiceEvent, frozen=True, kw_only=True, tag="letter-form.v1"):
    """What an agent says of a letter that came."""

    scan: Document | None = None
    postmarked_on: date
    received_on: date
    registered: bool
    reference: Line | None = None
    sender: AddressLines | None = None
    transcription: Lines | None = None


class ReplyForm(ServiceEvent, frozen=True, kw_only=True, tag="reply-form.v1"):
    """What an agent writes in a letter that leaves."""

    recipient: AddressLines
    subject: Line
    body: Lines
    registered: bool


def problems(letter: LetterForm, today: date, texts: Texts) -> dict[str, str]:
    """Return what is wrong with a letter, by field: its postmark counts for deadlines, its words must be somewhere."""
    errors = {}
    if letter.scan is None and letter.transcription is None:
        errors["scan"] = texts("post.nothing")
    if letter.postmarked_on > today:
        errors["postmarked_on"] = texts("post.postmark-future")
    elif letter.postmarked_on < today - POSTMARK_AGE_MAX:
        errors["postmarked_on"] = texts("post.postmark-old")
    if letter.received_on > today:
        errors["received_on"] = texts("post.received-future")
    elif letter.received_on < letter.postmarked_on:
        errors["received_on"] = texts("post.received-before")
    return errors
