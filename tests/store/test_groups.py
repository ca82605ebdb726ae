import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.events import CitizenForgotten, tag_of
from ledger.domain.record import Cause
from ledger.store.database import LedgerRecorder
from ledger.store.mapper import EventRow, LedgerStoredEvent

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class PowerCutError(Exception):
    pass


def stored(name: str, version: int = 1) -> EventRow:
    return (
        cast.identifier(name),
        version,
        "something-happened.v1",
        f'"{name}"'.encode(),
        cast.identifier(f"{name} {version}").bytes,
        b'{"about":"nobody"}',
    )


def append(recorder: LedgerRecorder, *events: EventRow) -> int:
    with recorder.group() as group:
        group.append(events)
        return group.head


def test_positions_begin_at_one_and_have_no_gap(recorder: LedgerRecorder) -> None:
    append(recorder, stored("a", 1), stored("a", 2))
    append(recorder, stored("b"))

    assert [row[0] for row in recorder.read(0, 10)] == [1, 2, 3]


def test_the_head_is_the_position_of_the_last_event(recorder: LedgerRecorder) -> None:
    assert recorder.head() == 0
    assert append(recorder, stored("a"), stored("b")) == 2
    assert recorder.head() == 2


def test_a_group_can_append_twice(recorder: LedgerRecorder) -> None:
    with recorder.group() as group:
        group.append([stored("a")])
        group.append([stored("b")])

    assert [row[0] for row in recorder.read(0, 10)] == [1, 2]


def test_an_exception_leaves_nothing_of_a_group(recorder: LedgerRecorder) -> None:
    append(recorder, stored("kept"))

    with pytest.raises(PowerCutError), recorder.group() as group:
        group.append([stored("lost")])
        group.log([(cast.command_id("lost"), b"answer")])
        raise PowerCutError

    assert recorder.head() == 1
    assert recorder.select_events(cast.identifier("lost")) == []
    with recorder.group() as group:
        assert group.verdicts([cast.command_id("lost")]) == {}


def test_a_version_taken_by_another_leaves_nothing_of_a_group(recorder: LedgerRecorder) -> None:
    append(recorder, stored("taken"))

    with pytest.raises(IntegrityError), recorder.group() as group:
        group.append([stored("fresh")])
        group.append([stored("taken")])

    assert [row[4] for row in recorder.read(0, 10)] == [b'"taken"']


def test_the_positions_of_a_failed_group_are_given_again(recorder: LedgerRecorder) -> None:
    with pytest.raises(PowerCutError), recorder.group() as group:
        group.append([stored("lost")])
        raise PowerCutError

    assert append(recorder, stored("kept")) == 1


def test_what_is_answered_to_a_command_is_kept_with_its_group(recorder: LedgerRecorder) -> None:
    one, another = cast.command_id("one"), cast.command_id("another")
    with recorder.group() as group:
        group.log([(one, b"first answer")])

    with recorder.group() as group:
        assert group.verdicts([one, another]) == {one: b"first answer"}


def test_an_empty_group_changes_nothing(recorder: LedgerRecorder) -> None:
    with recorder.group() as group:
        group.append([])
        group.log([])
        assert group.verdicts([]) == {}

    assert recorder.head() == 0


def test_the_log_is_read_in_pages(recorder: LedgerRecorder) -> None:
    append(recorder, *(stored("a", version) for version in range(1, 8)))

    pages = [recorder.read(after, 3) for after in (0, 3, 6, 7)]

    assert [[row[0] for row in page] for page in pages] == [[1, 2, 3], [4, 5, 6], [7], []]


def test_a_row_holds_the_identity_the_tag_and_the_metadata_of_its_event(recorder: LedgerRecorder) -> None:
    _, _, tag, data, identity, metadata = event = stored("a")
    append(recorder, event)

    assert recorder.read(0, 1) == [(1, identity, tag, metadata, data)]
    assert recorder.select_events(event[0]) == [LedgerStoredEvent(*event)]


def test_a_stream_is_read_from_a_version_to_another(recorder: LedgerRecorder) -> None:
    append(recorder, *(stored("a", version) for version in range(1, 6)))

    def versions(*, gt: int | None = None, lte: int | None = None, desc: bool = False) -> list[int]:
        found = recorder.select_events(cast.identifier("a"), gt=gt, lte=lte, desc=desc, limit=3)
        return [event.originator_version for event in found]

    assert versions() == [1, 2, 3]
    assert versions(desc=True) == [5, 4, 3]
    assert versions(gt=3) == [4, 5]
    assert versions(lte=2, desc=True) == [2, 1]


def test_events_of_the_plain_library_have_no_identity(recorder: LedgerRecorder) -> None:
    recorder.insert_events([StoredEvent(cast.identifier("a"), 1, "topic", b"state")])

    assert recorder.read(0, 1) == [(1, b"", "topic", b"{}", b"state")]


def test_the_fences_are_the_events_that_forget(ledger: CaseLedger) -> None:
    for command in (commands.register_authority(), commands.publish_service(), commands.open_case()):
        ledger.execute(command, cast.stamp(command.occurred_at))
    assert ledger.recorder.fences() == []

    forget = commands.forget_citizen()
    answer = ledger.execute(forget, cast.stamp(forget.occurred_at))

    [(position, _, tag, _, _)] = ledger.recorder.fences()
    [forgotten] = (recorded.event for recorded in ledger.history(forget.stream_id))
    assert (position, tag) == (answer.verdict.position, tag_of(forgotten))
    assert isinstance(forgotten, CitizenForgotten)


def test_an_event_is_filed_with_what_may_be_said_of_it(ledger: CaseLedger) -> None:
    cause = Cause(correlation_id=cast.identifier("story"), traceparent=TRACE)
    command = replace(commands.register_authority(), authority=cast.VAL_DE_GARONNE, parent=None)

    ledger.execute(command, cast.stamp(command.occurred_at), cause)

    [row] = ledger.read(0, 10)
    [recorded] = ledger.history(command.stream_id)
    assert row.event_id == recorded.event_id
    assert row.metadata == recorded.metadata
    assert row.metadata.authority == cast.VAL_DE_GARONNE
    assert row.metadata.command_id == command.command_id
    assert row.metadata.correlation_id == cause.correlation_id
    assert row.metadata.traceparent == TRACE
    assert row.metadata.recorded_at == cast.stamp(command.occurred_at).recorded_at
