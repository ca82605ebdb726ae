"""How answers reach the networks: signed, a bounded number of times, at the courier's own pace, in the background.

What is still to be sent is found on the ledger, where the end of every delivery is recorded: a restart loses nothing.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event
from time import monotonic
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from labkit.prototype.cases import Cases
from labkit.prototype.kit_events import DeliveryEnded
from labkit.prototype.social.posts import addressee_in
from labkit.prototype.social.threads import is_public, network_of, to_deliver
from ledger.domain.errors import Refusal
from ledger.domain.events import InteractionRecorded
from ledger.domain.identifiers import AgentRef, CaseId, Moment
from ledger.domain.vocabulary import Channel
from ledger.webhooks.signature import signed

COURIER: AgentRef = "courier"
ATTEMPTS_MAX = 5
PAUSE_S = 2.0
PULSE_S = 1.0
TIMEOUT_S = 5.0
CASES_MAX = 200
DUE_MAX = 20
# A closed case cannot say any more what has left, so that every restart would send its answers again.
LEAVES_WITHIN = timedelta(days=1)
_SUCCESS = range(200, 300)
log = logging.getLogger(__name__)


class Answer(Struct, frozen=True, kw_only=True):
    """An answer as it is sent; a reply to it names its `id`, a second delivery of it has the same."""

    type: str = "social.answer"
    id: UUID
    network: str
    to: str
    in_reply_to: str
    public: bool
    text: str
    answered_at: Moment


class Waiting(Struct):
    """An answer that has not left: how often that was tried, and when it is tried again."""

    case_id: CaseId
    attempts: int = 0
    due_at_s: float = 0.0


class Courier:
    """Sends the answers of one prototype to one address."""

    def __init__(self, cases: Cases, *, url: str, key: bytes, pause_s: float = PAUSE_S) -> None:
        """Wait `pause_s` after a first failure, twice as long after each of the following."""
        self._cases = cases
        self._url = url
        self._key = key
        self._pause_s = pause_s
        self._position = -1
        self._read: dict[CaseId, int] = {}
        self._waiting: dict[UUID, Waiting] = {}
        self._stopped = Event()

    async def run(self) -> None:
        """Send what is due, turn after turn, until stopped."""
        while not self._stopped.is_set():
            try:
                await asyncio.to_thread(self.turn)
            except Exception as error:  # noqa: BLE001  # a turn that failed must not be the last
                # Without the message of the error, which may hold what was to be sent.
                log.error("answers wait for their next turn: %s", type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(PULSE_S)

    def stop(self) -> None:
        """Let the delivery that is under way be the last."""
        self._stopped.set()

    def turn(self) -> None:
        """Send what is due."""
        self._look()
        due = [contact_id for contact_id, waiting in self._waiting.items() if waiting.due_at_s <= monotonic()]
        for contact_id in due[:DUE_MAX]:
            if not self._stopped.is_set():
                self._try(contact_id)

    def _look(self) -> None:
        """Find the answers that wait, in the cases that moved since the last turn."""
        position = self._cases.position()
        if position == self._position:
            return
        for entry in [each for each in self._cases.entries() if Channel.SOCIAL in each.channels][:CASES_MAX]:
            if self._read.get(entry.case_id) != entry.version:
                for contact in to_deliver(self._cases.get(entry.case_id)):
                    if not entry.closed or self._cases.clock() - contact.occurred_at < LEAVES_WITHIN:
                        self._waiting.setdefault(contact.interaction_id, Waiting(entry.case_id))
                self._read[entry.case_id] = entry.version
        self._position = position

    def _try(self, contact_id: UUID) -> None:
        waiting = self._waiting[contact_id]
        left = to_deliver(self._cases.get(waiting.case_id))
        contact = next((each for each in left if each.interaction_id == contact_id), None)
        if contact is None:
            del self._waiting[contact_id]
            return
        waiting.attempts += 1
        delivered = send(self._url, answer_of(contact), key=self._key, at=self._cases.clock())
        if delivered or waiting.attempts >= ATTEMPTS_MAX:
            del self._waiting[contact_id]
            self._end(waiting, contact_id, delivered=delivered)
        else:
            waiting.due_at_s = monotonic() + self._pause_s * 2 ** (waiting.attempts - 1)

    def _end(self, waiting: Waiting, contact_id: UUID, *, delivered: bool) -> None:
        ended = DeliveryEnded(answer=str(contact_id), delivered=delivered, attempts=waiting.attempts)
        try:
            self._cases.record(waiting.case_id, ended, Channel.SOCIAL, by=COURIER)
        except Refusal as refusal:
            # Closed meanwhile: the answer has left or not all the same, and the case says nothing more of it.
            log.warning("the end of a delivery was not recorded: %s", refusal.code)


def answer_of(contact: InteractionRecorded) -> Answer:
    """Return an answer as it is sent."""
    to = addressee_in(contact.contact)
    return Answer(
        id=contact.interaction_id,
        network=network_of(contact),
        to=to.author if to else "",
        in_reply_to=to.post_id if to else "",
        public=is_public(contact),
        text=contact.summary,
        answered_at=contact.occurred_at,
    )


def send(url: str, answer: Answer, *, key: bytes, at: datetime) -> bool:
    """Send an answer once, and tell whether the other side took it; a redirection is no yes."""
    body, parts = msgspec.json.encode(answer), urlsplit(url)
    headers = signed(body, key=key, delivery_id=str(answer.id), at=at)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.netloc, timeout=TIMEOUT_S)
        try:
            connection.request("POST", parts.path or "/", body, {**headers, "Content-Type": "application/json"})
            return connection.getresponse().status in _SUCCESS
        finally:
            connection.close()
    except (OSError, ValueError, HTTPException):  # ValueError: an address that cannot be one.
        return False
