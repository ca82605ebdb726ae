import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from labkit.controls import commands
from projections import watch as watch_module
from projections.api import create_app, read_routes
from projections.live import Pace
from projections.reader import ViewReader
from projections.watch import Behind, Watch

Happening = Callable[..., int]

LONG_S = 30.0


def asking(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(cast("Any", app)), base_url="http://127.0.0.1")


@pytest.fixture
def client(read_app: Litestar) -> httpx.AsyncClient:
    return asking(read_app)


@pytest.fixture
def only_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks again unless a ring wakes them."""
    monkeypatch.setattr(watch_module, "LOOK_AGAIN_S", LONG_S)


@pytest.mark.parametrize("view", ["inbox", "counter", "overview", "timeline"])
async def test_a_position_that_is_reached_is_answered_at_once(
    client: httpx.AsyncClient, town: Happening, view: str
) -> None:
    position = town(commands.open_case())

    answer = await client.get(f"/views/{view}", params={"at_least": position})

    assert (answer.status_code, answer.json()["position"]) == (200, position)


@pytest.mark.parametrize("view", ["inbox", "counter", "overview", "timeline"])
async def test_an_agent_sees_their_own_writing(
    client: httpx.AsyncClient, town: Happening, watch: Watch, view: str
) -> None:
    position = town()
    waiting = asyncio.create_task(client.get(f"/views/{view}", params={"at_least": position + 2}))
    await asyncio.sleep(0.05)
    assert not waiting.done()

    town(commands.open_case())
    watch.ring()

    answer = await waiting
    assert (answer.status_code, answer.json()["position"]) == (200, position + 2)


async def test_a_position_that_is_not_reached_in_time_is_said_to_be_behind(
    reader: ViewReader, watch: Watch, town: Happening
) -> None:
    assert town() == 2
    client = asking(create_app([read_routes(reader, watch, Pace(at_least_timeout_s=0.1))], nullcontext()))

    for language, detail in (
        ("en", "The view is at position 2, not yet at 3: ask again in a moment."),
        ("fr", "La vue en est au rang 2, pas encore au rang 3 : redemandez dans un instant."),
    ):
        answer = await client.get("/views/inbox", params={"at_least": 3}, headers={"accept-language": language})

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "/problems/view-behind",
            "title": "view behind",
            "status": 503,
            "detail": detail,
        }


async def test_no_hint_is_needed_to_see_that_a_position_is_reached(
    client: httpx.AsyncClient, town: Happening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "LOOK_AGAIN_S", 0.05)
    waiting = asyncio.create_task(client.get("/views/inbox", params={"at_least": town() + 2}))
    await asyncio.sleep(0.05)

    town(commands.open_case())

    assert (await waiting).status_code == 200


async def test_every_waiter_hears_every_ring(only_rings: None) -> None:
    watch = Watch()
    reached = 0
    waiting = [asyncio.create_task(watch.until(lambda: reached, wanted, LONG_S)) for wanted in (1, 2, 1, 2)]
    await asyncio.sleep(0.05)

    reached = 1
    watch.ring()
    assert [await waiting[0], await waiting[2]] == [1, 1]
    assert not waiting[1].done()

    reached = 2
    watch.ring()
    assert [await waiting[1], await waiting[3]] == [2, 2]


async def test_a_ring_that_comes_while_looking_is_not_missed(only_rings: None) -> None:
    watch, loop = Watch(), asyncio.get_running_loop()
    looks: list[int] = []

    def look() -> int:
        if not looks:
            asyncio.run_coroutine_threadsafe(_ring(watch), loop).result()
        looks.append(len(looks))
        return looks[-1]

    async with asyncio.timeout(LONG_S / 2):
        assert await watch.until(look, 1, LONG_S) == 1


async def test_waiting_ends_in_time_and_tells_both_positions() -> None:
    with pytest.raises(Behind, match="position 7 was asked for, 3 is reached"):
        await Watch().until(lambda: 3, 7, 0.05)


async def _ring(watch: Watch) -> None:
    watch.ring()


async def test_a_listener_hears_of_more_though_less_was_told_right_after() -> None:
    watch, loop = Watch(), asyncio.get_running_loop()
    listening = asyncio.create_task(watch.beyond(4, watch.next_ring(), 30.0))
    await asyncio.sleep(0)
    for told in (3, 5, 3):
        watch.ring(told)

    asked_at_s = loop.time()
    await listening

    assert loop.time() - asked_at_s < 10


async def test_a_listener_who_has_it_all_is_not_woken() -> None:
    watch = Watch()
    ring = watch.next_ring()
    listening = asyncio.create_task(watch.beyond(4, ring, 0.2))
    watch.ring(4)
    await asyncio.sleep(0.05)

    assert not listening.done()
    await listening
