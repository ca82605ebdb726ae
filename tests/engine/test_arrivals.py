"""What the server may deliver, and what a reader makes of it; no server is needed to say it."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from msgspec import Struct

from ledger.publishing.published import UnreadableEvent, compose
from projections.engine.arrivals import Arrivals, StreamDoubt, honour_cancellation

if TYPE_CHECKING:
    from tests.conftest import MemoryLog

SOURCE = "https://pau.example/ledger"
SHORT = "$JS.ACK.LEDGER.reader.1.{position}.{rank}.1790000000000000000.0"
WITH_A_DOMAIN = "$JS.ACK.hub.ACCOUNT.LEDGER.reader.1.{position}.{rank}.1790000000000000000.0.token"
WITH_A_DOMAIN_AND_NO_TOKEN = WITH_A_DOMAIN.removesuffix(".token")


class Delivery(Struct, frozen=True):
    """A message as the client library hands it over."""

    data: bytes = b""
    reply: str = ""
    headers: dict[str, str] | None = None


def word(status: str, **headers: str) -> Delivery:
    return Delivery(headers={"Status": status, **{name.replace("_", "-"): value for name, value in headers.items()}})


def delivered(log: "MemoryLog", *positions: int, rank: int = 1, reply: str = SHORT) -> list[Delivery]:
    """Messages of a consumer, from one of its ranks on."""
    return [
        Delivery(compose(log.events[position - 1], SOURCE), reply.format(position=position, rank=at))
        for at, position in enumerate(positions, start=rank)
    ]


async def taken(arrivals: Arrivals, *messages: Delivery) -> list[int]:
    for message in messages:
        await arrivals.collect(message)
    return [item.position for item in await arrivals.take()]


@pytest.fixture(autouse=True)
def recorded(log: "MemoryLog", monkeypatch: pytest.MonkeyPatch) -> None:
    log.record(20)
    monkeypatch.setattr("projections.engine.arrivals.HEARTBEAT_S", 0.02)


@pytest.mark.parametrize("reply", [SHORT, WITH_A_DOMAIN, WITH_A_DOMAIN_AND_NO_TOKEN])
async def test_events_are_taken_in_the_order_of_the_stream(log: "MemoryLog", reply: str) -> None:
    arrivals = Arrivals(after=4)

    assert await taken(arrivals, *delivered(log, 5, 6, 7, reply=reply)) == [5, 6, 7]
    assert await taken(arrivals, *delivered(log, 8, rank=4, reply=reply)) == [8]


async def test_in_a_filtered_stream_positions_have_gaps(log: "MemoryLog") -> None:
    arrivals = Arrivals(after=4, whole=False)

    assert await taken(arrivals, *delivered(log, 6, 9)) == [6, 9]
    assert await taken(arrivals, *delivered(log, 17, rank=3)) == [17]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("ranks", [[2], [1, 3], [1, 1], [1, 2, 4], [2, 1]], ids=str)
async def test_a_rank_that_is_missing_or_comes_twice_is_a_doubt(
    log: "MemoryLog", ranks: list[int], *, whole: bool
) -> None:
    messages = [message for at, rank in enumerate(ranks, start=5) for message in delivered(log, at, rank=rank)]

    with pytest.raises(StreamDoubt, match="as message"):
        await taken(Arrivals(after=4, whole=whole), *messages)


@pytest.mark.parametrize("positions", [[4], [6, 6], [7, 5]], ids=str)
async def test_a_position_that_does_not_grow_is_a_doubt_in_a_filtered_stream(
    log: "MemoryLog", positions: list[int]
) -> None:
    with pytest.raises(StreamDoubt, match="came after"):
        await taken(Arrivals(after=4, whole=False), *delivered(log, *positions))


@pytest.mark.parametrize("positions", [[6], [4], [5, 7], [5, 5], [5, 5, 7], [6, 5]], ids=str)
async def test_an_event_that_is_missing_or_comes_twice_is_a_doubt(log: "MemoryLog", positions: list[int]) -> None:
    with pytest.raises(StreamDoubt, match="came after"):
        await taken(Arrivals(after=4), *delivered(log, *positions))


async def test_an_event_missing_between_two_pages_is_a_doubt(log: "MemoryLog") -> None:
    arrivals = Arrivals(after=0)
    await taken(arrivals, *delivered(log, 1, 2))

    with pytest.raises(StreamDoubt, match="event 4 came after 2"):
        await taken(arrivals, *delivered(log, 4, rank=3))


async def test_heartbeats_say_that_nothing_is_new() -> None:
    arrivals = Arrivals(after=0)

    for _ in range(3):
        assert await taken(arrivals, word("100", Nats_Last_Stream="0")) == []


async def test_not_even_a_heartbeat_is_a_doubt() -> None:
    with pytest.raises(StreamDoubt, match="silent"):
        await Arrivals(after=0).take()


@pytest.mark.parametrize("status", ["404", "409", "503"])
async def test_a_consumer_that_is_gone_is_a_doubt(status: str) -> None:
    with pytest.raises(StreamDoubt, match=f"{status} Consumer Deleted"):
        await taken(Arrivals(after=0), word(status, Description="Consumer Deleted"))


async def test_what_is_outstanding_is_counted_down_by_events_and_by_requests_that_end(log: "MemoryLog") -> None:
    arrivals = Arrivals(after=0)
    arrivals.outstanding = 100

    await taken(arrivals, *delivered(log, 1, 2, 3), word("100"))
    assert arrivals.outstanding == 97

    await taken(arrivals, word("408", Nats_Pending_Messages="57"))
    assert arrivals.outstanding == 40


async def test_a_message_that_cannot_be_read_keeps_its_place(log: "MemoryLog") -> None:
    arrivals = Arrivals(after=0)
    for message in (
        *delivered(log, 1),
        Delivery(b"not even JSON", SHORT.format(position=2, rank=2)),
        Delivery(
            compose(log.events[2], SOURCE).replace(b'"channel":"counter"', b'"channel":"telepathy"'),
            SHORT.format(position=3, rank=3),
        ),
        *delivered(log, 4, rank=4),
    ):
        await arrivals.collect(message)

    items = await arrivals.take()

    assert [item.position for item in items] == [1, 2, 3, 4]
    assert [isinstance(item, UnreadableEvent) for item in items] == [False, True, True, False]
    assert [item.subject for item in items[1:3]] == [None, log.events[2].metadata.subject]
    assert isinstance(items[2].subject, UUID)


async def test_the_event_of_another_position_is_a_doubt(log: "MemoryLog") -> None:
    (message,) = delivered(log, 9)

    with pytest.raises(StreamDoubt, match="message 1 carries event 9"):
        await taken(Arrivals(after=0), Delivery(message.data, SHORT.format(position=1, rank=1)))


async def test_a_cancellation_that_a_library_lost_is_honoured_later() -> None:
    async def swallow() -> str:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            honour_cancellation()
        return "went on"

    task = asyncio.create_task(swallow())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
