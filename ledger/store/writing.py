"""What writes a ledger, one group at a time: decides each command of a batch in memory, and commits them all at once.

One fsync pays for the batch. Deciding happens inside the group's exclusive transaction, so nothing that another
process writes can contradict it. There is no thread, no clock and no new identifier here: the same batches on the
same storage come to the same log.
"""

import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence

from eventsourcing.persistence import PersistenceError

from ledger.domain.case import State, evolve
from ledger.domain.events import BY_TAG, CitizenForgotten
from ledger.domain.identifiers import StreamId, authority_stream
from ledger.domain.record import LoggedEvent
from ledger.store.database import LedgerRecorder, StoreError, StoreIsFull
from ledger.store.group_work import Asked, GroupWork
from ledger.store.mapper import LedgerMapper, decode_event, logged
from ledger.store.vault import Vault
from ledger.store.verdict import Answer
from ledger.watching.logs import described

log = logging.getLogger(__name__)

CATCH_UP_PAGE = 1_000
Outcome = Answer | Exception


class Writer:
    """The cache of folded states and the order of the log; for one thread."""

    def __init__(
        self,
        recorder: LedgerRecorder,
        mapper: LedgerMapper,
        vault: Vault,
        *,
        cached_states_max: int = 50_000,
        on_commit: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Honour every fence of the log; `on_commit` hears the new head after each group."""
        self._recorder = recorder
        self._mapper = mapper
        self._vault = vault
        self._cached_states_max = cached_states_max
        self._on_commit = on_commit
        self._cache: OrderedDict[StreamId, State] = OrderedDict()
        self._head = 0
        self._catch_up(recorder.head())

    def commit(self, batch: Sequence[Asked]) -> list[Outcome]:
        """Decide and store a batch; return what became of each command, once it is durable."""
        try:
            with self._recorder.group() as group:
                if group.head != self._head:
                    self._catch_up(group.head)
                work = GroupWork(group, self._recorder, self._mapper, self._vault, self._cache)
                work.recall([asked.command.command_id for asked in batch])
                outcomes = [work.answer(asked) for asked in batch]
                self._vault.flush()
                if work.events:
                    group.append(work.events)
                group.log(work.verdicts)
                head = group.head
        except Exception as error:  # noqa: BLE001  # whatever happened, every caller must hear of it
            self._vault.discard()
            return [_failure(error)] * len(batch)
        try:
            self._settle(work, head)
        except Exception as error:  # noqa: BLE001  # kept, but not all of it done: a repeat catches up and learns so
            return [_failure(error)] * len(batch)
        return outcomes

    def _settle(self, work: GroupWork, head: int) -> None:
        for subject, erased_at in work.fences:
            self._vault.erase(subject, erased_at)
        self._head = head
        for stream, state in work.states.items():
            self._cache[stream] = state
            self._cache.move_to_end(stream)
        while len(self._cache) > self._cached_states_max:
            self._cache.popitem(last=False)
        if work.events:
            self._announce(head)

    def _announce(self, head: int) -> None:
        try:
            self._on_commit(head)
        except Exception:
            log.exception("Nobody could be told of position %s", head)

    def _catch_up(self, head: int) -> None:
        """Move the states along with what another process wrote, and honour its fences."""
        while self._cache and self._head < head:
            rows = self._recorder.read(self._head, CATCH_UP_PAGE)
            for row in rows:
                self._follow(logged(row))
            self._head += len(rows)
        self._head = head
        for row in self._recorder.fences():
            event = decode_event(row[2], row[4])
            if isinstance(event, CitizenForgotten):
                self._vault.erase(event.citizen, event.stamp.recorded_at.isoformat())

    def _follow(self, row: LoggedEvent) -> None:
        stream = row.metadata.subject or authority_stream(row.metadata.authority or "")
        state = self._cache.pop(stream, None)
        if state is None or row.tag not in BY_TAG:
            return
        event = decode_event(row.tag, row.data)
        if event.stream_id == stream:
            self._cache[stream] = evolve(state, event)


def _failure(error: Exception) -> Exception:
    # A database quotes what it met from the second line of an error on, and any other error may do so anywhere.
    told = str(error).partition("\n")[0] if isinstance(error, (PersistenceError, sqlite3.Error)) else described(error)
    log.error("A group could not be committed: %s", told)
    if "full" in str(error) and isinstance(error, (PersistenceError, sqlite3.Error)):
        return StoreIsFull()
    if isinstance(error, (PersistenceError, sqlite3.Error)):
        return StoreError(f"The ledger could not be written ({error}): send the command again, unchanged.")
    return error
