"""What one group of commands comes to, decided in memory: nothing here is durable before the group is."""

import logging
import sqlite3
import traceback
from collections.abc import Mapping
from uuid import UUID

from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from ledger.domain.case import Authority, State, evolve, placement
from ledger.domain.citizen import Citizen
from ledger.domain.commands import ForgetCitizen, LedgerCommand
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.errors import CommandIdReused, Refusal
from ledger.domain.events import CaseEvent, CitizenForgotten, LedgerEvent, Stamp
from ledger.domain.identifiers import CommandId, StreamId, authority_stream
from ledger.domain.record import Cause, EventMetadata
from ledger.store.database import Group, LedgerRecorder
from ledger.store.identities import event_id
from ledger.store.mapper import EventRow, LedgerMapper, decode_event
from ledger.store.vault import Vault, VaultError
from ledger.store.verdict import Answer, Verdict, decode_verdict, encode_verdict

log = logging.getLogger(__name__)


class Asked(Struct):
    """A command, who records it and when, and what led to it."""

    command: LedgerCommand
    stamp: Stamp
    cause: Cause


class GroupWork:
    """What one group decided so far: its own writes are seen first, then the cache, then the log."""

    def __init__(
        self,
        group: Group,
        recorder: LedgerRecorder,
        mapper: LedgerMapper,
        vault: Vault,
        cache: Mapping[StreamId, State],
    ) -> None:
        self._group = group
        self._recorder = recorder
        self._mapper = mapper
        self._vault = vault
        self._cache = cache
        self._known: dict[UUID, Verdict] = {}
        self.states: dict[StreamId, State] = {}
        self.events: list[EventRow] = []
        self.verdicts: list[tuple[UUID, bytes]] = []
        self.fences: list[tuple[UUID, str]] = []

    def recall(self, command_ids: list[CommandId]) -> None:
        """Fetch the verdicts of commands seen before, once for the whole group."""
        found = self._group.verdicts(command_ids)
        self._known = {command_id: decode_verdict(raw) for command_id, raw in found.items()}

    def answer(self, asked: Asked) -> Answer | Exception:
        """Decide one command; an unforeseen error is this command's alone."""
        command = asked.command
        seen = self._known.get(command.command_id)
        if seen is not None:
            if seen.answers(command):
                return Answer(seen, repeated=True)
            reused = CommandIdReused(command_id=str(command.command_id))
            return Answer(Verdict.refused(command, reused, position=seen.position))
        try:
            verdict = self._decide(asked)
        except Refusal as refusal:
            verdict = Verdict.refused(command, refusal, position=self._position)
        except (PersistenceError, sqlite3.Error, VaultError):
            raise
        except Exception as error:  # noqa: BLE001  # one command's defect must not stop the others
            # Without the message of the error, which may hold what the command said.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error(  # noqa: TRY400
                "%s: %s could not be decided\n%s", type(error).__name__, type(command).__name__, where
            )
            return error
        self._known[command.command_id] = verdict
        self.verdicts.append((command.command_id, encode_verdict(verdict)))
        return Answer(verdict)

    @property
    def _position(self) -> int:
        return self._group.head + len(self.events)

    def _decide(self, asked: Asked) -> Verdict:
        command = asked.command
        state = self._state(command)
        events = decide(command, state, asked.stamp, self._authority(authority_read_by(command)))
        rows: list[EventRow] = []
        for rank, event in enumerate(events):
            identity = event_id(command.command_id, rank)
            rows.append(self._mapper.to_row(event, identity, _metadata(asked, state, event)))
            state = evolve(state, event)
        self.events += rows
        if events and not isinstance(state, Citizen):
            self.states[command.stream_id] = state
        for event in events:
            if isinstance(event, CitizenForgotten):
                self._vault.fence(event.citizen)
                self.fences.append((event.citizen, event.stamp.recorded_at.isoformat()))
        return Verdict.accepted(command, position=self._position, events=len(events))

    def _state(self, command: LedgerCommand) -> State:
        if isinstance(command, ForgetCitizen):
            version = sum(subject == command.citizen for subject, _ in self.fences)
            folded = self._fold(command.stream_id, None)
            forgotten = isinstance(folded, Citizen) or version > 0
            known = forgotten or self._vault.knows(command.citizen)
            return Citizen(ref=command.citizen, version=int(forgotten), known=known, forgotten=forgotten)
        return self._of(command.stream_id)

    def _authority(self, siren: str | None) -> Authority | None:
        state = self._of(authority_stream(siren)) if siren else None
        return state if isinstance(state, Authority) else None

    def _of(self, stream: StreamId) -> State:
        state = self.states.get(stream) or self._cache.get(stream)
        if state is None:
            state = self._fold(stream, None)
            if state is not None:
                self.states[stream] = state
        return state

    def _fold(self, stream: StreamId, state: State) -> State:
        for stored in self._recorder.select_events(stream):
            state = evolve(state, decode_event(stored.topic, stored.state))
        return state


def _metadata(asked: Asked, before: State, event: LedgerEvent) -> EventMetadata:
    filed = placement(before, event)
    command_id = asked.command.command_id
    subject = event.case_id if isinstance(event, CaseEvent) else None
    return EventMetadata(
        authority=filed.authority,
        service=filed.service,
        channel=filed.channel,
        subject=event.citizen if isinstance(event, CitizenForgotten) else subject,
        occurred_at=event.occurred_at,
        recorded_at=event.stamp.recorded_at,
        command_id=command_id,
        correlation_id=asked.cause.correlation_id or command_id,
        traceparent=asked.cause.traceparent,
    )
