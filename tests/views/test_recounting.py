"""Whatever happens, in whatever order it is recorded, the views say what a recount from all events says."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from ledger.domain import commands
from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    ChatbotExchange,
    DocumentsRequested,
    EmailMessage,
    InteractionCorrected,
    InteractionRecorded,
    Particulars,
    PhoneCall,
    StepRecorded,
)
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, ClosingReason, Direction, Outcome
from projections import (
    chatbot,
    counter,
    email,
    inbox,
    internal,
    mobile,
    overview,
    partner,
    post,
    social,
    telephone,
    timeline,
    web,
)
from projections.inbox import InboxQuery, InboxRow
from projections.overview import ServiceFigures

if TYPE_CHECKING:
    from tests.views.conftest import Town

VIEWS = (inbox, counter, telephone, web, mobile, email, post, social, chatbot, partner, internal, timeline, overview)
PLAIN_CHANNELS = {Channel.COUNTER: counter, Channel.EMAIL: email, Channel.PARTNER: partner}
CASES = [CaseId(uuid5(UUID(int=0), str(number))) for number in range(3)]
UNITS = [None, "Éducation", "Cantines"]
AUTHORITIES = ["216404459", "200067254"]
BEGINNING = datetime(2026, 9, 1, tzinfo=UTC)
NOW = BEGINNING + timedelta(hours=150)
CHANNELS = [Channel.COUNTER, Channel.TELEPHONE, Channel.WEB, Channel.EMAIL, Channel.PARTNER, Channel.CHATBOT]

moments = st.integers(0, 300).map(lambda hours: BEGINNING + timedelta(hours=hours))
deadlines = st.none() | moments


def particulars_of(channel: Channel) -> st.SearchStrategy[Particulars | None]:
    match channel:
        case Channel.EMAIL:
            return st.booleans().map(EmailMessage)
        case Channel.TELEPHONE:
            return deadlines.map(PhoneCall)
        case Channel.CHATBOT:
            return st.booleans().map(ChatbotExchange)
        case _:
            return st.none()


@st.composite
def contacts(draw: st.DrawFn) -> dict[str, Any]:
    channel = draw(st.sampled_from(CHANNELS))
    return {
        "channel": channel,
        "direction": draw(st.sampled_from(Direction)),
        "particulars": draw(particulars_of(channel)),
        "summary": draw(st.sampled_from(["", "sealed:a", "sealed:b"])),
    }


@st.composite
def corrections(draw: st.DrawFn) -> dict[str, Any]:
    channel = draw(st.none() | st.sampled_from(CHANNELS))
    return {
        "reason": "Mal saisi",
        "channel": channel,
        "direction": draw(st.none() | st.sampled_from(Direction)),
        "interaction_occurred_at": draw(st.none() | moments),
        "particulars": draw(particulars_of(channel)) if channel else None,
        "summary": draw(st.sampled_from(["", "sealed:c"])),
    }


units = st.sampled_from(UNITS)
fields: dict[type[commands.CaseCommand], st.SearchStrategy[dict[str, Any]]] = {
    commands.OpenCase: st.builds(
        dict[str, Any],
        contacts(),
        authority=st.just(AUTHORITIES[0]),
        service=st.sampled_from(["restauration-scolaire", "bibliotheque"]),
        unit=units,
        deadline=deadlines,
    ),
    commands.RecordInteraction: contacts(),
    commands.CorrectInteraction: corrections(),
    commands.RecordStep: st.fixed_dictionaries({"activity": st.just("Instruction"), "unit": units}),
    commands.RequestDocuments: st.fixed_dictionaries(
        {"channel": st.sampled_from(CHANNELS), "documents": st.just(("RIB",))}
    ),
    commands.AssignCase: st.fixed_dictionaries({"agent": st.sampled_from(["a", "b"]), "unit": units}),
    commands.HandOverCase: st.fixed_dictionaries(
        {"reason": st.just("Compétence"), "to_unit": units, "to_authority": st.sampled_from([None, *AUTHORITIES])}
    ),
    commands.DecideCase: st.just({"outcome": Outcome.GRANTED}),
    commands.CloseCase: st.just({"reason": ClosingReason.COMPLETED}),
    commands.ReopenCase: st.just({"reason": "Fait nouveau"}),
    commands.RecordServiceEvent: st.fixed_dictionaries(
        {"name": st.just("days-chosen.v1"), "channel": st.sampled_from(CHANNELS), "content": st.just("sealed:d")}
    ),
}
IDENTIFIED_BY = {
    commands.OpenCase: "interaction_id",
    commands.RecordInteraction: "interaction_id",
    commands.RecordStep: "step_id",
    commands.RequestDocuments: "request_id",
}
# Talking comes up more often than the rest, and a closed case is mostly reopened.
WHILE_OPEN = [
    *(kind for kind in fields if kind not in {commands.OpenCase, commands.ReopenCase}),
    *[commands.RecordInteraction] * 5,
    *[commands.CorrectInteraction, commands.RecordStep] * 2,
]
WHILE_CLOSED = [commands.ReopenCase, commands.ReopenCase, commands.CorrectInteraction]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[commands.CaseCommand, datetime]]:
    """Commands about a few cases that make sense one after the other, recorded at once or hours later."""
    history: list[tuple[commands.CaseCommand, datetime]] = []
    contacts_of: dict[CaseId, list[UUID]] = {case: [] for case in CASES}
    closed: set[CaseId] = set()

    def ask(case: CaseId, kind: type[commands.CaseCommand]) -> None:
        identifier, happened = uuid5(case, str(len(history))), draw(moments)
        known: dict[str, Any] = {IDENTIFIED_BY[kind]: identifier} if kind in IDENTIFIED_BY else {}
        if kind is commands.CorrectInteraction:
            known = {"interaction_id": draw(st.sampled_from(contacts_of[case]))}
        if kind in {commands.OpenCase, commands.RecordInteraction, commands.RequestDocuments}:
            contacts_of[case].append(identifier)
        command = kind(command_id=identifier, occurred_at=happened, case_id=case, **draw(fields[kind]), **known)
        history.append((command, happened + timedelta(minutes=draw(st.sampled_from([0, 1, 300])))))
        if kind in {commands.CloseCase, commands.ReopenCase}:
            closed.symmetric_difference_update({case})

    for case in CASES[: draw(st.integers(1, len(CASES)))]:
        ask(case, commands.OpenCase)
    for _ in range(draw(st.integers(0, 30))):
        case = draw(st.sampled_from([case for case in CASES if contacts_of[case]]))
        ask(case, draw(st.sampled_from(WHILE_CLOSED if case in closed else WHILE_OPEN)))
    return history


@pytest.fixture(scope="session")
def lived(new_town: "Callable[[], Town]") -> "Callable[[Sequence[Any]], Town]":
    def live(history: Sequence[Any]) -> "Town":
        town = new_town()
        for command, recorded in history:
            town.tries(command, recorded)
        return town

    return live


def tables(town: "Town", view: ModuleType, pages: Sequence[int]) -> dict[str, list[Any]]:
    db = town.seen_by(view, pages)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}


@settings(max_examples=50, deadline=None)
@given(history=histories(), pages=st.lists(st.integers(1, 7), max_size=6))
def test_folding_page_by_page_is_folding_one_by_one(
    lived: "Callable[[Sequence[Any]], Town]", history: Sequence[Any], pages: list[int]
) -> None:
    town = lived(history)
    for view in VIEWS:
        assert tables(town, view, pages) == tables(town, view, [1] * len(town.events))
    town.leave()


@settings(max_examples=100, deadline=None)
@given(history=histories())
def test_the_inboxes_are_what_a_recount_finds(lived: "Callable[[Sequence[Any]], Town]", history: Sequence[Any]) -> None:
    town = lived(history)
    said, acts = recount_contacts(town)
    rows = inbox.rows(town.seen_by(inbox), InboxQuery()).rows
    assert {row.case_id: (last_of(row), row.interactions, row.awaiting_answer_since) for row in rows} == {
        case: (last_of(said[case][0]), len(said[case]), min(unanswered(said[case], acts[case]), default=None))
        for case in said
    }
    for channel, view in PLAIN_CHANNELS.items():
        rows = view.rows(town.seen_by(view), InboxQuery()).rows
        assert {row.case_id: (row.contacts_here, row.here_at, row.waiting) for row in rows} == {
            case: (len(here), here[0].last_at, bool(unanswered(said[case], acts[case], channel)))
            for case in said
            if (here := [contact for contact in said[case] if contact.last_channel is channel])
        }
    town.leave()


@settings(max_examples=75, deadline=None)
@given(history=histories())
def test_the_overview_is_what_a_recount_finds(lived: "Callable[[Sequence[Any]], Town]", history: Sequence[Any]) -> None:
    town = lived(history)
    figures = overview.overview(town.seen_by(overview), len(town.events), NOW)
    said, _ = recount_contacts(town)
    cases = recount_cases(town)
    durations = {one.channel: (one.median_hours, one.ninth_decile_hours) for one in figures.channels}
    assert {one.channel: one.interactions for one in figures.channels} == {
        channel: sum(contact.last_channel is channel for contacts in said.values() for contact in contacts)
        for channel in Channel
    }
    assert {one.channel: (one.cases, one.steps) for one in figures.channels} == {
        channel: (len(mine), sum(len(case.steps) for case in mine))
        for channel in Channel
        for mine in [[case for case in cases if case.channel is channel]]
    }
    assert durations == {channel: ranks([case for case in cases if case.channel is channel]) for channel in Channel}
    assert (figures.median_hours, figures.ninth_decile_hours) == ranks(cases)
    assert {(one.authority, one.service): counted(one) for one in figures.services if one.cases} == {
        place: (len(mine), *states(mine), sum(case.overdue for case in mine))
        for place, mine in grouped(cases, lambda case: (case.authority, case.service))
    }
    steps = Counter(unit for case in cases for _, unit in case.steps if unit)
    assert {one.unit: (one.cases, one.open, one.late) for one in figures.units if one.cases} == {
        unit: (len(mine), states(mine)[0], states(mine)[2])
        for unit, mine in grouped(cases, lambda case: case.unit)
        if unit
    }
    assert {one.unit: one.steps for one in figures.units if one.steps} == dict(steps)
    assert {(one.minute, one.channel): one.interactions for one in figures.flow} == recount_flow(town)
    town.leave()


class Said(Struct, kw_only=True):
    """A contact, recounted; the fields that an inbox shows of the last one bear the same names there."""

    position: int
    last_at: datetime
    last_channel: Channel
    last_direction: Direction
    summary: str
    automatic: bool


class Counted(Struct, kw_only=True):
    """A case, recounted."""

    channel: Channel
    authority: str
    service: str
    unit: str | None
    deadline: datetime | None
    closed_at: datetime | None = None
    steps: list[tuple[datetime, str | None]] = []

    @property
    def late(self) -> bool:
        return bool(self.closed_at and self.deadline and self.closed_at > self.deadline)

    @property
    def overdue(self) -> bool:
        return bool(self.closed_at is None and self.deadline and self.deadline < NOW)


def last_of(shown: InboxRow | Said) -> tuple[object, ...]:
    return shown.last_at, shown.last_channel, shown.last_direction, shown.summary


def counted(figures: ServiceFigures) -> tuple[int, ...]:
    return figures.cases, figures.open, figures.closed, figures.late, figures.overdue


def states(cases: list[Counted]) -> tuple[int, int, int]:
    still_open = sum(case.closed_at is None for case in cases)
    return still_open, len(cases) - still_open, sum(case.late for case in cases)


def grouped(cases: list[Counted], key: Callable[[Counted], Any]) -> list[tuple[Any, list[Counted]]]:
    return [(value, [case for case in cases if key(case) == value]) for value in {key(case) for case in cases}]


def ranks(cases: list[Counted]) -> tuple[float | None, float | None]:
    lasted = sorted(
        (max(moments) - min(moments)) / timedelta(hours=1)
        for case in cases
        if (moments := [moment for moment, _ in case.steps])
    )
    return (statistics.median(lasted), lasted[math.ceil(len(lasted) * 9 / 10) - 1]) if lasted else (None, None)


def unanswered(said: list[Said], act: int, channel: Channel | None = None) -> list[datetime]:
    """When the citizen said what was neither answered by a later act nor by a later contact, in both times."""
    answers = [one for one in said if one.last_direction is Direction.OUT and not one.automatic]
    return [
        one.last_at
        for one in said
        if one.last_direction is Direction.IN
        and not one.automatic
        and one.position > act
        and channel in {None, one.last_channel}
        and not any(answer.position > one.position and answer.last_at >= one.last_at for answer in answers)
    ]


def recount_contacts(town: "Town") -> tuple[dict[UUID, list[Said]], Counter[UUID]]:
    """Every case's contacts as corrected, the last first, and the position of its last act."""
    said: dict[UUID, dict[UUID, Said]] = {}
    acts: Counter[UUID] = Counter()
    for published in town.events:
        match published.event:
            case InteractionRecorded() as event:
                said.setdefault(event.case_id, {})[event.interaction_id] = Said(
                    position=published.position,
                    last_at=event.occurred_at,
                    last_channel=event.channel,
                    last_direction=event.direction,
                    summary=event.summary,
                    automatic=event.particulars == EmailMessage(automatic=True),
                )
            case InteractionCorrected() as event:
                contact = said[event.case_id][event.interaction_id]
                contact.last_at = event.interaction_occurred_at or contact.last_at
                contact.last_channel = event.channel or contact.last_channel
                contact.last_direction = event.direction or contact.last_direction
                contact.summary = event.summary or contact.summary
                if event.particulars or contact.last_channel is not Channel.EMAIL:
                    contact.automatic = event.particulars == EmailMessage(automatic=True)
            case DocumentsRequested() | CaseDecided() | CaseClosed():
                acts[published.event.case_id] = published.position
            case _:
                pass
    newest_first = {
        case: sorted(contacts.values(), key=lambda one: (one.last_at, one.position), reverse=True)
        for case, contacts in said.items()
    }
    return newest_first, acts


def recount_cases(town: "Town") -> list[Counted]:
    """Every case as it stands."""
    cases: dict[UUID, Counted] = {}
    for published in town.events:
        match published.event:
            case CaseOpened() as event:
                cases[event.case_id] = Counted(
                    channel=event.channel,
                    authority=event.authority,
                    service=event.service,
                    unit=event.unit,
                    deadline=event.deadline,
                )
            case StepRecorded() as event:
                cases[event.case_id].steps.append((event.occurred_at, event.unit))
            case CaseAssigned(unit=str() as unit) as event:
                cases[event.case_id].unit = unit
            case CaseHandedOver() as event:
                cases[event.case_id].authority = event.to_authority
                cases[event.case_id].unit = event.to_unit
            case CaseClosed() as event:
                cases[event.case_id].closed_at = event.occurred_at
            case CaseReopened() as event:
                cases[event.case_id].closed_at = None
            case _:
                pass
    return list(cases.values())


def recount_flow(town: "Town") -> dict[tuple[str, Channel], int]:
    """The contacts of the last hour, but none recorded a day before the last of all."""
    contacts = [one.event for one in town.events if isinstance(one.event, InteractionRecorded)]
    minutes = [(one.stamp.recorded_at.replace(second=0, microsecond=0), one.channel) for one in contacts]
    kept = max((minute for minute, _ in minutes), default=NOW) - timedelta(days=1)
    return Counter(
        (f"{minute:%Y-%m-%dT%H:%M}", channel)
        for minute, channel in minutes
        if NOW - timedelta(hours=1) < minute <= NOW and minute > kept
    )
