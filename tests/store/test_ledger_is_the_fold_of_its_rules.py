from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.case import Authority, State, evolve
from ledger.domain.citizen import Citizen, data_subject, personal_fields
from ledger.domain.commands import ForgetCitizen, LedgerCommand
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.errors import CitizenIsForgotten, CommandIdReused, Refusal
from ledger.domain.events import CaseEvent, LedgerEvent
from ledger.domain.identifiers import authority_stream
from ledger.settings import Settings
from ledger.store.appender import Limits
from ledger.store.verdict import Answer, Verdict

FEW: dict[str, st.SearchStrategy[Any]] = {
    "command_id": st.integers(0, 400).map(lambda number: cast.command_id(str(number))),
    "case_id": st.sampled_from([cast.CASE] * 3 + [cast.identifier("another case")]),
    "interaction_id": st.sampled_from([cast.identifier(f"contact {number}") for number in range(4)]),
    "citizen": st.sampled_from([cast.CITIZEN, cast.identifier("another citizen")]),
    "summary": st.sampled_from(["", "Mme Lafourcade"]),
    "title": st.sampled_from(["", "Mme Lafourcade"]),
    "contact": st.just(""),
    "grounds": st.just(""),
    "authority": st.sampled_from([cast.PAU] * 5 + [cast.VAL_DE_GARONNE]),
}


class Model(Struct):
    """What the ledger must come to: the rules folded one command at a time, nothing stored."""

    states: dict[UUID, State] = field(default_factory=dict)
    verdicts: dict[UUID, Verdict] = field(default_factory=dict)
    subjects: set[UUID] = field(default_factory=set)
    forgotten: set[UUID] = field(default_factory=set)
    head: int = 0

    def answer(self, command: LedgerCommand) -> Answer:
        seen = self.verdicts.get(command.command_id)
        if seen and seen.answers(command):
            return Answer(seen, repeated=True)
        if seen:
            reused = CommandIdReused(command_id=str(command.command_id))
            return Answer(Verdict.refused(command, reused, position=seen.position))
        try:
            events = self.decided(command)
        except Refusal as refusal:
            verdict = Verdict.refused(command, refusal, position=self.head)
        else:
            for event in events:
                self.states[command.stream_id] = evolve(self.states.get(command.stream_id), event)
            self.head += len(events)
            verdict = Verdict.accepted(command, position=self.head, events=len(events))
        self.verdicts[command.command_id] = verdict
        return Answer(verdict)

    def decided(self, command: LedgerCommand) -> tuple[LedgerEvent, ...]:
        read = authority_read_by(command)
        authority = self.states.get(authority_stream(read)) if read else None
        events = decide(
            command,
            self.state_before(command),
            cast.stamp(command.occurred_at),
            authority if isinstance(authority, Authority) else None,
        )
        for event in events:
            self.seal(event)
        if isinstance(command, ForgetCitizen):
            self.forgotten.add(command.citizen)
        return events

    def state_before(self, command: LedgerCommand) -> State:
        if isinstance(command, ForgetCitizen):
            known, forgotten = command.citizen in self.subjects, command.citizen in self.forgotten
            return Citizen(ref=command.citizen, version=int(forgotten), known=known, forgotten=forgotten)
        return self.states.get(command.stream_id)

    def seal(self, event: LedgerEvent) -> None:
        if not isinstance(event, CaseEvent) or not any(getattr(event, name) for name in personal_fields(type(event))):
            return
        subject = data_subject(getattr(event, "citizen", None), event.case_id)
        if subject in self.forgotten:
            raise CitizenIsForgotten(citizen=str(subject))
        self.subjects.add(subject)


@st.composite
def any_command(draw: st.DrawFn) -> LedgerCommand:
    sample = draw(st.sampled_from(commands.a_command_of_every_kind()))
    few = {name: draw(values) for name, values in FEW.items() if name in sample.__struct_fields__}
    return replace(sample, **few)


def beginning() -> list[LedgerCommand]:
    return [commands.register_authority(), commands.publish_service(), commands.open_case()]


@settings(max_examples=60, deadline=None)
@given(asked=st.lists(any_command(), min_size=8, max_size=60), group_size_max=st.sampled_from([1, 3, 1_000]))
def test_a_ledger_answers_and_keeps_what_its_rules_alone_would(asked: list[LedgerCommand], group_size_max: int) -> None:
    model, everything = Model(), beginning() + asked
    expected = [model.answer(command) for command in everything]
    with (
        TemporaryDirectory() as data,
        CaseLedger(Settings(data=Path(data)), in_memory=True, limits=Limits(group_size_max=group_size_max)) as ledger,
    ):
        replies = [ledger.submit(command, cast.stamp(command.occurred_at)) for command in everything]

        assert [reply.result(30) for reply in replies] == expected
        assert {stream: ledger.state(stream) for stream in model.states} == model.states
        assert [row.position for row in ledger.read(0, 10_000)] == list(range(1, model.head + 1))
