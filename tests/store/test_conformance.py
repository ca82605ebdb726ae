"""The library's own conformance cases, on each recorder that we ship.

Left out, because we ship nothing that they are about: `TrackingRecorderTestCase` and
`ProcessRecorderTestCase` (our views keep their own position), `TranscoderTestCase` (our mapper has no
transcoder) and `InfrastructureFactoryTestCase` (our factories make one recorder, and our application its
mapper).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import TestCase
from uuid import UUID

import pytest

# The module and not its classes: pytest would collect the abstract cases by their names here.
from eventsourcing.persistence import AggregateRecorder, InfrastructureFactory, StoredEvent
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment

from ledger.store.database import LedgerRecorder


class _OnAStore(TestCase):
    variables: dict[str, str]

    def create_recorder(self) -> LedgerRecorder:
        factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(Environment("CaseLedger", self.variables))
        self.addCleanup(factory.close)
        recorder = factory.application_recorder()
        assert isinstance(recorder, LedgerRecorder)
        return recorder


class _OnSQLite(_OnAStore):
    @pytest.fixture(autouse=True)
    def _placed(self, tmp_path: Path) -> None:
        self.variables = {
            "PERSISTENCE_MODULE": "ledger.store.sqlite:LedgerSQLiteFactory",
            "SQLITE_DBNAME": f"file:{tmp_path}/ledger.db",
        }


class _InMemory(_OnAStore):
    variables = {"PERSISTENCE_MODULE": "ledger.store.memory:LedgerMemoryFactory"}  # noqa: RUF012  # never changed


class _OnPostgreSQL(_OnAStore):
    @pytest.fixture(autouse=True)
    def _placed(self, database_url: str) -> None:
        self.variables = {
            "PERSISTENCE_MODULE": "ledger.store.postgresql:LedgerPostgresFactory",
            "DATABASE_URL": database_url,
        }


class TestSQLiteRecorder(_OnSQLite, library.ApplicationRecorderTestCase[LedgerRecorder]):
    """Not the subscription: the library has none on SQLite, nor have we."""


class TestMemoryRecorder(_InMemory, library.ApplicationRecorderTestCase[LedgerRecorder]):
    test_insert_subscribe = library.ApplicationRecorderTestCase.optional_test_insert_subscribe


class TestPostgreSQLRecorder(_OnPostgreSQL, library.ApplicationRecorderTestCase[LedgerRecorder]):
    """Not the subscription: the library's may miss what is sent before it listens, so ours refuses."""


class TestSQLitePositions(_OnSQLite, library.NonInterleavingNotificationIDsBaseCase):
    pass


class TestMemoryPositions(_InMemory, library.NonInterleavingNotificationIDsBaseCase):
    pass


class TestPostgreSQLPositions(_OnPostgreSQL, library.NonInterleavingNotificationIDsBaseCase):
    pass


class _WithoutPositions(AggregateRecorder):
    """One of our recorders, as silent about positions as an aggregate recorder must be."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> None:
        self._recorder.insert_events(stored_events)

    def select_events(self, originator_id: UUID | str, **which: Any) -> Sequence[StoredEvent]:
        return [
            StoredEvent(event.originator_id, event.originator_version, event.topic, event.state)
            for event in self._recorder.select_events(originator_id, **which)
        ]


class _AsAggregateRecorder(_OnAStore):
    def create_recorder(self) -> AggregateRecorder:  # type: ignore[override]  # seen as its simpler kind
        return _WithoutPositions(super().create_recorder())


class TestSQLiteStreams(_AsAggregateRecorder, _OnSQLite, library.AggregateRecorderTestCase):
    pass


class TestMemoryStreams(_AsAggregateRecorder, _InMemory, library.AggregateRecorderTestCase):
    pass


class TestPostgreSQLStreams(_AsAggregateRecorder, _OnPostgreSQL, library.AggregateRecorderTestCase):
    pass
