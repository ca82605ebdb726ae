"""The one writer: it drains its queue, decides each command in memory, and commits the whole group at once.

One fsync pays for the batch. Nothing is answered before the commit, a repeated command is answered as
the first time, and deciding happens inside the group's exclusive transaction, so no conflict can arise.
"""

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from ledger.domain.case import State, evolve
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import BY_TAG, CitizenForgotten, Stamp
from ledger.domain.identifiers import StreamId, authority_stream
from ledger.domain.record import Cause, LoggedEvent
from ledger.store.database import LedgerRecorder, StoreError, StoreIsBusy, StoreIsFull
from ledger.store.group_work import Asked, GroupWork
from ledger.store.mapper import LedgerMapper, decode_event, logged
from ledger.store.vault import Vault
from ledger.store.verdict import Answer

log = logging.getLogger(__name__)

CATCH_UP_PAGE = 1_000
STOP_TIMEOUT_S = 30


class Limits(Struct, frozen=True, kw_only=True):
    """The bounds of the writer."""

    group_size_max: int = 1_000
    queue_size_max: int = 20_000
    cached_states_max: int = 50_000


class _Pending(Asked):
    """A command in the queue, and where its answer goes."""

    reply: Future[Answer] | asyncio.Future[Answer]


_Outcome = tuple[_Pending, Answer | Exception]


class Appender:
    """Owns the writing thread, the cache of folded states, and the order of the log."""

    def __init__(
        self,
        recorder: LedgerRecorder,
        mapper: LedgerMapper,
        vault: Vault,
        *,
        limits: Limits,
        on_commit: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Start the writing thread; `on_commit` hears the new head after each group."""
        self._recorder = recorder
        self._mapper = mapper
        self._vault = vault
        self._limits = limits
        self._on_commit = on_commit
        self._queue: SimpleQueue[list[_Pending] | None] = SimpleQueue()
        self._cache: OrderedDict[StreamId, State] = OrderedDict()
        self._head = 0
        self._catch_up(recorder.head())
        self._thread = Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    def submit(self, command: LedgerCommand, stamp: Stamp, cause: Cause) -> Future[Answer]:
        """Hand in a command from a thread.

        Raises:
            StoreIsBusy: the queue is full; nothing was taken.
        """
        reply: Future[Answer] = Future()
        self._enqueue([_Pending(command, stamp, cause, reply)])
        return reply

    def submit_together(self, commands: Sequence[tuple[LedgerCommand, Stamp]], cause: Cause) -> list[Future[Answer]]:
        """Hand in commands that become durable in one group, in this order: after a stop, all are there or none.

        Raises:
            StoreIsBusy: the queue is full; nothing was taken.
        """
        replies: list[Future[Answer]] = [Future() for _ in commands]
        told = zip(commands, replies, strict=True)
        self._enqueue([_Pending(command, stamp, cause, reply) for (command, stamp), reply in told])
        return replies

    def submit_async(self, command: LedgerCommand, stamp: Stamp, cause: Cause) -> asyncio.Future[Answer]:
        """Hand in a command from an event loop; its answers come back in one wake-up a group."""
        reply: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._enqueue([_Pending(command, stamp, cause, reply)])
        return reply

    def stop(self) -> None:
        """Answer what is in the queue, then stop."""
        self._queue.put(None)
        self._thread.join(STOP_TIMEOUT_S)
        with suppress(Empty):
            while True:  # what came in after the last group; nothing more is put in a queue without a thread
                late = self._queue.get_nowait()
                if late is not None:
                    _reply([(pending, _stopping()) for pending in late])

    def _enqueue(self, together: list[_Pending]) -> None:
        if self._queue.qsize() >= self._limits.queue_size_max:
            raise StoreIsBusy
        if not self._thread.is_alive():
            raise _stopping()
        self._queue.put(together)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch: list[_Pending] = []
            entry = self._queue.get()
            while entry is not None:
                batch += entry
                if len(batch) >= self._limits.group_size_max:
                    break
                try:
                    entry = self._queue.get_nowait()
                except Empty:
                    break
            stopping = entry is None
            if batch:
                _reply(self._commit(batch))

    def _commit(self, batch: list[_Pending]) -> list[_Outcome]:
        try:
            with self._recorder.group() as group:
                if group.head != self._head:
                    self._catch_up(group.head)
                work = GroupWork(group, self._recorder, self._mapper, self._vault, self._cache)
                work.recall([pending.command.command_id for pending in batch])
                outcomes = [(pending, work.answer(pending)) for pending in batch]
                self._vault.flush()
                if work.events:
                    group.append(work.events)
                group.log(work.verdicts)
                head = group.head
        except Exception as error:  # noqa: BLE001  # whatever happened, every caller must hear of it
            self._vault.discard()
            failure = _failure(error)
            return [(pending, failure) for pending in batch]
        try:
            self._settle(work, head)
        except Exception as error:  # noqa: BLE001  # kept, but not all of it done: a repeat catches up and learns so
            failure = _failure(error)
            return [(pending, failure) for pending in batch]
        return outcomes

    def _settle(self, work: GroupWork, head: int) -> None:
        for subject, erased_at in work.fences:
            self._vault.erase(subject, erased_at)
        self._head = head
        for stream, state in work.states.items():
            self._cache[stream] = state
            self._cache.move_to_end(stream)
        while len(self._cache) > self._limits.cached_states_max:
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


def _reply(outcomes: list[_Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for pending, outcome in outcomes:
        if isinstance(pending.reply, asyncio.Future):
            by_loop.setdefault(pending.reply.get_loop(), []).append((pending, outcome))
        else:
            _resolve([(pending, outcome)])
    for loop, theirs in by_loop.items():
        with suppress(RuntimeError):  # a loop that was closed has nobody left who waits
            loop.call_soon_threadsafe(_resolve, theirs)


def _resolve(outcomes: list[_Outcome]) -> None:
    for pending, outcome in outcomes:
        if pending.reply.done():
            continue
        if isinstance(outcome, Exception):
            pending.reply.set_exception(outcome)
        else:
            pending.reply.set_result(outcome)


def _stopping() -> StoreError:
    return StoreError("The ledger is stopping: send the command again, with the same identifier.")


def _failure(error: Exception) -> Exception:
    log.error("A group could not be committed: %s", error)
    if "full" in str(error) and isinstance(error, (PersistenceError, sqlite3.Error)):
        return StoreIsFull()
    if isinstance(error, (PersistenceError, sqlite3.Error)):
        return StoreError(f"The ledger could not be written ({error}): send the command again, unchanged.")
    return error
