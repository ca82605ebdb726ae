"""Which case holds a post or an answer: kept in memory, read from the log as it grows, like the index of cases."""

from threading import Lock
from uuid import UUID

import msgspec
from msgspec import Struct

from labkit.prototype.cases import Cases
from labkit.prototype.index import PAGE
from ledger.domain.events import InteractionRecorded
from ledger.domain.identifiers import CaseId
from ledger.domain.record import LoggedEvent
from ledger.domain.vocabulary import Channel


class _Told(Struct):
    interaction_id: UUID


class Whereabouts:
    """Where the contacts of the social networks are; may be asked from several threads."""

    def __init__(self, cases: Cases) -> None:
        """Read nothing before the first question."""
        self._cases = cases
        self._lock = Lock()
        self._position = 0
        self._found: dict[UUID, CaseId] = {}

    def case_of(self, *names: UUID) -> CaseId | None:
        """Return the case that has one of these names itself, or holds a contact that has."""
        with self._lock:
            while page := self._cases.ledger.read(self._position, PAGE):
                for logged in page:
                    self._take(logged)
                self._position = page[-1].position
            return next((self._found[each] for each in names if each in self._found), None)

    def _take(self, logged: LoggedEvent) -> None:
        meta = logged.metadata
        ours = meta.service == self._cases.offer.service and meta.channel is Channel.SOCIAL
        if ours and meta.subject is not None and logged.tag == str(InteractionRecorded.__struct_config__.tag):
            told = msgspec.json.decode(logged.data, type=_Told)
            self._found[told.interaction_id] = self._found[meta.subject] = CaseId(meta.subject)
