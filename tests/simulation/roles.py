"""The roles of a simulated ledger: the real writer and the real relay, a step at a time and without a thread."""

from ledger.domain.record import LoggedEvent
from ledger.publishing.message import PublishDoubt
from ledger.publishing.relay import Pace, Relay
from ledger.settings import SOURCE_DEFAULT
from ledger.store.database import LedgerRecorder
from ledger.store.mapper import LedgerMapper, logged
from ledger.store.vault import Vault
from ledger.store.writing import Writer
from tests.simulation.stream import SimulatedStream


class RecorderLog:
    """The log as relay and views read it."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder

    def head(self) -> int:
        return self._recorder.head()

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        return [logged(row) for row in self._recorder.read(after, limit)]


class WritingProcess:
    """One writer with a recorder and a key store of its own."""

    def __init__(self, recorder: LedgerRecorder, vault: Vault) -> None:
        self.vault = vault
        self.writer = Writer(recorder, LedgerMapper(vault), vault)

    def end(self) -> None:
        self.vault.close()


class RelayProcess:
    """One relay, and the position that it believes the stream has reached."""

    def __init__(self, log: RecorderLog, stream: SimulatedStream, batch_size: int) -> None:
        self._relay = Relay(
            log, stream, source=SOURCE_DEFAULT, wait=_no_wait, pace=Pace(batch_size_max=batch_size, idle_wait_s=0)
        )
        self._position: int | None = None

    async def step(self) -> None:
        """Look at the stream, or publish the next events, as its loop would; a doubt makes it look again."""
        try:
            if self._position is None:
                self._position = await self._relay.locate()
            else:
                self._position = await self._relay.publish_after(self._position)
        except PublishDoubt:
            self._position = None


async def _no_wait(_: float) -> None:
    """A simulated relay is woken by whoever drives it."""
