"""How events fold into the figures of the overview: added up in memory, a page at a time, and written once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from sqlite3 import Connection
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from ledger.domain.events import (
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    InteractionCorrected,
    InteractionRecorded,
    ServicePublished,
    StepRecorded,
)
from ledger.domain.vocabulary import Channel
from ledger.publishing.published import PublishedEvent
from projections.charges import Charge, Charges
from projections.figures import MINUTE
from projections.keys import to_instant

_MINUTES_KEPT = 24 * 60
_CASES, _INTERACTIONS, _STEPS, _WORKED = range(4)

_FIND = """
SELECT opened_position, steps, first_step_at, last_step_at, authority, service, unit, deadline, closed_at
FROM cases WHERE case_id = ?
"""
_OPEN = """
INSERT INTO cases (opened_position, steps, first_step_at, last_step_at, authority, service, unit, deadline, closed_at,
    case_id, channel) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_CHANGE = """
UPDATE cases SET steps = ?, first_step_at = ?, last_step_at = ?, authority = ?, unit = ?, closed_at = ?
WHERE opened_position = ?
"""
_COUNT = """
INSERT INTO channels (channel, cases, interactions, steps, worked) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (channel) DO UPDATE SET cases = channels.cases + excluded.cases,
    interactions = channels.interactions + excluded.interactions, steps = channels.steps + excluded.steps,
    worked = channels.worked + excluded.worked
"""
_CONTACT = """
INSERT INTO contacts VALUES (?, ?, ?) ON CONFLICT (case_id, interaction_id) DO UPDATE SET channel = excluded.channel
"""
_CHANNEL_OF_CONTACT = "SELECT channel FROM contacts WHERE case_id = ? AND interaction_id = ?"
_COUNT_MINUTE = """
INSERT INTO flow (minute, channel, interactions) VALUES (?, ?, ?)
ON CONFLICT (minute, channel) DO UPDATE SET interactions = flow.interactions + excluded.interactions
"""
_FORGET_MINUTES = f"DELETE FROM flow WHERE minute <= (SELECT max(minute) FROM flow) - {_MINUTES_KEPT}"  # noqa: S608
_NAME_AUTHORITY = "INSERT INTO authorities VALUES (?, ?) ON CONFLICT (authority) DO UPDATE SET name = excluded.name"


def tally(db: Connection, events: Sequence[PublishedEvent]) -> None:
    """Fold events into the figures."""
    figures = _Figures(db)
    for event in events:
        figures.count(event)
    figures.write()


class _Case(Struct):
    """A case as the figures know it."""

    opened_position: int
    charge: Charge
    steps: int = 0
    first_step_at: int | None = None
    last_step_at: int | None = None


class _Figures:
    """The figures while events are folded: cases read once, everything added up and written once."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._charges = Charges(db)
        self._known: dict[int, _Case | None] = {}
        self._found: list[_Case] = []
        self._opened: list[tuple[_Case, bytes, str]] = []
        self._contacts: dict[tuple[bytes, bytes], str] = {}
        self._channels: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._flow: Counter[tuple[int, str]] = Counter()

    def count(self, event: PublishedEvent) -> None:
        match event.event:
            case InteractionRecorded() as contact:
                self._count_contact(contact)
            case StepRecorded() as step:
                self._take_step(step, event.channel)
            case CaseOpened() as opened:
                self._open(opened, event.position)
            case CaseAssigned() | CaseHandedOver() | CaseClosed() | CaseReopened() as changed:
                self._change(changed)
            case InteractionCorrected(channel=Channel() as channel) as corrected:
                self._move_contact(corrected, channel.value)
            case AuthorityRegistered(authority=authority, name=name):
                self._db.execute(_NAME_AUTHORITY, (authority, name))
            case ServicePublished() as published:
                self._charges.name_service(published)

    def write(self) -> None:
        rows = [(*_values(case), case_id, channel) for case, case_id, channel in self._opened]
        changed = [_changed(case) for case in self._found]
        counted = [(channel, *counts) for channel, counts in self._channels.items()]
        contacts = sorted((*contact, channel) for contact, channel in self._contacts.items())
        minutes = [(*minute, count) for minute, count in self._flow.items()]
        for statement, written in (
            (_OPEN, rows),
            (_CHANGE, changed),
            (_COUNT, counted),
            (_CONTACT, contacts),
            (_COUNT_MINUTE, minutes),
        ):
            if written:
                self._db.executemany(statement, written)
        if minutes:
            self._db.execute(_FORGET_MINUTES)
        self._charges.write()

    def _count_contact(self, contact: InteractionRecorded) -> None:
        channel, minute = contact.channel.value, to_instant(contact.stamp.recorded_at) // MINUTE
        self._contacts[contact.case_id.bytes, contact.interaction_id.bytes] = channel
        self._channels[channel][_INTERACTIONS] += 1
        self._flow[minute, channel] += 1

    def _move_contact(self, corrected: InteractionCorrected, channel: str) -> None:
        contact = (corrected.case_id.bytes, corrected.interaction_id.bytes)
        before = self._contacts.get(contact) or self._db.execute(_CHANNEL_OF_CONTACT, contact).fetchone()[0]
        self._contacts[contact] = channel
        self._channels[before][_INTERACTIONS] -= 1
        self._channels[channel][_INTERACTIONS] += 1

    def _take_step(self, step: StepRecorded, opened_on: Channel) -> None:
        counts, at = self._channels[opened_on.value], to_instant(step.occurred_at)
        counts[_STEPS] += 1
        if case := self._find(step.case_id):
            counts[_WORKED] += not case.steps
            case.steps += 1
            case.first_step_at = at if case.first_step_at is None else min(case.first_step_at, at)
            case.last_step_at = at if case.last_step_at is None else max(case.last_step_at, at)
        if step.unit:
            self._charges.count_step(step.unit)

    def _open(self, opened: CaseOpened, position: int) -> None:
        deadline = to_instant(opened.deadline) if opened.deadline else None
        case = _Case(position, Charge(opened.authority, opened.service, opened.unit, deadline))
        self._known[opened.case_id.int] = case
        self._opened.append((case, opened.case_id.bytes, opened.channel.value))
        self._channels[opened.channel.value][_CASES] += 1
        self._charges.count(case.charge, 1)

    def _change(self, event: CaseAssigned | CaseHandedOver | CaseClosed | CaseReopened) -> None:
        case = self._find(event.case_id)
        if case is None:
            raise LookupError(f"case {event.case_id} was never opened")
        after = case.charge.after(event)
        if after != case.charge:
            self._charges.move(case.charge, after)
            case.charge = after

    def _find(self, case_id: UUID) -> _Case | None:
        if case_id.int not in self._known:
            stored = self._db.execute(_FIND, (case_id.bytes,)).fetchone()
            self._known[case_id.int] = case = _Case(stored[0], Charge(*stored[4:]), *stored[1:4]) if stored else None
            if case:
                self._found.append(case)
        return self._known[case_id.int]


def _values(case: _Case) -> tuple[object, ...]:
    return (case.opened_position, case.steps, case.first_step_at, case.last_step_at, *astuple(case.charge))


def _changed(case: _Case) -> tuple[object, ...]:
    charge = case.charge
    steps = (case.steps, case.first_step_at, case.last_step_at)
    return (*steps, charge.authority, charge.unit, charge.closed_at, case.opened_position)
