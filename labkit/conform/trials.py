"""The trials: the same events quietly at first, then with one kind of trouble at a time, each in a life of its own.

What it said after the quiet life is what it has to say after any other. Only what the kit itself does not know may be
made something of or not: there it is enough to go on.
"""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import msgspec

from labkit.conform.life import Life, Stopped, Wanted
from labkit.conform.line import Faults, Line
from labkit.conform.outcomes import Outcome, Trial
from labkit.conform.server import PrivateServer
from labkit.conform.story import Story, Told, story

ALIVE_S = (0.2, 1.5)
SEED = 20_261
READ_MAX_BYTES = 50_000_000

_Lived = Callable[[Life, Story], Awaitable[None]]


async def conform(wanted: Wanted, chosen: Sequence[Trial]) -> AsyncIterator[Outcome]:
    """Try a subscriber; yield what each trial came to, the quiet one and the erasure always first."""
    with TemporaryDirectory(prefix="conform-") as root:
        server = PrivateServer(Path(root, "server"))
        async with server.run(), Line(server.broker.url).open() as line:
            trying = Trying(wanted, server, line, Path(root))
            reading = await trying.read()
            yield reading
            if reading.ending is not None:
                return
            yield trying.erasure()
            for trial in chosen:
                yield await trying.trial(trial)


class Trying:
    """Lives of one subscriber, one after the other; the first says what is right."""

    def __init__(self, wanted: Wanted, server: PrivateServer, line: Line, root: Path) -> None:
        """Use a server and the line to it."""
        self._wanted, self._server, self._line, self._root = wanted, server, line, root
        self._expected: dict[str, Any] = {}
        self._story = story()

    async def read(self) -> Outcome:
        """Let it read quietly, and keep what it says."""
        outcome, self._expected = await self._lived("reading", _quietly)
        return outcome

    def erasure(self) -> Outcome:
        """Look at what it keeps of the citizen whom it was told to forget."""
        said = msgspec.json.encode(self._expected)
        kept = {"--probe": said} | {
            str(file.relative_to(self._root / "reading")): file.read_bytes()
            for file in sorted((self._root / "reading").rglob("*"))
            if file.is_file() and file.stat().st_size <= READ_MAX_BYTES
        }
        reference, *tokens = self._story.forgotten
        named = [reference.encode(), UUID(reference).bytes, *(token.encode() for token in tokens)]
        where = [name for name, content in kept.items() if any(each in content for each in named)]
        if not where:
            return Outcome(trial="erasure")
        return Outcome(trial="erasure", ending="keeps", details={"where": ", ".join(where), "citizen": reference})

    async def trial(self, trial: Trial) -> Outcome:
        """Let it live through some trouble, and compare."""
        outcome, said = await self._lived(trial, _TROUBLES[trial])
        if outcome.ending or trial == "strangers" or said == self._expected:
            return outcome
        return msgspec.structs.replace(outcome, ending="differs", details={"said": said, "expected": self._expected})

    async def _lived(self, trial: Trial, lived: _Lived) -> tuple[Outcome, dict[str, Any]]:
        life, began_s = Life(self._wanted, self._server, self._line, self._root / trial), time.monotonic()
        said: dict[str, Any] = {}
        stopped: Stopped | None = None
        try:
            await lived(life, self._story)
            said = await life.rest()
        except Stopped as error:
            stopped = error
        finally:
            await life.subscriber.end(signal.SIGKILL)
        outcome = Outcome(
            trial=trial,
            seconds=round(time.monotonic() - began_s, 1),
            ending=stopped.ending if stopped else None,
            details=stopped.details if stopped else {},
            complaint=life.subscriber.complaint() if stopped else "",
        )
        return outcome, said


async def _quietly(life: Life, told: Story) -> None:
    await life.begin(told.first)
    await life.reach_the_end()
    await life.tell(told.later)
    await life.reach_the_end()


async def _with_duplicates(life: Life, told: Story) -> None:
    """Repeat every event of one case at once, and those of an earlier case among the events of a later one."""
    early, late = _granted(told.first), _granted(told.later)
    again = {position: position for position in early[2:8]}
    again |= dict(zip(late[1:7], early[8:14], strict=True))
    await life.begin(told.first, Faults(again=again))
    await life.reach_the_end()
    await life.tell(told.later)
    await life.reach_the_end()


async def _with_gaps(life: Life, told: Story) -> None:
    """Lose every event of one case, and one event of another."""
    early, late = _granted(told.first), _granted(told.later)
    await life.begin(told.first, Faults(lost=frozenset((*early[7:12], late[2]))))
    await life.reach_the_end()
    await life.tell(told.later)
    await life.reach_the_end()


async def _with_restarts(life: Life, told: Story) -> None:
    """Kill it, ask it to end, kill it; tell it more while it is away and while it runs."""
    chance, half = random.Random(SEED), len(told.later) // 2
    await life.begin(told.first)
    await life.reach_the_end()
    await life.end(signal.SIGKILL)
    await life.start()
    await asyncio.sleep(chance.uniform(*ALIVE_S))
    await life.tell(told.later[:half])
    await life.end(signal.SIGTERM)
    await life.start()
    await life.reach_the_end()
    await life.tell(told.later[half:])
    await asyncio.sleep(chance.uniform(0.0, ALIVE_S[0]))
    await life.end(signal.SIGKILL)
    await life.start()
    await life.reach_the_end()


async def _among_strangers(life: Life, told: Story) -> None:
    await life.begin(told.plain)
    await life.tell(told.strange)
    await life.reach_the_end()


_TROUBLES: dict[Trial, _Lived] = {
    "duplicates": _with_duplicates,
    "gaps": _with_gaps,
    "restarts": _with_restarts,
    "strangers": _among_strangers,
}


def _granted(told: tuple[Told, ...]) -> list[int]:
    return [each.message.position for each in told if each.granted]
