"""The tables that every inbox keeps, and how events fold into them.

An inbox keeps all cases and all contacts, whatever its channel: any case may come to it later, be it by
the correction of a contact. What is `here_…` concerns the inbox's own channel only. A contact that happened
after the others is heard on top of them; one that comes late, or is corrected, lets the whole conversation
of its case be told again.
"""

from collections.abc import Sequence
from functools import partial
from sqlite3 import Connection

from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    DocumentsRequested,
    Event,
    InteractionCorrected,
    InteractionRecorded,
    StepRecorded,
)
from ledger.domain.vocabulary import CaseStatus
from ledger.publishing.published import PublishedEvent
from projections import cases, contacts
from projections.cases import Case, Cases, Opening
from projections.contacts import Contacts, Told, as_told, told_by
from projections.conversation import Rules, amend, hear, retell
from projections.engine.items import Chosen
from projections.engine.view import View
from projections.keys import to_instant

VERSION = 2
SCHEMA = f"{cases.SCHEMA}{contacts.SCHEMA}"
_EVENTS: frozenset[type[Event]] = frozenset(
    {
        CaseAssigned,
        CaseClosed,
        CaseDecided,
        CaseHandedOver,
        CaseOpened,
        CaseReopened,
        DocumentsRequested,
        InteractionCorrected,
        InteractionRecorded,
    }
)
_EVENTS_AND_STEPS = _EVENTS | {StepRecorded}


def inbox_view(name: str, rules: Rules, *, indexes: str = "") -> View:
    """Return the view of an inbox; `indexes` are those that only its own channel needs."""
    indexes = cases.INDEXES + indexes
    return View(
        name=name,
        version=VERSION,
        schema=SCHEMA + indexes,
        indexes=indexes,
        events=_EVENTS_AND_STEPS if rules.steps_settle else _EVENTS,
        project=lambda db, event: follow(db, (event,), rules),
        project_page=partial(follow, rules=rules),
    )


def follow(db: Connection, events: Sequence[PublishedEvent], rules: Rules) -> None:
    """Fold events into the tables of an inbox."""
    book = _Casebook(db, rules, events.worked_out if isinstance(events, Chosen) else {})
    for event in events:
        book.follow(event)
    book.write()


class _Casebook:
    """The tables of an inbox while events are folded."""

    def __init__(self, db: Connection, rules: Rules, told: dict[int, Told]) -> None:
        self._rules = rules
        self._told = told
        self._cases = Cases(db)
        self._contacts = Contacts(db)

    def follow(self, event: PublishedEvent) -> None:
        match event.event:
            case InteractionRecorded() as recorded:
                self._record(recorded, event.position)
            case CaseOpened() as opened:
                self._open(opened, event.position)
            case InteractionCorrected() as corrected:
                self._correct(corrected)
            case StepRecorded(case_id=case_id) if self._rules.steps_settle and (case := self._cases.find(case_id)):
                case.settle(event.position)
            case CaseClosed(case_id=case_id) if case := self._cases.find(case_id):
                case.answer(event.position)
                case.status = CaseStatus.CLOSED.value
            case DocumentsRequested(case_id=case_id) | CaseDecided(case_id=case_id) if case := self._cases.find(
                case_id
            ):
                case.answer(event.position)
            case CaseReopened(case_id=case_id) if case := self._cases.find(case_id):
                case.status = CaseStatus.OPEN.value
            case CaseAssigned(case_id=case_id, agent=agent, unit=unit) if case := self._cases.find(case_id):
                case.agent, case.unit = agent, unit or case.unit
            case CaseHandedOver(case_id=case_id) as handed_over if case := self._cases.find(case_id):
                case.authority, case.unit, case.agent = handed_over.to_authority, handed_over.to_unit, None

    def write(self) -> None:
        self._contacts.write()
        self._cases.write()

    def _open(self, opened: CaseOpened, position: int) -> None:
        self._cases.open(
            opened.case_id,
            Case(position, opened.channel.value, opened.authority, opened.unit),
            Opening(
                case_id=opened.case_id.bytes,
                reference=opened.reference,
                service=opened.service,
                citizen=opened.citizen.bytes if opened.citizen else None,
                opened_at=to_instant(opened.occurred_at),
                deadline=to_instant(opened.deadline) if opened.deadline else None,
                title=opened.title,
            ),
        )

    def _record(self, recorded: InteractionRecorded, position: int) -> None:
        case = self._opened(recorded)
        told = self._told.get(position)
        if told is None:
            told = self._told[position] = told_by(recorded, position, case.opened_on)
        self._contacts.add(case, told, recorded.interaction_id)
        contact = told.contact
        if case.last_at is None or contact.at >= case.last_at:
            case.stands(hear(case.standing, contact, self._rules))
            self._hear_last(case, told)
            if self._rules.concern(contact):
                self._hear_here(case, told)
        else:
            self._retell(case)

    def _correct(self, corrected: InteractionCorrected) -> None:
        case = self._opened(corrected)
        before = self._contacts.find(case, corrected.interaction_id)
        self._contacts.amend(case, as_told(amend(before, corrected)))
        self._retell(case)

    def _opened(self, event: InteractionRecorded | InteractionCorrected) -> Case:
        if case := self._cases.find(event.case_id):
            return case
        raise LookupError(f"case {event.case_id} was never opened")

    def _retell(self, case: Case) -> None:
        told = self._contacts.newest_first(case)
        case.stands(retell(told, self._rules, answered=case.answered, settled=case.settled))
        self._hear_last(case, as_told(told[0]))
        if here := next(filter(self._rules.concern, told), None):
            self._hear_here(case, as_told(here))

    @staticmethod
    def _hear_last(case: Case, told: Told) -> None:
        case.last_at, case.last_channel, case.last_direction = told.contact.at, told.channel, told.direction
        case.summary = told.contact.summary

    @staticmethod
    def _hear_here(case: Case, told: Told) -> None:
        case.here_at, case.here_recorded_at = told.contact.at, told.contact.recorded_at
        case.here_particulars = told.particulars
