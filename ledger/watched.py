"""The ledger while it is watched: the same one, wrapped. Unwatched, nothing of this is there.

What is handed in together is one span, from then until its answer. Its events carry that span on as their
`traceparent`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.record import Cause
from ledger.settings import Settings
from ledger.store.verdict import Answer
from ledger.watching.instruments import Instruments
from ledger.watching.traces import mark_failed

if TYPE_CHECKING:
    from prometheus_client import Histogram

    from ledger.watching.meters import Reading
    from ledger.watching.traces import Tracing

_NO_CAUSE = Cause()
_Reply = TypeVar("_Reply", Future[Answer], asyncio.Future[Answer])


def open_ledger(settings: Settings, instruments: Instruments, *, on_commit: Callable[[int], None]) -> CaseLedger:
    """Open the ledger that the settings name, watched if there is anything to watch it with."""
    if instruments.tracing or instruments.meters:
        return WatchedLedger(settings, instruments, on_commit=on_commit)
    return CaseLedger(settings, on_commit=on_commit)


class WatchedLedger(CaseLedger):
    """A ledger that tells how long its commands take, and ties their events to what led to them."""

    def __init__(self, settings: Settings, instruments: Instruments, *, on_commit: Callable[[int], None]) -> None:
        """Open the ledger that the settings name."""
        super().__init__(settings, on_commit=on_commit)
        self._tracing = instruments.tracing
        self._seconds: Histogram | None = None
        if meters := instruments.meters:
            self._seconds = meters.histogram("append_seconds")
            self._appender.on_batch = meters.histogram("group_commands").observe
            meters.show(self._readings)

    def execute_together(
        self, commands: Sequence[tuple[LedgerCommand, Stamp]], cause: Cause = _NO_CAUSE
    ) -> list[Answer]:
        """Execute commands in order, durable together: whatever is killed, all of them are there or none."""
        with self._appending(cause, len(commands)) as append:
            answers = super().execute_together(commands, append.cause)
            append.end()
            return answers

    def submit(self, command: LedgerCommand, stamp: Stamp, cause: Cause = _NO_CAUSE) -> Future[Answer]:
        """Hand in one command; its answer comes when it is durable."""
        with self._appending(cause) as append:
            return append.until(super().submit(command, stamp, append.cause))

    def submit_async(self, command: LedgerCommand, stamp: Stamp, cause: Cause = _NO_CAUSE) -> asyncio.Future[Answer]:
        """Hand in one command from an event loop."""
        with self._appending(cause) as append:
            return append.until(super().submit_async(command, stamp, append.cause))

    async def submit_together(
        self, commands: Sequence[LedgerCommand], stamp: Stamp, cause: Cause = _NO_CAUSE
    ) -> list[Answer]:
        """Hand in commands from an event loop, in order and durable together; each has a verdict of its own."""
        with self._appending(cause, len(commands)) as append:
            answers = await super().submit_together(commands, stamp, append.cause)
            append.end()
            return answers

    @contextmanager
    def _appending(self, cause: Cause, commands: int = 1) -> Iterator["_Append"]:
        append = _Append(cause, commands, tracing=self._tracing, seconds=self._seconds)
        try:
            yield append
        except BaseException as error:
            append.end(error)
            raise

    def _readings(self) -> "list[Reading]":
        from ledger.watching.meters import Reading  # noqa: PLC0415  # the extra may not be installed

        return [Reading("ledger_position", self.head()), Reading("queue_length", self._appender.waiting())]


class _Append:
    """What was handed in together and is not answered yet."""

    def __init__(self, cause: Cause, commands: int, *, tracing: "Tracing | None", seconds: "Histogram | None") -> None:
        self.cause = cause
        self._seconds = seconds
        self._begun_s = time.perf_counter()
        self._span = tracing.begin("append", cause.traceparent) if tracing else None
        if tracing and self._span:
            self._span.set_attribute("ledger.commands", commands)
            self.cause = replace(cause, traceparent=tracing.traceparent(self._span))

    def until(self, reply: _Reply) -> _Reply:
        """End when the reply is there."""
        reply.add_done_callback(self._hear)
        return reply

    def end(self, error: BaseException | None = None) -> None:
        """End now."""
        if self._seconds:
            self._seconds.observe(time.perf_counter() - self._begun_s)
        if self._span:
            if error:
                mark_failed(self._span, error)
            self._span.end()

    def _hear(self, reply: Future[Answer] | asyncio.Future[Answer]) -> None:
        self.end(None if reply.cancelled() else reply.exception())
