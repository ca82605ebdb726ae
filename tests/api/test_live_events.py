import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import httpx
import msgspec
import pytest
from litestar import Litestar
from msgspec import Struct
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import RecordStep
from ledger.domain.identifiers import StepId
from ledger.publishing.feed import LogFeed
from projections import VIEWS, overview
from projections.engine.runner import Runner
from projections.live import EVENTS_A_READ, Counters, Live, Pace, TooManyListeners
from projections.reader import ViewReader
from projections.timeline import TimelineEntry
from projections.watch import Watch

Happening = Callable[..., int]
Serving = Callable[[Litestar], AbstractAsyncContextManager[str]]

PATIENCE_S = 30.0


class Message(Struct, frozen=True):
    """One server-sent event, or a comment."""

    id: str = ""
    event: str = ""
    data: str = ""
    comment: str = ""


class OpenPage:
    """A page that listens, and keeps what it heard."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.heard: list[Message] = []
        self._messages = self._read()

    async def hear(self, enough: Callable[[Message], bool]) -> Message:
        """Listen until a message is the one waited for."""
        async with asyncio.timeout(PATIENCE_S):
            async for message in self._messages:
                self.heard.append(message)
                if enough(message):
                    return message
        raise AssertionError("the stream ended")

    async def hear_until(self, position: int) -> list[int]:
        """Listen until an event was heard; return the positions of all events heard, in their order."""
        await self.hear(lambda message: message.id == str(position))
        return self.positions

    @property
    def positions(self) -> list[int]:
        return [int(message.id) for message in self.heard if message.event == "ledger"]

    async def _read(self) -> AsyncIterator[Message]:
        fields: dict[str, str] = {}
        async for line in self.response.aiter_lines():
            name, _, value = line.partition(":")
            if line:
                fields[name or "comment"] = value.removeprefix(" ")
            elif fields:
                yield msgspec.convert(fields, Message)
                fields = {}


Listening = Callable[..., AbstractAsyncContextManager[OpenPage]]
ServingPages = Callable[[], AbstractAsyncContextManager[Listening]]


@asynccontextmanager
async def open_page(address: str, asked: str = "", **headers: str) -> AsyncIterator[OpenPage]:
    async with (
        httpx.AsyncClient(timeout=PATIENCE_S) as client,
        client.stream("GET", f"{address}/events{asked}", headers=headers) as response,
    ):
        yield OpenPage(response)


@pytest.fixture
def serving(read_app: Litestar, serve: Serving) -> ServingPages:
    """Serve the read side, and open pages that listen to it."""

    @asynccontextmanager
    async def serving() -> AsyncIterator[Listening]:
        async with serve(read_app) as address:
            yield partial(open_page, address)

    return serving


def some_steps(numbers: range) -> Iterator[RecordStep]:
    for number in numbers:
        name = f"step {number}"
        yield replace(commands.record_step(), command_id=cast.command_id(name), step_id=StepId(cast.identifier(name)))


async def test_new_events_are_told_as_they_come(serving: ServingPages, town: Happening, watch: Watch) -> None:
    assert town(commands.open_case()) == 4

    async with serving() as listen, listen() as page:
        await page.hear(lambda message: message.event == "counters")
        town(*some_steps(range(3)))
        watch.ring()
        assert await page.hear_until(7) == [5, 6, 7]

    assert page.response.headers["content-type"].startswith("text/event-stream")
    assert page.response.headers["cache-control"] == "no-store"


async def test_the_identifier_of_an_event_is_its_position(serving: ServingPages, town: Happening) -> None:
    position = town(commands.open_case())

    async with serving() as listen, listen("?since=0") as page:
        assert await page.hear_until(position) == list(range(1, position + 1))

    entries = [
        msgspec.json.decode(message.data, type=TimelineEntry) for message in page.heard if message.event == "ledger"
    ]
    assert [entry.position for entry in entries] == page.positions
    assert [entry.event for entry in entries][-2:] == ["case-opened.v1", "interaction-recorded.v1"]
    assert entries[-1].case_id == cast.CASE
    assert "Lafourcade" not in "".join(message.data for message in page.heard)


@pytest.mark.parametrize("cut", [1, 4, 7])
async def test_a_page_that_lost_its_connection_goes_on_exactly_there(
    serving: ServingPages, town: Happening, watch: Watch, cut: int
) -> None:
    position = town(commands.open_case(), *some_steps(range(4)))
    async with serving() as listen:
        async with listen("?since=0") as page:
            await page.hear_until(cut)
        seen, last = [heard for heard in page.positions if heard <= cut], cut

        for number in range(4, 8):
            position = town(*some_steps(range(number, number + 1)))
            watch.ring()
            async with listen("?since=0", **{"last-event-id": str(last)}) as again:
                seen += await again.hear_until(position)
            last = position

    assert seen == list(range(1, position + 1))


async def test_a_long_backlog_is_told_in_order(serving: ServingPages, town: Happening) -> None:
    position = town(commands.open_case(), *some_steps(range(2 * EVENTS_A_READ + 50)))

    async with serving() as listen, listen("?since=0") as page:
        assert await page.hear_until(position) == list(range(1, position + 1))


async def test_two_pages_hear_the_same(serving: ServingPages, town: Happening, watch: Watch) -> None:
    town(commands.open_case())

    async with serving() as listen, listen() as one, listen("?since=0") as other:
        for page in (one, other):
            await page.hear(lambda message: message.event == "counters")
        town(*some_steps(range(2)))
        watch.ring()
        assert await one.hear_until(6) == [5, 6]
        assert await other.hear_until(6) == [1, 2, 3, 4, 5, 6]


async def test_figures_come_along(serving: ServingPages, town: Happening, watch: Watch) -> None:
    town(commands.open_case())

    async with serving() as listen, listen() as page:
        first = await page.hear(lambda message: message.event == "counters")
        town(*some_steps(range(1)))
        watch.ring()
        second = await page.hear(lambda message: message.event == "counters")

    assert first.id == second.id == ""
    figures = [msgspec.json.decode(message.data, type=Counters) for message in (first, second)]
    assert [(counters.position, counters.cases, counters.steps) for counters in figures] == [(4, 1, 0), (5, 1, 1)]


async def test_figures_that_lag_behind_the_events_are_told_again_once_they_caught_up(
    serving: ServingPages, memory_ledger: CaseLedger, views_but_the_overview: Runner, runner: Runner, watch: Watch
) -> None:
    for command in (commands.register_authority(), commands.publish_service(), commands.open_case()):
        memory_ledger.execute(command, cast.stamp(command.occurred_at))
    events = LogFeed(memory_ledger).read(0, 10)
    runner.fold(events[:2])

    async with serving() as listen, listen() as page:
        await page.hear(lambda message: message.event == "counters")
        views_but_the_overview.fold(events[2:])
        watch.ring()
        await page.hear_until(4)
        runner.fold(events[2:])
        caught_up = await page.hear(lambda message: message.event == "counters")

    assert msgspec.json.decode(caught_up.data, type=Counters).position == 4


async def test_a_silent_stream_shows_that_it_is_alive(serving: ServingPages, town: Happening) -> None:
    town()

    async with serving() as listen, listen() as page:
        alive = await page.hear(lambda message: bool(message.comment))

    assert alive == Message(comment="still here")


async def test_only_so_many_listen_at_once_and_a_page_that_is_closed_makes_room(
    serving: ServingPages, town: Happening, watch: Watch
) -> None:
    town()

    async with serving() as listen, listen(), listen():
        async with listen():
            async with listen(**{"accept-language": "fr"}) as fourth:
                refused = msgspec.json.decode(await fourth.response.aread())
            assert (fourth.response.status_code, fourth.response.headers["retry-after"]) == (503, "1")
            assert fourth.response.headers["content-type"] == "application/problem+json"
            assert refused["type"] == "/problems/too-many-listeners"
            assert refused["detail"].startswith("Autant de pages écoutent")
        watch.ring()
        assert await _let_in(listen) == 200


async def _let_in(listen: Listening) -> int:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with listen() as page:
                if page.response.status_code == 200:
                    return page.response.status_code
            await asyncio.sleep(0.02)


async def test_many_pages_that_come_and_go_leave_nothing_behind(serving: ServingPages, town: Happening) -> None:
    town(commands.open_case())

    async with serving() as listen:
        for _ in range(10):
            assert await _let_in(listen) == 200


async def test_a_listener_who_left_before_the_first_word_leaves_the_seat_free(reader: ViewReader, watch: Watch) -> None:
    live = Live(reader, watch, Pace(listeners_max=1))
    gone = live.listen(0)
    with pytest.raises(TooManyListeners):
        live.listen(0)

    del gone
    gc.collect()

    assert live.listeners == 0


async def test_a_listener_who_stops_leaves_the_seat_free(reader: ViewReader, watch: Watch) -> None:
    live = Live(reader, watch, Pace(listeners_max=1))
    telling = live.listen(0)
    assert await anext(telling) == b"retry: 1000\n\n"
    assert live.listeners == 1

    await telling.aclose()

    assert live.listeners == 0


async def test_the_figures_are_counted_once_for_all_listeners(
    reader: ViewReader, watch: Watch, town: Happening, monkeypatch: pytest.MonkeyPatch
) -> None:
    town(commands.open_case())
    live = Live(reader, watch, Pace(counters_every_s=PATIENCE_S))
    counted = 0
    count = reader.overview

    def counting(*given: object) -> object:
        nonlocal counted
        counted += 1
        return count(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "overview", counting)

    for _ in range(5):
        telling = live.listen(4)
        assert [(await anext(telling))[:15] for _ in range(2)] == [b"retry: 1000\n\n", b"event: counters"]
        await telling.aclose()

    assert counted == 1


@pytest.fixture
def views_but_the_overview(views: object) -> Iterator[Runner]:
    """The views that are folded before the overview is."""
    opened = Runner([view for view in VIEWS if view is not overview.VIEW], views)  # type: ignore[arg-type]
    yield opened
    opened.close()
