"""The lab's stream: told at once, resumed exactly, ended in time; and several of them as one."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from labkit.prototype.lab import live
from labkit.prototype.lab.live import merged, moments_after, whereabouts
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.events import CaseEvent
from ledger.domain.vocabulary import Channel, Direction

Item = TypeVar("Item")
Both = tuple[Moment, CaseEvent]


@pytest.fixture
def begun(trial: Trial) -> ServiceCase:
    """A case of which two pages are answered."""
    return trial.fill(trial.begin(), pages=2)


async def take(stream: AsyncIterator[Item], count: int) -> list[Item]:
    taken: list[Item] = []
    async for item in stream:
        taken.append(item)
        if len(taken) == count:
            break
    return taken


def versions(taken: list[Both]) -> list[int]:
    assert all(moment.version == sealed.version for moment, sealed in taken)
    return [moment.version for moment, _ in taken]


def test_a_page_that_comes_back_misses_nothing_and_sees_nothing_twice(trial: Trial, begun: ServiceCase) -> None:
    async def stream() -> tuple[list[Both], list[Both]]:
        first = await take(moments_after(trial.cases, begun.id, 0), 3)
        trial.cases.contact(begun.id, Channel.TELEPHONE, Direction.OUT, "Rappelez-nous")
        return first, await take(moments_after(trial.cases, begun.id, 3), 2)

    first, second = asyncio.run(asyncio.wait_for(stream(), 30))
    assert versions(first) + versions(second) == [1, 2, 3, 4, 5]


def test_a_moment_is_told_as_soon_as_it_is_recorded(trial: Trial, begun: ServiceCase) -> None:
    async def stream() -> list[Both]:
        waiting = asyncio.ensure_future(take(moments_after(trial.cases, begun.id, begun.version), 2))
        for text in ("Un", "Deux"):
            await asyncio.sleep(live.LOOK_EVERY_S * 1.5)
            await asyncio.to_thread(trial.cases.contact, begun.id, Channel.EMAIL, Direction.OUT, text)
        return await waiting

    assert versions(asyncio.run(asyncio.wait_for(stream(), 30))) == [5, 6]


def test_a_stream_ends_so_that_it_is_asked_for_again(
    trial: Trial, begun: ServiceCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOKS_MAX", 1)
    taken = asyncio.run(asyncio.wait_for(take(moments_after(trial.cases, begun.id, 0), 99), 30))
    assert versions(taken) == [1, 2, 3, 4]


def test_streams_are_merged_until_one_ends_and_none_is_left_running() -> None:
    closed: list[str] = []

    async def counting(name: str, count: int) -> AsyncIterator[str]:
        try:
            for number in range(count):
                yield f"{name}{number}"
                await asyncio.sleep(0)
            if name == "b":
                await asyncio.Event().wait()
        finally:
            closed.append(name)

    async def stream() -> list[str]:
        return await take(merged(counting("a", 3), counting("b", 2)), 99)

    told = asyncio.run(asyncio.wait_for(stream(), 30))
    assert sorted(told) == ["a0", "a1", "a2", "b0", "b1"]
    assert sorted(closed) == ["a", "b"]


def test_a_participant_s_page_is_told_when_it_changes(trial: Trial, begun: ServiceCase) -> None:
    presence = trial.prototype.presence

    async def stream() -> list[str]:
        waiting = asyncio.ensure_future(take(whereabouts(presence, begun.id), 2))
        for path in ("/fr/case/x/days", "/fr/case/x/days", "/fr/case/x/income"):
            presence.note(begun.id, path, trial.cases.clock())
            await asyncio.sleep(live.LOOK_EVERY_S * 1.5)
        return await waiting

    assert asyncio.run(asyncio.wait_for(stream(), 30)) == ["/fr/case/x/days", "/fr/case/x/income"]
