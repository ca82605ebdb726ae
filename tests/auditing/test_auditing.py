"""What the auditor finds in a stream and in views that were tampered with, by name and by position."""

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from nats.js import JetStreamContext

from labkit.auditing.findings import STREAM, Finding, Kind
from labkit.auditing.run import audit
from labkit.failures import NothingRunning
from projections import inbox
from projections.engine.store import ViewStore

if TYPE_CHECKING:
    from tests.auditing.conftest import Town


def found(town: "Town", *, deep: bool = False) -> list[tuple[str, Kind, int]]:
    return [(each.of, each.kind, each.position) for each in audit(town.data, position=1, deep=deep).findings]


def a_stream_without_rules(town: "Town") -> None:
    """Let an operator make the stream as he should not: messages of it can be deleted."""

    async def make(jetstream: JetStreamContext) -> None:
        await jetstream.add_stream(name="LEDGER", subjects=["ledger.>"])

    town.on_stream(make)


@pytest.fixture
def published(town: "Town") -> "Town":
    """A ledger of 22 events, published and folded."""
    a_stream_without_rules(town)
    town.record(cases=10)
    town.publish()
    town.fold()
    return town


def test_an_untouched_ledger_is_the_same_everywhere(published: "Town") -> None:
    done = audit(published.data, position=1, deep=True)

    assert (done.head, done.stream, set(done.views.values())) == (22, 22, {22})
    assert done.findings == []


def test_a_message_that_was_deleted_is_named(published: "Town") -> None:
    published.on_stream(lambda jetstream: jetstream.delete_msg("LEDGER", 7))

    assert found(published) == [(STREAM, Kind.MISSING, 7)]


@pytest.mark.parametrize("first", [1, 20])
def test_messages_deleted_from_either_end_are_named(published: "Town", first: int) -> None:
    async def delete(jetstream: JetStreamContext) -> None:
        for position in range(first, first + 3):
            await jetstream.delete_msg("LEDGER", position)

    published.on_stream(delete)

    assert found(published) == [(STREAM, Kind.MISSING, first)]


def test_messages_written_by_another_hand_are_named(town: "Town") -> None:
    a_stream_without_rules(town)
    town.record(cases=2)
    town.publish()

    async def write(jetstream: JetStreamContext) -> None:
        await jetstream.publish("ledger.a.b.c.d", b'{"garbled"')

    town.on_stream(write)
    town.record(cases=2)
    town.fold()

    assert (STREAM, Kind.FOREIGN, 7) in found(town)


def test_a_message_with_other_bytes_is_told_from_another_event(
    published: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLECTIVILAB_SOURCE", "https://tarbes.example/ledger")

    assert found(published) == [(STREAM, Kind.ALTERED, 1)]


def test_a_view_that_skipped_a_range_is_named_though_its_position_is_right(published: "Town") -> None:
    with closing(ViewStore(inbox.VIEW, published.data / "views")) as store:
        store.open().execute("UPDATE folded SET events = events - 1")

    (only,) = audit(published.data, position=1, deep=False).findings
    assert only == Finding(of="inbox", kind=Kind.MISCOUNTED, first=1, last=22, position=1, expected=22, found=21)


def test_a_view_that_took_one_event_twice_and_left_one_out_is_named(published: "Town") -> None:
    with closing(ViewStore(inbox.VIEW, published.data / "views")) as store:
        store.open().execute("UPDATE folded SET digest = ?", (bytes(16),))

    assert found(published) == [("inbox", Kind.OTHER_EVENTS, 1)]


def test_rows_that_were_changed_by_hand_are_found_by_folding_again(published: "Town") -> None:
    with closing(ViewStore(inbox.VIEW, published.data / "views")) as store:
        table = next(name for (name,) in store.open().execute(_LARGEST))
        store.open().execute(f"DELETE FROM {table}")

    assert found(published) == []
    (only,) = audit(published.data, position=1, deep=True).findings
    assert (only.of, only.kind) == ("inbox", Kind.OTHER_ROWS)
    assert table in only.tables


def test_a_restored_ledger_is_told_from_its_stream_and_its_views(town: "Town") -> None:
    shared = town.record(cases=2)
    town.copy_ledger()
    end = town.record(cases=3)
    town.publish()
    town.fold()
    town.put_ledger_back()

    ahead = found(town)

    assert (STREAM, Kind.AHEAD, end) in ahead
    assert ("inbox", Kind.AHEAD, end) in ahead
    assert shared == audit(town.data, position=1, deep=False).head


def test_a_restored_ledger_that_went_on_is_told_though_it_is_longer(town: "Town") -> None:
    shared = town.record(cases=2)
    town.copy_ledger()
    town.record(cases=1)
    town.publish()
    town.fold()
    town.put_ledger_back()
    town.record(cases=6, name="another future")

    ours = found(town)

    assert (STREAM, Kind.FOREIGN, shared + 1) in ours
    assert ("inbox", Kind.OTHER_EVENTS, 1) in ours


def test_a_view_behind_is_no_difference(published: "Town") -> None:
    published.record(cases=2, name="later")

    assert found(published) == []


def test_where_there_is_no_ledger_none_is_made(town: "Town") -> None:
    with pytest.raises(NothingRunning):
        audit(town.data, position=1, deep=False)

    assert not town.data.exists()


_LARGEST = """
SELECT name FROM sqlite_schema WHERE type = 'table'
AND name NOT IN ('view_position', 'parked', 'folded', 'view_epochs') AND name NOT LIKE 'sqlite_%' ORDER BY name
"""
