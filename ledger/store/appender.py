"""The one writer's thread: it drains its queue into a batch, has it written, and answers everybody at once.

Nothing is answered before it is durable, and a queue that is full takes nothing more.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from msgspec import Struct

from ledger.domain.commands import LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.record import Cause
from ledger.store.database import StoreError, StoreIsBusy
from ledger.store.group_work import Asked
from ledger.store.verdict import Answer
from ledger.store.writing import Outcome, Writer

STOP_TIMEOUT_S = 30


class Limits(Struct, frozen=True, kw_only=True):
    """The bounds of the writer."""

    group_size_max: int = 1_000
    queue_size_max: int = 20_000
    cached_states_max: int = 50_000


class _Pending(Asked):
    """A command in the queue, and where its answer goes."""

    reply: Future[Answer] | asyncio.Future[Answer]


_Answered = tuple[_Pending, Outcome]


class Appender:
    """Owns the writing thread; commands may come from any thread and any event loop."""

    def __init__(self, writer: Writer, *, limits: Limits) -> None:
        """Start the writing thread."""
        self._writer = writer
        self._limits = limits
        self._queue: SimpleQueue[list[_Pending] | None] = SimpleQueue()
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
                    _reply(late, [_stopping()] * len(late))

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
                _reply(batch, self._writer.commit(batch))


def _reply(batch: list[_Pending], outcomes: Sequence[Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Answered]] = {}
    for answered in zip(batch, outcomes, strict=True):
        reply = answered[0].reply
        if isinstance(reply, asyncio.Future):
            by_loop.setdefault(reply.get_loop(), []).append(answered)
        else:
            _resolve([answered])
    for loop, theirs in by_loop.items():
        with suppress(RuntimeError):  # a loop that was closed has nobody left who waits
            loop.call_soon_threadsafe(_resolve, theirs)


def _resolve(answered: list[_Answered]) -> None:
    for pending, outcome in answered:
        if pending.reply.done():
            continue
        if isinstance(outcome, Exception):
            pending.reply.set_exception(outcome)
        else:
            pending.reply.set_result(outcome)


def _stopping() -> StoreError:
    return StoreError("The ledger is stopping: send the command again, with the same identifier.")
