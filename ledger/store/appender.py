"""The one writer's thread: it drains its queue into a batch, has it written, and answers everybody at once.

Nothing is answered before it is durable, and a queue that is full takes nothing more.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from msgspec import Struct

from ledger.store.database import StoreError, StoreIsBusy
from ledger.store.group_work import Asked
from ledger.store.verdict import Answer
from ledger.store.writing import Outcome, Writer

STOP_TIMEOUT_S = 30
CROWD = 16
GATHERING_S = 0.0005
GATHERING_MAX = 10
"""A group waits for the rest of a crowd, half a millisecond at a time: less than the syncs that it spares."""


class Limits(Struct, frozen=True, kw_only=True):
    """The bounds of the writer."""

    group_size_max: int = 1_000
    queue_size_max: int = 20_000
    cached_states_max: int = 50_000


class _Entry(Struct):
    """What was handed in at once, and where its answer goes, or the answers of several."""

    asked: Sequence[Asked]
    reply: Future[Any] | asyncio.Future[Any]
    several: bool = False

    def resolve(self, outcomes: list[Outcome]) -> None:
        """Give those who wait what they wait for; they may have gone."""
        if self.reply.done():
            return
        if self.several:
            self.reply.set_result(outcomes)
        elif isinstance(outcomes[0], Exception):
            self.reply.set_exception(outcomes[0])
        else:
            self.reply.set_result(outcomes[0])


class Appender:
    """Owns the writing thread; commands may come from any thread and any event loop."""

    def __init__(self, writer: Writer, *, limits: Limits) -> None:
        """Start the writing thread; whoever sets `on_batch` hears the size of each batch."""
        self._writer = writer
        self._limits = limits
        self.on_batch: Callable[[int], object] | None = None
        self._stopping = False
        self._counting = Lock()
        self._waiting = 0
        self._last_group = 0
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    def submit(self, asked: Asked) -> Future[Answer]:
        """Hand in a command from a thread.

        Raises:
            StoreIsBusy: the queue is full; nothing was taken.
        """
        reply: Future[Answer] = Future()
        self._enqueue(_Entry((asked,), reply))
        return reply

    def submit_async(self, asked: Asked) -> asyncio.Future[Answer]:
        """Hand in a command from an event loop; its answers come back in one wake-up a group."""
        reply: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._enqueue(_Entry((asked,), reply))
        return reply

    def submit_together(self, asked: Sequence[Asked]) -> Future[list[Outcome]]:
        """Hand in commands that become durable in one group, in this order: after a stop, all are there or none.

        Raises:
            StoreIsBusy: the queue is full; nothing was taken.
        """
        reply: Future[list[Outcome]] = Future()
        self._enqueue(_Entry(asked, reply, several=True))
        return reply

    def submit_together_async(self, asked: Sequence[Asked]) -> asyncio.Future[list[Outcome]]:
        """Hand in such commands from an event loop."""
        reply: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._enqueue(_Entry(asked, reply, several=True))
        return reply

    def waiting(self) -> int:
        """Return how many commands were handed in and are not taken yet."""
        return self._waiting

    def stop(self) -> None:
        """Answer what is in the queue, then stop."""
        self._queue.put(None)
        self._thread.join(STOP_TIMEOUT_S)
        with suppress(Empty):
            while True:  # what came in after the last group; nothing more is put in a queue without a thread
                late = self._queue.get_nowait()
                if late is not None:
                    _reply([late], [_stopping()] * len(late.asked))

    def _enqueue(self, entry: _Entry) -> None:
        with self._counting:
            if self._waiting >= self._limits.queue_size_max:
                raise StoreIsBusy
            if not self._thread.is_alive():
                raise _stopping()
            self._waiting += len(entry.asked)
            self._queue.put(entry)

    def _run(self) -> None:
        while entries := self._next_entries():
            batch = [asked for entry in entries for asked in entry.asked]
            if self.on_batch:
                self.on_batch(len(batch))
            _reply(entries, self._writer.commit(batch))

    def _next_entries(self) -> list[_Entry]:
        """Wait for somebody, and return all who wait, up to a full group; nothing once there is to be no more.

        Those who were answered together often come back together: half of them would make two groups of one.
        """
        if self._last_group >= CROWD:
            self._gather()
        entries: list[_Entry] = []
        commands = 0
        while not self._stopping and commands < self._limits.group_size_max:
            try:
                entry = self._queue.get(block=not entries)
            except Empty:
                break
            if entry is None:
                self._stopping = True
            else:
                entries.append(entry)
                commands += len(entry.asked)
        with self._counting:
            self._waiting -= commands
        self._last_group = commands
        return entries

    def _gather(self) -> None:
        """Wait for those who come back, as long as more of them do and some are missing."""
        come = -1
        for _ in range(GATHERING_MAX):
            if not come < self._waiting < self._last_group:
                return
            come = self._waiting
            time.sleep(GATHERING_S)


def _reply(entries: list[_Entry], outcomes: list[Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Entry, list[Outcome]]]] = {}
    first = 0
    for entry in entries:
        theirs = outcomes[first : first + len(entry.asked)]
        first += len(entry.asked)
        if isinstance(entry.reply, asyncio.Future):
            by_loop.setdefault(entry.reply.get_loop(), []).append((entry, theirs))
        else:
            entry.resolve(theirs)
    for loop, answered in by_loop.items():
        with suppress(RuntimeError):  # a loop that was closed has nobody left who waits
            loop.call_soon_threadsafe(_resolve, answered)


def _resolve(answered: list[tuple[_Entry, list[Outcome]]]) -> None:
    for entry, outcomes in answered:
        entry.resolve(outcomes)


def _stopping() -> StoreError:
    return StoreError("The ledger is stopping: send the command again, with the same identifier.")
