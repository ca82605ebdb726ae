"""Hints make the relay quick; without them it is only slower."""

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from ledger.publishing.announcer import Announcer
from ledger.publishing.jetstream import LEDGER_HINT, Hints, connect
from ledger.publishing.relay import Pace

if TYPE_CHECKING:
    from tests.publishing.conftest import Copying

PATIENCE = Pace(idle_wait_s=3_600)


async def test_what_was_recorded_is_published_at_the_first_hint(copying: "Copying") -> None:
    copying.log.record(1)
    async with copying.relay(PATIENCE):
        await copying.until(1)
        client = await connect(copying.server.broker.ledger_url, "ledger")

        copying.log.record(1)
        await Hints(client).give(LEDGER_HINT, 2)

        await copying.until(2)
        await client.close()


async def test_an_announcement_from_the_writing_thread_reaches_the_relay(copying: "Copying") -> None:
    announcer = Announcer()
    copying.log.record(1)
    async with copying.relay(PATIENCE), announcer.speaking(copying.server.broker.ledger_url):
        await copying.until(1)

        copying.log.record(1)
        writer = threading.Thread(target=announcer.announce, args=(2,))
        writer.start()

        await copying.until(2)
        writer.join()


async def test_announcements_reach_the_relay_again_after_the_server_was_away(copying: "Copying") -> None:
    announcer = Announcer()
    copying.log.record(1)
    async with copying.relay(PATIENCE), announcer.speaking(copying.server.broker.ledger_url):
        await copying.until(1)
        copying.server.kill()
        copying.server.start()

        copying.log.record(1)
        while await copying.end() < 2:
            announcer.announce(2)
            await asyncio.sleep(0.05)


async def test_a_hint_given_while_nobody_waits_is_not_lost(copying: "Copying") -> None:
    client = await connect(copying.server.broker.ledger_url, "both")
    hints = Hints(client)
    await hints.listen(LEDGER_HINT)

    await hints.give(LEDGER_HINT, 7)
    await client.flush()
    await asyncio.sleep(0.05)

    async with asyncio.timeout(5):
        await hints.wait(3_600)
    await client.close()


async def test_a_hint_ends_one_wait(copying: "Copying") -> None:
    client = await connect(copying.server.broker.ledger_url, "both")
    hints = Hints(client)
    await hints.listen(LEDGER_HINT)
    await hints.give(LEDGER_HINT, 7)
    await hints.wait(5)
    began = time.monotonic()

    await hints.wait(0.05)

    assert time.monotonic() - began > 0.04
    await client.close()


async def test_a_wait_without_a_hint_ends_by_itself(copying: "Copying") -> None:
    client = await connect(copying.server.broker.ledger_url, "alone")
    began = time.monotonic()

    await Hints(client).wait(0.05)

    assert 0.04 < time.monotonic() - began < 5
    await client.close()


async def test_a_hint_without_a_server_is_given_to_nobody(copying: "Copying") -> None:
    client = await connect(copying.server.broker.ledger_url, "alone")
    await client.close()

    await Hints(client).give(LEDGER_HINT, 7)


@pytest.mark.parametrize("url", [None, "nats://127.0.0.1:1"])
async def test_a_ledger_without_a_server_announces_to_nobody(url: str | None) -> None:
    announcer = Announcer()
    announcer.announce(1)

    async with announcer.speaking(url):
        announcer.announce(2)
        await asyncio.sleep(0.02)

    announcer.announce(3)


def test_the_writing_thread_outlives_the_loop_that_it_announced_to() -> None:
    announcer = Announcer()
    loop = asyncio.new_event_loop()
    speaking = announcer.speaking(None)
    loop.run_until_complete(speaking.__aenter__())
    loop.close()

    announcer.announce(1)
