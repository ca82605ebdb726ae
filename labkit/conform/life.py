"""One life of a subscriber: it begins with nothing, on a stream that begins too, and is followed to the end of it."""

import asyncio
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from labkit.conform.failures import NotFresh, ProbeUnusable
from labkit.conform.line import Faults, Line
from labkit.conform.outcomes import Ending
from labkit.conform.server import PrivateServer
from labkit.conform.story import Told
from labkit.conform.subscriber import Said, Subscriber
from labkit.integrators.credentials import write_credentials

STARTS_MAX = 4
LOOK_EVERY_S = 0.05
ASK_EVERY_S = 0.5
UNSEEN_S = 3.0


class Wanted(Struct, frozen=True, kw_only=True):
    """What is tried: how it is run, how it is asked, and how long it may take to reach the end."""

    command: str
    probe: str
    patience_s: int


class Stopped(Exception):
    """The subscriber did not come to the end of what it was told."""

    def __init__(self, ending: Ending, **details: Any) -> None:  # noqa: ANN401  # what its sentence names
        """Keep how, and what is known of it."""
        super().__init__(ending)
        self.ending: Ending = ending
        self.details = details


class Life:
    """A subscriber that begins anew, on a stream that does too."""

    def __init__(self, wanted: Wanted, server: PrivateServer, line: Line, folder: Path) -> None:
        """Make the folder where it lives."""
        folder.mkdir()
        self.folder, self.line = folder, line
        self.subscriber = Subscriber(wanted.command, wanted.probe, folder)
        self._server, self._patience_s = server, wanted.patience_s
        self._told: list[Told] = []

    async def begin(self, told: Sequence[Told], faults: Faults | None = None) -> None:
        """Start it on a stream that holds some messages.

        Raises:
            NotFresh: it knows of another stream.
        """
        self.line.faults = faults or Faults()
        file = self.folder.with_suffix(".credentials.json")
        write_credentials(self._server.credentials(self.line.url), file)
        reader = self._server.reader_url(self.line.url)
        self.subscriber.give({"LEDGER_CREDENTIALS": str(file), "NATS_URL": reader})
        said = await self.subscriber.ask()
        if said and said.position:
            raise NotFresh(position=said.position)
        await self._server.begin_again()
        await self.tell(told)
        await self.start()

    async def tell(self, told: Sequence[Told]) -> None:
        """Publish the next messages."""
        await self._server.publish(told)
        self._told += told

    async def start(self) -> None:
        """Start a process of it."""
        await self.subscriber.start()

    async def end(self, number: signal.Signals) -> None:
        """End its process.

        Raises:
            Stopped: it does not end.
        """
        if not await self.subscriber.end(number):
            raise Stopped("stays")

    async def reach_the_end(self) -> None:
        """Wait until it has taken all that it was told; a process that ends by itself is started again, a few times.

        Raises:
            Stopped: it went no further.
            ProbeUnusable: it may have, but never said where it stands.
        """
        last = self._last()
        now_s = time.monotonic
        began_s, asked_s, starts = now_s(), 0.0, 1
        said: Said | None = None
        while now_s() - began_s < self._patience_s:
            if (code := self.subscriber.ended_with) is not None:
                if starts == STARTS_MAX:
                    raise Stopped("ended", code=code, **self._stand(await self.subscriber.ask() or said))
                starts += 1
                await self.start()
            # A probe is a whole process: it is asked when the line has delivered all, or after a while.
            likely = self.line.faults.delivered >= last or now_s() - began_s > UNSEEN_S
            if likely and now_s() - asked_s > ASK_EVERY_S:
                said, asked_s = await self.subscriber.ask() or said, now_s()
                if said and said.position >= last:
                    return
            await asyncio.sleep(LOOK_EVERY_S)
        if said is None and self.subscriber.printed is not None:
            raise ProbeUnusable(
                command=self.subscriber.probe,
                printed=self.subscriber.printed or "∅",
                complaint=self.subscriber.complaint() or "∅",
            )
        raise Stopped("stuck", **self._stand(said))

    async def rest(self) -> dict[str, Any]:
        """End it, and return what it says at rest."""
        await self.end(signal.SIGTERM)
        said = await self.subscriber.ask()
        return said.figures if said else {}

    def _last(self) -> int:
        return max(each.message.position for each in self._told if each.granted)

    def _stand(self, said: Said | None) -> dict[str, Any]:
        position = said.position if said else 0
        after = next(each for each in self._told if each.granted and each.message.position > position)
        return {
            "position": position,
            "last": self._last(),
            "at": after.message.position,
            "type": after.type,
            "strange": after.strange,
        }
