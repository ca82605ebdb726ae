"""The same audit where ledger and views are in PostgreSQL."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkit.auditing.findings import Kind
from labkit.auditing.run import audit
from labkit.restreaming.run import rebuild_stream
from ledger.publishing.epochs import Epoch, read_epochs
from projections import inbox
from projections.engine.epochs import epochs_of, meet
from projections.engine.store import ViewStore
from tests.store.conftest import database_url, postgresql_url

if TYPE_CHECKING:
    from tests.auditing.conftest import Town

__all__ = ["database_url", "postgresql_url"]


@pytest.fixture
def in_database(town: "Town", database_url: str, monkeypatch: pytest.MonkeyPatch) -> "Town":
    """A town without files of its own, but for its keys and its stream."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    town.use_database(database_url)
    return town


def test_what_was_tampered_with_is_named(in_database: "Town", tmp_path: Path) -> None:
    in_database.record(cases=5)
    in_database.publish()
    in_database.fold()
    assert audit(in_database.data, position=1, deep=True).findings == []

    with closing(ViewStore(inbox.VIEW, in_database.place)) as store:
        store.open().execute("UPDATE folded SET events = events - 1")

    (only,) = audit(in_database.data, position=1, deep=False).findings
    assert (only.of, only.kind, only.found) == ("inbox", Kind.MISCOUNTED, 11)
    assert not (tmp_path / "data" / "ledger.db").exists()


def test_a_view_meets_a_new_epoch(in_database: "Town") -> None:
    in_database.record(cases=5)
    in_database.publish()
    in_database.fold()
    made = rebuild_stream(in_database.data, new_epoch=True)
    assert (made.epoch, made.shared) == (2, 12)

    with closing(ViewStore(inbox.VIEW, in_database.place)) as store:
        epochs = read_epochs(in_database.data)
        meet(store, epochs)
        assert (store.position(), epochs_of(store.open())) == (12, epochs)

        later = (*epochs, Epoch(4, epochs[0].began_at))
        meet(store, later)
        assert (store.position(), epochs_of(store.open())) == (0, later)
