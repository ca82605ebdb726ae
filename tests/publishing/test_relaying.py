"""The relay on a stream in memory, where every way to fail can be asked for."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from ledger.publishing.message import End, EventTooLarge, Message, PublishDoubt, StreamMismatch, end_of
from ledger.publishing.relay import Pace, Relay

if TYPE_CHECKING:
    from tests.conftest import MemoryLog

SOURCE = "https://pau.example/ledger"
HASTE = Pace(batch_size_max=7, doubt_wait_s=0.0)


class Crash(Struct, frozen=True):
    """An append that goes wrong: how many of its messages are stored all the same, and who notices."""

    stored: int
    kills_the_relay: bool = False


class MemoryStream:
    """A fenced stream that goes wrong as it is told, once for each crash, and then works."""

    def __init__(self, *crashes: Crash | None, silent: int = 0) -> None:
        self.messages: list[Message] = []
        self.sizes: list[int] = []
        self.appended_at: list[float] = []
        self._crashes = list(crashes)
        self._silent = silent

    async def ensure(self) -> None:
        """Be there."""

    async def end(self) -> End:
        if self._silent:
            self._silent -= 1
            raise PublishDoubt("silent")
        if not self.messages:
            return End()
        return end_of(self.messages[-1].position, self.messages[-1].payload)

    async def append(self, messages: list[Message]) -> None:
        await asyncio.sleep(0)
        self.sizes.append(len(messages))
        self.appended_at.append(time.monotonic())
        crash = self._crashes.pop(0) if self._crashes else None
        for message in messages[: crash.stored if crash else None]:
            if message.position != len(self.messages) + 1:
                raise PublishDoubt("wrong last sequence")
            self.messages.append(message)
        if crash and crash.kills_the_relay:
            raise asyncio.CancelledError
        if crash:
            raise PublishDoubt("the acknowledgement was lost")


class Idle(Exception):
    """The relay has nothing left to do."""


async def stop_when_idle(_: float) -> None:
    raise Idle


async def relay(log: "MemoryLog", stream: MemoryStream, pace: Pace = HASTE) -> None:
    """Run a relay until it has nothing left to do; if it is killed, start another."""
    while True:
        try:
            await Relay(log, stream, source=SOURCE, wait=stop_when_idle, pace=pace).run()
        except asyncio.CancelledError:
            continue
        except Idle:
            return


def is_exact(stream: MemoryStream, log: "MemoryLog") -> bool:
    return [(message.position, message.event_id) for message in stream.messages] == [
        (event.position, event.event_id) for event in log.events
    ]


async def test_an_empty_ledger_is_relayed_as_nothing(log: "MemoryLog") -> None:
    stream = MemoryStream()

    await relay(log, stream)

    assert stream.messages == []


async def test_the_log_is_copied_in_order_in_bounded_pages(log: "MemoryLog") -> None:
    log.record(20)
    stream = MemoryStream()

    await relay(log, stream)

    assert is_exact(stream, log)
    assert stream.sizes == [7, 7, 6]


async def test_a_later_relay_goes_on_after_the_end_of_the_stream(log: "MemoryLog") -> None:
    log.record(7)
    stream = MemoryStream()
    await relay(log, stream)
    log.record(3)

    await relay(log, stream)

    assert is_exact(stream, log)
    assert stream.sizes == [7, 3]


@pytest.mark.parametrize("stored", [0, 1, 4, 7])
async def test_after_a_lost_acknowledgement_the_relay_looks_at_the_stream(log: "MemoryLog", stored: int) -> None:
    log.record(20)
    stream = MemoryStream(Crash(stored))

    await relay(log, stream)

    assert is_exact(stream, log)


async def test_a_stream_that_is_silent_for_a_while_is_asked_again(log: "MemoryLog") -> None:
    log.record(20)
    stream = MemoryStream(silent=5)

    await relay(log, stream)

    assert is_exact(stream, log)


@settings(max_examples=60, deadline=None)
@given(
    crashes=st.lists(
        st.none() | st.builds(Crash, stored=st.integers(0, 8), kills_the_relay=st.booleans()), max_size=25
    ),
    relays=st.integers(1, 3),
    recorded=st.lists(st.integers(1, 30), min_size=1, max_size=4),
)
def test_whatever_crashes_and_however_many_relays_the_stream_is_an_exact_copy(
    new_log: "Callable[[], MemoryLog]", crashes: list[Crash | None], relays: int, recorded: list[int]
) -> None:
    log, stream = new_log(), MemoryStream(*crashes)

    async def story() -> None:
        for count in recorded:
            log.record(count)
            await asyncio.gather(*[relay(log, stream) for _ in range(relays)])

    asyncio.run(story())

    assert is_exact(stream, log)


async def test_doubts_without_an_end_are_further_and_further_apart(log: "MemoryLog") -> None:
    log.record(1)
    stream = MemoryStream(*[Crash(0)] * 5)

    await relay(log, stream, Pace(doubt_wait_s=0.02, doubt_wait_max_s=0.06))

    waits_s = [later - sooner for sooner, later in pairwise(stream.appended_at)]
    assert all(wait_s >= least_s for wait_s, least_s in zip(waits_s, [0.02, 0.04, 0.06, 0.06, 0.06], strict=True))


async def test_after_a_success_the_next_doubt_is_the_first_again(log: "MemoryLog") -> None:
    log.record(2)
    stream = MemoryStream(*[Crash(0)] * 3, None, Crash(0))

    await relay(log, stream, Pace(batch_size_max=1, doubt_wait_s=0.1))

    waits_s = [later - sooner for sooner, later in pairwise(stream.appended_at)]
    assert 0.1 <= waits_s[4] < 0.4


async def test_a_stream_ahead_of_the_ledger_is_left_alone(new_log: "Callable[[], MemoryLog]") -> None:
    stream, whole, restored = MemoryStream(), new_log(), new_log()
    whole.record(20)
    await relay(whole, stream)
    restored.record(12)

    with pytest.raises(StreamMismatch, match="ends at position 20, the ledger at 12"):
        await relay(restored, stream)

    assert is_exact(stream, whole)


async def test_the_stream_of_another_ledger_is_left_alone(new_log: "Callable[..., MemoryLog]") -> None:
    stream, ours, theirs = MemoryStream(), new_log(), new_log("theirs")
    ours.record(20)
    theirs.record(12)
    await relay(theirs, stream)

    with pytest.raises(StreamMismatch, match="At position 12"):
        await relay(ours, stream)

    assert is_exact(stream, theirs)


async def test_the_same_command_recorded_again_after_a_restoration_is_another_event(log: "MemoryLog") -> None:
    log.record(3)
    stream = MemoryStream()
    lost = log.events[2]
    stream.end = lambda: asyncio.sleep(  # type: ignore[method-assign]  # what was published before the restoration
        0, End(3, lost.event_id, lost.metadata.recorded_at - timedelta(minutes=1))
    )

    with pytest.raises(StreamMismatch, match="At position 3"):
        await relay(log, stream)


async def test_a_stream_whose_end_is_no_event_is_left_alone(log: "MemoryLog") -> None:
    log.record(3)
    stream = MemoryStream()
    stream.end = lambda: asyncio.sleep(0, End(2))  # type: ignore[method-assign]  # what somebody wrote into it

    with pytest.raises(StreamMismatch, match="At position 2"):
        await relay(log, stream)

    assert stream.messages == []


async def test_an_event_too_large_ends_the_relay(log: "MemoryLog") -> None:
    log.record(3)
    stream = MemoryStream()

    async def refuse(messages: list[Message]) -> None:
        raise EventTooLarge(messages[0], 1_000)

    stream.append = refuse  # type: ignore[method-assign]  # a server that takes little

    with pytest.raises(StreamMismatch, match="Event 1 takes"):
        await relay(log, stream)


async def test_an_idle_relay_looks_again_only_when_its_wait_is_over(log: "MemoryLog") -> None:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(seconds)

    pace = Pace(idle_wait_s=0.1)
    task = asyncio.create_task(Relay(log, MemoryStream(), source=SOURCE, wait=wait, pace=pace).run())
    await asyncio.sleep(0.45)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert set(waits) == {0.1}
    assert log.reads <= 6
