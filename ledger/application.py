"""The use cases of the ledger: execute commands, read what was recorded, reveal what may be revealed."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, Mapper
from eventsourcing.utils import Environment, EnvType

from ledger.domain.case import State, replay
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.record import Cause, LoggedEvent
from ledger.settings import Settings
from ledger.store.appender import Appender, Limits
from ledger.store.database import LedgerRecorder
from ledger.store.group_work import Asked
from ledger.store.key_store import KeyStore
from ledger.store.key_store_sqlite import SQLiteKeyStore
from ledger.store.mapper import LedgerMapper, RecordedEvent, logged
from ledger.store.master_key import read_or_make_master_key
from ledger.store.vault import Vault
from ledger.store.verdict import Answer
from ledger.store.writing import Outcome, Writer

ANSWER_TIMEOUT_S = 60
_NO_CAUSE = Cause()


class CaseLedger(Application[UUID]):
    """One ledger, open for writing and reading; close it when done."""

    recorder: LedgerRecorder

    def __init__(
        self,
        settings: Settings,
        *,
        in_memory: bool = False,
        limits: Limits | None = None,
        on_commit: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Open the ledger that the settings name, made on first use.

        Raises:
            StoreIsNewer: a newer version of the ledger wrote it.
            VaultError: the keys cannot be used as they are.
        """
        settings.vault_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.vault = Vault(_key_store(settings), read_or_make_master_key(settings.master_key_file))
        super().__init__(_library_settings(settings, in_memory=in_memory))
        limits = limits or Limits()
        writer = Writer(
            self.recorder,
            self._mapper(),
            self.vault,
            cached_states_max=limits.cached_states_max,
            on_commit=on_commit,
        )
        self._appender = Appender(writer, limits=limits)

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Take the library's settings from ours alone, never from the process environment."""
        return Environment(name, env)

    def construct_mapper(self) -> Mapper[UUID]:
        """Build the mapper that seals."""
        return LedgerMapper(self.vault)

    def execute(self, command: LedgerCommand, stamp: Stamp, cause: Cause = _NO_CAUSE) -> Answer:
        """Execute one command and wait until it is durable."""
        return self.submit(command, stamp, cause).result(ANSWER_TIMEOUT_S)

    def execute_together(
        self, commands: Sequence[tuple[LedgerCommand, Stamp]], cause: Cause = _NO_CAUSE
    ) -> list[Answer]:
        """Execute commands in order, durable together: whatever is killed, all of them are there or none."""
        asked = [Asked(command, stamp, cause) for command, stamp in commands]
        return _answers(self._appender.submit_together(asked).result(ANSWER_TIMEOUT_S))

    def submit(self, command: LedgerCommand, stamp: Stamp, cause: Cause = _NO_CAUSE) -> Future[Answer]:
        """Hand in one command; its answer comes when it is durable."""
        return self._appender.submit(Asked(command, stamp, cause))

    def submit_async(self, command: LedgerCommand, stamp: Stamp, cause: Cause = _NO_CAUSE) -> asyncio.Future[Answer]:
        """Hand in one command from an event loop."""
        return self._appender.submit_async(Asked(command, stamp, cause))

    async def submit_together(
        self, commands: Sequence[LedgerCommand], stamp: Stamp, cause: Cause = _NO_CAUSE
    ) -> list[Answer]:
        """Hand in commands from an event loop, in order and durable together; each has a verdict of its own."""
        return _answers(await self._appender.submit_together_async([Asked(each, stamp, cause) for each in commands]))

    def head(self) -> int:
        """Return the position of the last event."""
        return self.recorder.head()

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        """Return events after a position, in ledger order, personal fields sealed."""
        return [logged(row) for row in self.recorder.read(after, limit)]

    def history(self, stream_id: UUID) -> Iterator[RecordedEvent]:
        """Return the events of one case, authority or citizen, personal fields sealed."""
        mapper = self._mapper()
        return (mapper.to_domain_event(stored) for stored in self.recorder.select_events(stream_id))

    def state(self, stream_id: UUID) -> State:
        """Return the folded state of one case, authority or citizen."""
        return replay(recorded.event for recorded in self.history(stream_id))

    def reveal(self, token: str) -> str | None:
        """Return the text of a sealed token, or `None` when its key is gone."""
        return self.vault.reveal(token)

    def close(self) -> None:
        """Answer what waits, then close the database and the key store."""
        if hasattr(self, "_appender"):
            self._appender.stop()
        super().close()
        self.vault.close()

    def _mapper(self) -> LedgerMapper:
        if not isinstance(self.mapper, LedgerMapper):
            raise TypeError("the ledger's mapper was replaced")
        return self.mapper


def _key_store(settings: Settings) -> KeyStore:
    if not settings.keys_database_url:
        return SQLiteKeyStore(settings.vault_file)
    # Its driver is there only where PostgreSQL was asked for.
    from ledger.store.key_store_postgresql import PostgresKeyStore  # noqa: PLC0415

    return PostgresKeyStore(settings.keys_database_url)


def _answers(outcomes: list[Outcome]) -> list[Answer]:
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return outcomes  # type: ignore[return-value]  # those that are not answers were raised


def _library_settings(settings: Settings, *, in_memory: bool = False) -> dict[str, Any]:
    if in_memory:
        return {"PERSISTENCE_MODULE": "ledger.store.memory:LedgerMemoryFactory"}
    if settings.database_url:
        return {
            "PERSISTENCE_MODULE": "ledger.store.postgresql:LedgerPostgresFactory",
            "DATABASE_URL": settings.database_url,
        }
    return {
        "PERSISTENCE_MODULE": "ledger.store.sqlite:LedgerSQLiteFactory",
        "SQLITE_DBNAME": settings.ledger_file.absolute().as_uri(),
    }


class ReadOnlyLog:
    """The log of a ledger for those who only read it: no writer, no keys."""

    def __init__(self, settings: Settings) -> None:
        """Open the database that the settings name, made on first use."""
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._factory = InfrastructureFactory.construct(Environment("CaseLedger", _library_settings(settings)))
        recorder = self._factory.application_recorder()
        if not isinstance(recorder, LedgerRecorder):
            raise TypeError("this database keeps no ledger")
        self._recorder = recorder

    def head(self) -> int:
        """Return the position of the last event."""
        return self._recorder.head()

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        """Return events after a position, in ledger order, personal fields sealed."""
        return [logged(row) for row in self._recorder.read(after, limit)]

    def close(self) -> None:
        """Close the database."""
        self._factory.close()
