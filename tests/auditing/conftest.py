"""A ledger on disk, its own NATS server while it is needed, and what is done to them to be found out."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5

import nats
import pytest
from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from labkit.controls import cast, commands
from labkit.restreaming.server import serving
from ledger.application import CaseLedger, ReadOnlyLog
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.identifiers import CaseId, CommandId, InteractionId
from ledger.publishing.feed import LogFeed
from ledger.publishing.jetstream import LedgerStream, connect
from ledger.publishing.relay import Relay
from ledger.settings import Settings
from projections import VIEWS
from projections.engine.place import Place, place_of
from projections.engine.store import ViewStore

_NAMES = UUID("33333333-3333-4333-8333-333333333333")
_COPY = "ledger.db"
Returned = TypeVar("Returned")


class Town:
    """A data directory: a ledger that is written to, published, folded, copied and put back."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.settings = Settings(data=data)
        self.place: Place = data / "views"
        self._told = 0

    def use_database(self, url: str) -> None:
        """Keep ledger and views in PostgreSQL."""
        self.settings = Settings(data=self.data, database_url=url)
        self.place = place_of(self.data, url)

    def record(self, cases: int, name: str = "case") -> int:
        """Record some cases, of two events each; return where the ledger stands."""
        with CaseLedger(self.settings) as ledger:
            if not ledger.head():
                registered = replace(commands.register_authority(), command_id=CommandId(uuid5(_NAMES, f"town {name}")))
                published = replace(commands.publish_service(), command_id=CommandId(uuid5(_NAMES, f"service {name}")))
                self._tell(ledger, registered, published)
            for _ in range(cases):
                self._told += 1
                self._tell(ledger, _case(f"{name} {self._told}"))
            return ledger.head()

    def events(self) -> list[UUID]:
        """The identifiers of the events of the ledger."""
        with closing(ReadOnlyLog(self.settings)) as log:
            return [event.event_id for event in log.read(0, 10_000)]

    def fold(self, up_to: int | None = None) -> None:
        """Fold the log into every view."""
        with closing(ReadOnlyLog(self.settings)) as log:
            page = LogFeed(log).read(0, up_to or log.head())
        for view in VIEWS:
            with closing(ViewStore(view, self.place)) as store:
                store.apply(page)

    def publish(self) -> None:
        """Copy the log to the stream, as the relay does."""
        asyncio.run(self._publish())

    async def _publish(self) -> None:
        with serving(self.data, None) as url, closing(ReadOnlyLog(self.settings)) as log:
            client = await connect(url, "publisher", attempts=20, wait_s=0.1)
            relay = Relay(log, LedgerStream(client), source=self.settings.source, wait=asyncio.sleep)
            position = await relay.locate()
            while position < log.head():
                position = await relay.publish_after(position)
            await client.close()

    def copy_ledger(self) -> None:
        """Make a backup."""
        shutil.copyfile(self.data / _COPY, self.data.with_name("backup.db"))

    def put_ledger_back(self) -> None:
        """Restore the backup over what was recorded since."""
        for file in self.data.glob(f"{_COPY}*"):
            file.unlink()
        shutil.copyfile(self.data.with_name("backup.db"), self.data / _COPY)

    def messages(self, stream: str = "LEDGER", *, at_least: int = 0) -> list[Msg]:
        """What the stream holds."""

        async def read(jetstream: JetStreamContext) -> list[Msg]:
            # A copy is filled by the server, at its own pace.
            async with asyncio.timeout(10):
                while (count := (await jetstream.stream_info(stream)).state.messages) < at_least:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            subscription = await jetstream.subscribe("ledger.>", stream=stream, ordered_consumer=True)
            return [await subscription.next_msg(timeout=10) for _ in range(count)]

        return self.on_stream(read)

    def on_stream(self, work: "Callable[[JetStreamContext], Awaitable[Returned]]") -> "Returned":
        """Do something to the server, as its operator could."""

        async def done() -> Returned:
            with serving(self.data, None) as url:
                client = await nats.connect(url, connect_timeout=5)
                try:
                    return await work(client.jetstream())
                finally:
                    await client.close()

        return asyncio.run(done())

    def _tell(self, ledger: CaseLedger, *told: LedgerCommand) -> None:
        ledger.execute_together([(command, Stamp(by=cast.AGENT, recorded_at=cast.at(30, "10:00"))) for command in told])


def _case(name: str) -> LedgerCommand:
    return replace(
        commands.open_case(),
        command_id=CommandId(uuid5(_NAMES, name)),
        case_id=CaseId(uuid5(_NAMES, f"case {name}")),
        interaction_id=InteractionId(uuid5(_NAMES, f"contact {name}")),
    )


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A data directory with nothing in it."""
    for name in ("DATABASE_URL", "NATS_URL"):
        monkeypatch.delenv(name, raising=False)
    return Town(tmp_path / "data")
