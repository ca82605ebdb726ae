"""A case begun again from any of its moments: what is copied, what stays, and that nothing copied passes for done."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands, events, histories
from labkit.prototype.cases import AGENT
from labkit.prototype.events import ServiceEvent
from labkit.prototype.forking import Beginning, copied, copies_of, fork, is_copied
from labkit.prototype.kit_events import CaseForked, NoteTaken, TrialBegun, TrialEnded, TrialPrepared, VariantShown
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.commands import ForgetCitizen, RegisterAuthority
from ledger.domain.events import CaseEvent, InteractionRecorded
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId
from ledger.domain.vocabulary import AuthorityKind, Channel, Direction, Outcome

OF_AN_EXPERIMENT: tuple[ServiceEvent, ...] = (
    VariantShown(feature="lead", variant="short"),
    TrialPrepared(label="P1"),
    TrialBegun(consent="2026-11.fr.0"),
    NoteTaken(text="hésite"),
    TrialEnded(),
)


def told(*history: object) -> ServiceCase:
    """Return a case that samples tell, as the lab reads it."""
    happened = [event for event in history if isinstance(event, CaseEvent)]
    return ServiceCase(id=cast.CASE, moments=tuple(Moment(event=event) for event in happened))


def beginning() -> Beginning:
    return Beginning(case_id=CaseId(uuid4()), citizen=CitizenRef(uuid4()), reference="ABC-234")


def names(case: ServiceCase) -> list[str]:
    return [moment.name for moment in case.moments]


def test_everything_that_can_happen_to_a_case_can_be_copied_with_its_times(trial: Trial) -> None:
    case, begun = told(*histories.a_whole_story()), beginning()
    other = RegisterAuthority(
        command_id=CommandId(uuid4()),
        occurred_at=cast.at(1, "06:00"),
        authority=events.case_handed_over().to_authority,
        name="Autre",
        kind=AuthorityKind.EPCI,
    )
    for command in (commands.register_authority(), commands.publish_service(), other):
        trial.cases.ledger.execute(command, cast.stamp(cast.at(1, "06:00")))

    for copy in copies_of(case, case.version, begun):
        trial.cases.execute(copy.command, copy.by)

    recorded = [recorded.event for recorded in trial.cases.ledger.history(begun.case_id)]
    again = [
        event for event in recorded if isinstance(event, CaseEvent) and getattr(event, "name", "") != "case-forked.v1"
    ]
    assert [type(event) for event in again] == [type(moment.event) for moment in case.moments]
    assert [event.occurred_at for event in again] == [moment.occurred_at for moment in case.moments]
    assert all(event.stamp.by.startswith("fork:") for event in again)
    assert not identifiers(again) & identifiers([moment.event for moment in case.moments])


def identifiers(story: Sequence[CaseEvent]) -> set[object]:
    named = ("case_id", "citizen", "interaction_id", "request_id", "step_id")
    return {value for event in story for name in named if (value := getattr(event, name, None)) is not None}


@pytest.mark.parametrize("version", range(1, 9))
def test_a_fork_stands_where_the_case_stood(trial: Trial, version: int) -> None:
    case = trial.cases.contact(trial.fill(trial.begin(), pages=3).id, Channel.TELEPHONE, Direction.OUT, "Rappelez-nous")
    case = trial.cases.decide(case.id, Outcome.GRANTED, "Dossier complet")
    until = min(version, case.version)

    new = fork(trial.cases, case, until)

    stood = case.until(max(until, 2))
    assert [name for name in names(new) if name != "case-forked.v1"] == names(stood)
    assert [new.latest(page.event) for page in trial.service.pages] == [
        stood.latest(page.event) for page in trial.service.pages
    ]
    assert (new.reference != case.reference, new.citizen != case.citizen, new.id != case.id) == (True, True, True)
    assert new.latest(CaseForked) == CaseForked(origin=str(case.id), until=until)


def test_copies_follow_no_rule_a_second_time(trial: Trial) -> None:
    case = trial.fill(trial.begin())
    assert names(case).count("tariff-band-set.v1") == 1

    new = fork(trial.cases, case, case.version)

    assert names(new).count("tariff-band-set.v1") == 1


def test_a_fork_goes_on_by_itself(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=2)
    new = fork(trial.cases, case, case.version)

    new = trial.fill(new)

    assert trial.service.next_page(new) is None
    assert trial.cases.get(case.id) == case
    assert [is_copied(moment) for moment in new.moments] == [
        True,
        True,
        False,
        True,
        True,
        *[False] * (new.version - 5),
    ]


def test_a_closed_case_forks_into_a_closed_one_and_its_reopening_too(trial: Trial) -> None:
    case = trial.cases.close(trial.begin().id)
    assert fork(trial.cases, case, case.version).closed
    case = trial.cases.reopen(case.id, "Une pièce manquait")
    assert not fork(trial.cases, case, case.version).closed


def test_what_belongs_to_an_experiment_or_a_trial_is_not_copied(trial: Trial) -> None:
    case = trial.begin()
    for event in OF_AN_EXPERIMENT:
        case = trial.cases.record(case.id, event, Channel.INTERNAL)

    new = fork(trial.cases, case, case.version)

    assert names(new) == ["case-opened.v1", "interaction-recorded.v1", "case-forked.v1"]


def test_a_copy_of_a_copy_says_who_acted_once() -> None:
    assert copied(copied("rules")) == "fork:rules"
    assert len(copied("a" * 64)) == 64


def test_what_a_forgotten_citizen_said_is_not_in_the_copy(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=2)
    assert case.citizen is not None
    forget = ForgetCitizen(command_id=CommandId(uuid4()), occurred_at=trial.cases.clock(), citizen=case.citizen)
    trial.cases.execute(forget, AGENT)
    case = trial.cases.get(case.id)

    new = fork(trial.cases, case, case.version)

    assert [name for name in names(new) if name != "case-forked.v1"] == names(case)
    assert [moment.service_event for moment in new.moments[3:]] == [None, None]


def test_a_correction_of_which_nothing_is_left_is_left_out() -> None:
    contact = events.counter_visit()
    void = replace(events.interaction_corrected(), summary="", contact="", channel=None, direction=None)
    void = replace(void, particulars=None, interaction_occurred_at=None, version=3)
    case = told(events.case_opened(), contact, void)

    told_again = [copy.command for copy in copies_of(case, 3, beginning())]

    assert isinstance(contact, InteractionRecorded)
    assert [command.__struct_config__.tag for command in told_again] == ["open-case", "record-service-event"]
