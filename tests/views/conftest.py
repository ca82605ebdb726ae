"""A town whose agents do things; what they do is decided by the real rules, and folded by the real views."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from ledger.domain.case import Authority, State, evolve, placement
from ledger.domain.commands import (
    AssignCase,
    CloseCase,
    CorrectInteraction,
    DecideCase,
    HandOverCase,
    LedgerCommand,
    OpenCase,
    PublishService,
    RecordInteraction,
    RecordStep,
    RegisterAuthority,
    ReopenCase,
    RequestDocuments,
)
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.errors import Refusal
from ledger.domain.events import Stamp, tag_of
from ledger.domain.identifiers import CaseId, CommandId, InteractionId, RequestId, StepId, authority_stream
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Outcome
from ledger.publishing.published import PublishedEvent

PAU = "216404459"
PAU_BEARN_PYRENEES = "200067254"
CANTEEN = "restauration-scolaire"
LIBRARY = "bibliotheque"
_NAMES = UUID("11111111-1111-4111-8111-111111111111")


class Town:
    """What happens in a town; `day hour:minute` is a moment of September 2026, universal time if no zone is given."""

    def __init__(self) -> None:
        self.events: list[PublishedEvent] = []
        self.connections: list[sqlite3.Connection] = []
        self._states: dict[UUID, State] = {}
        self._identifiers = 0

    @staticmethod
    def at(moment: str) -> datetime:
        day, clock = moment.split()
        local = datetime.fromisoformat(f"2026-09-{int(day):02}T{clock}")
        return local if local.tzinfo else local.replace(tzinfo=UTC)

    def identifier(self) -> UUID:
        self._identifiers += 1
        return uuid5(_NAMES, str(self._identifiers))

    def does(self, command: LedgerCommand, recorded: datetime | None = None) -> None:
        state = self._states.get(command.stream_id)
        stamp = Stamp(by="agent-017", recorded_at=recorded or command.occurred_at)
        read = authority_read_by(command)
        authority = self._states.get(authority_stream(read)) if read else None
        for event in decide(command, state, stamp, authority if isinstance(authority, Authority) else None):
            placed = placement(state, event)
            state = evolve(state, event)
            self.events.append(
                PublishedEvent(
                    position=len(self.events) + 1,
                    event_id=self.identifier(),
                    tag=tag_of(event),
                    authority=placed.authority,
                    service=placed.service,
                    channel=placed.channel,
                    subject=command.stream_id,
                    event=event,
                    data=msgspec.json.encode(event),
                )
            )
        self._states[command.stream_id] = state

    def tries(self, command: LedgerCommand, recorded: datetime | None = None) -> None:
        try:
            self.does(command, recorded)
        except Refusal:
            return

    def offers(self, authority: str, **services: str) -> None:
        asked = self._asked("1 00:00")
        self.does(
            RegisterAuthority(**asked, authority=authority, name=f"Authority {authority}", kind=AuthorityKind.EPCI)
        )
        for service, name in services.items():
            self.does(
                PublishService(
                    **self._asked("1 00:00"), authority=authority, service=service.replace("_", "-"), name=name
                )
            )

    def opens(self, channel: Channel, when: str, *, recorded: str | None = None, **more: Any) -> CaseId:
        case_id = CaseId(self.identifier())
        command = OpenCase(
            **self._asked(when),
            **{"authority": PAU, "service": CANTEEN, **more},
            case_id=case_id,
            channel=channel,
            interaction_id=self.opening_contact(case_id),
        )
        self.does(command, self.at(recorded) if recorded else None)
        return case_id

    @staticmethod
    def opening_contact(case_id: CaseId) -> InteractionId:
        return InteractionId(uuid5(case_id, "opening"))

    def hears(
        self,
        case_id: CaseId,
        channel: Channel,
        when: str,
        *,
        recorded: str | None = None,
        **more: Any,
    ) -> InteractionId:
        interaction_id = InteractionId(self.identifier())
        command = RecordInteraction(
            **self._asked(when),
            **{"direction": Direction.IN, **more},
            case_id=case_id,
            interaction_id=interaction_id,
            channel=channel,
        )
        self.does(command, self.at(recorded) if recorded else None)
        return interaction_id

    def answers(
        self,
        case_id: CaseId,
        channel: Channel,
        when: str,
        *,
        recorded: str | None = None,
        **more: Any,
    ) -> InteractionId:
        return self.hears(case_id, channel, when, recorded=recorded, direction=Direction.OUT, **more)

    def corrects(self, case_id: CaseId, interaction_id: InteractionId, when: str, **amended: Any) -> None:
        asked = self._asked(when)
        self.does(
            CorrectInteraction(**asked, **amended, case_id=case_id, interaction_id=interaction_id, reason="Mal saisi")
        )

    def works_on(self, case_id: CaseId, when: str, *, unit: str | None = None) -> None:
        step_id = StepId(self.identifier())
        self.does(RecordStep(**self._asked(when), case_id=case_id, step_id=step_id, activity="Instruction", unit=unit))

    def requests_documents(self, case_id: CaseId, channel: Channel, when: str) -> None:
        request_id = RequestId(self.identifier())
        self.does(
            RequestDocuments(
                **self._asked(when), case_id=case_id, request_id=request_id, channel=channel, documents=("RIB",)
            )
        )

    def assigns(self, case_id: CaseId, when: str, *, agent: str, unit: str | None = None) -> None:
        self.does(AssignCase(**self._asked(when), case_id=case_id, agent=agent, unit=unit))

    def hands_over(self, case_id: CaseId, when: str, **to: Any) -> None:
        self.does(HandOverCase(**self._asked(when), **to, case_id=case_id, reason="Compétence"))

    def decides(self, case_id: CaseId, when: str) -> None:
        self.does(DecideCase(**self._asked(when), case_id=case_id, outcome=Outcome.GRANTED))

    def closes(self, case_id: CaseId, when: str) -> None:
        self.does(CloseCase(**self._asked(when), case_id=case_id, reason=ClosingReason.COMPLETED))

    def reopens(self, case_id: CaseId, when: str) -> None:
        self.does(ReopenCase(**self._asked(when), case_id=case_id, reason="Fait nouveau"))

    def seen_by(self, view: ModuleType, pages: Sequence[int] = ()) -> sqlite3.Connection:
        """Fold everything that happened so far, in transactions of the given sizes and one for the rest."""
        db = sqlite3.connect(":memory:", isolation_level=None)
        self.connections.append(db)
        db.executescript(view.VIEW.schema)
        folded = 0
        for size in (*pages, len(self.events)):
            db.execute("BEGIN")
            for event in self.events[folded : folded + size]:
                view.VIEW.project(db, event)
            db.execute("COMMIT")
            folded += size
        return db

    def leave(self) -> None:
        for db in self.connections:
            db.close()

    def _asked(self, when: str) -> dict[str, Any]:
        return {"command_id": CommandId(self.identifier()), "occurred_at": self.at(when)}


@pytest.fixture(scope="session")
def new_town() -> Callable[[], Town]:
    """Found a town of its own for each example of a property."""
    return _pau


@pytest.fixture
def town() -> Iterator[Town]:
    """Pau, with a canteen and a library; its agglomération has libraries too."""
    pau = _pau()
    yield pau
    pau.leave()


def _pau() -> Town:
    pau = Town()
    pau.offers(PAU, restauration_scolaire="Cantine", bibliotheque="Bibliothèque")
    pau.offers(PAU_BEARN_PYRENEES, bibliotheque="Médiathèques")
    return pau
