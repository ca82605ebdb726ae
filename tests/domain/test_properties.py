from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.histories import an_authority_with_a_service, an_open_case
from labkit.specification import Answer, state_before
from labkit.specification import given as after
from ledger.domain.case import Case, Placement, evolve, placement, replay
from ledger.domain.commands import (
    COMMANDS,
    AssignCase,
    ForgetCitizen,
    LedgerCommand,
    OpenCase,
    PublishService,
    ReceiveDocuments,
    RecordInteraction,
    RecordStep,
    RegisterAuthority,
    RequestDocuments,
)
from ledger.domain.events import (
    EVENTS,
    CaseEvent,
    CaseHandedOver,
    CaseReopened,
    DocumentsReceived,
    InteractionCorrected,
    InteractionRecorded,
    LedgerEvent,
)
from ledger.domain.vocabulary import CaseStatus

UTF_8 = st.characters(exclude_categories=["Cs"])
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
BEGINNING = (
    *an_authority_with_a_service(),
    *(replace(event, authority=cast.PAU_BEARN_PYRENEES) for event in an_authority_with_a_service()),
    *an_open_case(),
)
REPEATABLE = (
    RegisterAuthority,
    PublishService,
    OpenCase,
    RecordInteraction,
    RecordStep,
    RequestDocuments,
    ReceiveDocuments,
    AssignCase,
    ForgetCitizen,
)


def known(*names: str) -> st.SearchStrategy[UUID]:
    return st.sampled_from([cast.identifier(name) for name in names])


def days(first: int, last: int) -> st.SearchStrategy[datetime]:
    return st.integers(first * 24, last * 24).map(lambda hours: cast.at(1, "00:00") + timedelta(hours=hours))


# So few of each that commands of one sequence often speak of the same thing.
POOLS: dict[str, st.SearchStrategy[object]] = {
    "occurred_at": days(1, 30),
    "interaction_occurred_at": st.none() | days(1, 90),
    "case_id": known("the Lafourcade case", "the Lafourcade case", "another case"),
    "interaction_id": known("counter visit", "phone call", "online reply", "missing documents"),
    "request_id": known("missing documents", "other documents", "phone call"),
    "step_id": known("income check", "another step"),
    "citizen": st.none() | st.just(cast.CITIZEN),
    "authority": st.sampled_from([cast.PAU, cast.PAU_BEARN_PYRENEES, cast.VAL_DE_GARONNE, "123456789"]),
    "to_authority": st.sampled_from([None, cast.PAU, cast.PAU_BEARN_PYRENEES, cast.VAL_DE_GARONNE]),
    "service": st.sampled_from([cast.CANTEEN, "bibliotheque"]),
    "name": st.sampled_from(["Commune de Pau", "Inscription à la restauration scolaire"]),
    "agent": st.sampled_from([cast.AGENT, cast.ANOTHER_AGENT]),
    "unit": st.sampled_from([None, cast.EDUCATION, cast.CANTEENS]),
    "to_unit": st.sampled_from([None, cast.EDUCATION, cast.CANTEENS]),
    "attachments": st.just(()),
    "documents": st.just(("Justificatif de domicile",)),
}


def value_of(kind: inspect.Type) -> st.SearchStrategy[object]:
    """Anything that a field of that type may hold."""
    match kind:
        case inspect.Metadata():
            return value_of(kind.type)
        case inspect.StrType(pattern=str() as pattern, max_length=longest):
            return st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) <= (longest or 999))
        case inspect.StrType(min_length=shortest):
            return st.text(UTF_8, min_size=shortest or 0, max_size=40)
        case inspect.IntType(ge=least):
            return st.integers(least or 0, 3660)
        case inspect.FloatType(ge=least, le=most):
            return st.floats(least, most)
        case inspect.DictType(key_type=name, value_type=value):
            return st.dictionaries(value_of(name), value_of(value), max_size=3)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.UUIDType():
            return st.uuids()
        case inspect.DateTimeType():
            return st.datetimes(timezones=OFFSETS)
        case inspect.DateType():
            return st.dates()
        case inspect.EnumType(cls=terms):
            return st.sampled_from(list(terms))
        case inspect.VarTupleType(item_type=item, min_length=fewest):
            return st.lists(value_of(item), min_size=fewest or 0, max_size=3).map(tuple)
        case inspect.UnionType(types=kinds):
            return st.one_of(*map(value_of, kinds))
        case inspect.StructType(cls=struct):
            return struct_of(struct)
    raise TypeError(kind)


def struct_of(kind: type, pools: dict[str, st.SearchStrategy[object]] | None = None) -> st.SearchStrategy[object]:
    """Any struct of that kind; the fields that have a pool draw from it."""
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    drawn = {field.name: value_of(field.type) for field in shape.fields}
    pooled = {name: pool for name, pool in (pools or {}).items() if name in drawn}
    return st.builds(kind, **drawn | pooled)


def a_command() -> st.SearchStrategy[LedgerCommand]:
    """Any command about a few cases of a few authorities, its particulars mostly those of its channel."""

    def fit(command: LedgerCommand, *, fitting: bool) -> LedgerCommand:
        channel = getattr(command, "channel", None)
        if not fitting or channel is None or not hasattr(command, "particulars"):
            return command
        return replace(command, particulars=cast.particulars_of(channel))

    drawn = st.one_of(*(struct_of(kind, POOLS) for kind in COMMANDS))
    return st.builds(fit, drawn, fitting=st.integers(0, 4).map(bool))


def tell(commands: list[LedgerCommand]) -> list[tuple[tuple[LedgerEvent, ...], LedgerCommand, Answer]]:
    """Ask for one thing after another; return what had happened before each, and each answer."""
    past = BEGINNING
    story = []
    for command in commands:
        answer = after(*past).when(command)
        story.append((past, command, answer))
        past += answer.events
    return story


def sequences(test: Callable[[list[LedgerCommand]], None]) -> Callable[[], None]:
    """Try a test on histories: fifty of up to twenty-five commands each meet every rule many times."""
    return given(st.lists(a_command(), min_size=8, max_size=25))(settings(max_examples=50)(test))


@pytest.mark.parametrize("kind", [*EVENTS, *COMMANDS], ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])  # A busy machine is no fault of ours.
def test_what_is_written_is_what_is_read(kind: type, data: st.DataObject) -> None:
    thing = data.draw(struct_of(kind))
    assert msgspec.json.decode(msgspec.json.encode(thing), type=kind) == thing


@sequences
def test_whatever_is_decided_can_be_replayed(commands: list[LedgerCommand]) -> None:
    past, _, last = tell(commands)[-1]
    streams: dict[UUID, list[LedgerEvent]] = defaultdict(list)
    for event in (*past, *last.events):
        before = replay(streams[event.stream_id])
        assert isinstance(placement(before, event), Placement)
        streams[event.stream_id].append(event)
    for events in streams.values():
        assert [event.version for event in events] == list(range(1, len(events) + 1))
        assert replay(events) is not None


@sequences
def test_a_repeat_right_after_itself_changes_nothing(commands: list[LedgerCommand]) -> None:
    for past, command, first in tell(commands):
        if not isinstance(command, REPEATABLE):
            continue
        second = after(*past, *first.events).when(command)
        assert second.events == ()
        assert type(second.refusal) is type(first.refusal)


@sequences
def test_a_correction_amends_a_contact_and_never_the_case(commands: list[LedgerCommand]) -> None:
    for past, command, answer in tell(commands):
        for event in answer.events:
            if isinstance(event, InteractionCorrected):
                before = state_before(past, command)
                assert isinstance(before, Case)
                assert event.interaction_id in before.interaction_ids
                assert evolve(before, event) == replace(before, version=event.version)


@sequences
def test_a_hand_over_moves_the_case_and_frees_its_agent(commands: list[LedgerCommand]) -> None:
    for past, command, answer in tell(commands):
        for event in answer.events:
            if isinstance(event, CaseHandedOver):
                before = state_before(past, command)
                assert isinstance(before, Case)
                assert (event.from_authority, event.from_unit) == (before.authority, before.unit)
                assert (event.to_authority, event.to_unit) != (before.authority, before.unit)
                moved = evolve(before, event)
                assert isinstance(moved, Case)
                assert (moved.authority, moved.unit, moved.agent) == (event.to_authority, event.to_unit, None)


@sequences
def test_a_closed_case_is_only_corrected_or_reopened(commands: list[LedgerCommand]) -> None:
    for past, command, answer in tell(commands):
        before = state_before(past, command)
        if isinstance(before, Case) and before.status is CaseStatus.CLOSED:
            assert all(isinstance(event, InteractionCorrected | CaseReopened) for event in answer.events)


@sequences
def test_a_contact_is_recorded_once(commands: list[LedgerCommand]) -> None:
    past, _, last = tell(commands)[-1]
    recorded = [
        (event.case_id, event.interaction_id)
        for event in (*past, *last.events)
        if isinstance(event, InteractionRecorded)
    ]
    assert len(recorded) == len(set(recorded))


@sequences
def test_documents_come_in_with_the_contact_that_they_name(commands: list[LedgerCommand]) -> None:
    for _, _, answer in tell(commands):
        for event, following in pairwise((*answer.events, None)):
            if isinstance(event, DocumentsReceived):
                assert isinstance(following, InteractionRecorded)
                assert following.interaction_id == event.interaction_id


@sequences
def test_a_case_speaks_of_one_citizen_only(commands: list[LedgerCommand]) -> None:
    past, _, last = tell(commands)[-1]
    citizens: dict[UUID, set[UUID | None]] = defaultdict(set)
    for event in (*past, *last.events):
        if isinstance(event, CaseEvent) and hasattr(event, "citizen"):
            citizens[event.case_id].add(event.citizen)
    assert all(len(known_as) == 1 for known_as in citizens.values())
