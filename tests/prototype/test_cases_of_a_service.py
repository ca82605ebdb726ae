"""The cases of a prototype on a real ledger: written once, followed by the rules, found again, unsealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from labkit.prototype.events import ServiceEvent, name_of
from labkit.prototype.failures import UnknownCase
from labkit.prototype.questions import read_form
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial, form_of, prototype
from ledger.domain.commands import ForgetCitizen
from ledger.domain.errors import CaseIsClosed
from ledger.domain.events import CaseEvent, ServiceEventRecorded
from ledger.domain.identifiers import CaseId, CommandId
from ledger.domain.vocabulary import Channel, Direction, Outcome
from ledger.store.database import Group


def sample(trial: Trial, page: str) -> ServiceEvent:
    """The first persona's answers to one page."""
    asked = trial.service.page(page)
    assert asked is not None
    form = {
        name: value if isinstance(value, list) else [value] for name, value in form_of(asked, trial.samples()).items()
    }
    event = read_form(asked.event, form, trial.project.texts("fr")).event
    assert event is not None
    return event


def sealed(trial: Trial, case: ServiceCase) -> list[CaseEvent]:
    recorded = (recorded.event for recorded in trial.cases.ledger.history(case.id))
    return [event for event in recorded if isinstance(event, CaseEvent)]


def names(case: ServiceCase) -> list[str]:
    return [moment.name for moment in case.moments]


def test_a_case_opens_once_under_one_identifier(trial: Trial) -> None:
    case_id = CaseId(uuid4())

    first, again = trial.cases.open(Channel.WEB, case_id=case_id), trial.cases.open(Channel.MOBILE, case_id=case_id)

    assert first == again
    assert names(first) == ["case-opened.v1", "interaction-recorded.v1"]


def test_an_event_told_twice_under_one_identifier_is_recorded_once_with_what_follows(trial: Trial) -> None:
    case, command_id = trial.begin(), uuid4()

    for _ in range(2):
        case = trial.cases.record(case.id, sample(trial, "income"), Channel.WEB, command_id=command_id)

    assert names(case)[2:] == ["income-declared.v1", "tariff-band-set.v1"]
    assert case.moments[-1].event.stamp.by == "rules"


def test_an_event_and_what_follows_from_it_are_there_together_or_not_at_all(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, recorder, heads = trial.begin(), trial.cases.ledger.recorder, list[int]()
    group = recorder.group

    @contextmanager
    def stopped_after_one_event() -> Iterator[Group]:
        with group() as opened:
            yield opened
            heads.append(opened.head)
            raise OSError("the disk went away")

    monkeypatch.setattr(recorder, "group", stopped_after_one_event)
    with pytest.raises(OSError, match="the disk went away"):
        trial.cases.record(case.id, sample(trial, "income"), Channel.WEB)
    monkeypatch.setattr(recorder, "group", group)

    assert heads == [trial.cases.position() + 2]
    assert trial.cases.get(case.id) == case
    assert names(trial.cases.record(case.id, sample(trial, "income"), Channel.WEB))[2:] == [
        "income-declared.v1",
        "tariff-band-set.v1",
    ]


def test_personal_fields_are_sealed_in_the_ledger_and_facts_are_not(trial: Trial) -> None:
    case = trial.cases.record(trial.begin().id, sample(trial, "child"), Channel.WEB)

    recorded = sealed(trial, case)[-1]

    assert isinstance(recorded, ServiceEventRecorded)
    assert recorded.facts == {"school": "les-lauriers"}
    assert recorded.content.startswith("sealed:")
    assert "Inès" not in recorded.content


def test_a_forgotten_citizen_s_answers_go_dark_and_the_story_stays(trial: Trial) -> None:
    child = sample(trial, "child")
    case = trial.cases.record(trial.begin().id, child, Channel.WEB)
    assert case.citizen is not None

    forget = ForgetCitizen(command_id=CommandId(uuid4()), occurred_at=trial.cases.clock(), citizen=case.citizen)
    trial.cases.execute(forget, "dpo")
    case = trial.cases.get(case.id)

    assert names(case)[-1] == name_of(child)
    assert case.latest(type(child)) is None


def test_a_case_is_found_by_its_reference_however_it_is_typed(trial: Trial) -> None:
    case = trial.begin()

    assert trial.cases.find(f" {case.reference.lower().replace('-', ' ')} ") == case


def test_an_unknown_case_is_named(trial: Trial) -> None:
    with pytest.raises(UnknownCase, match="ZZZ-ZZZ"):
        trial.cases.find("ZZZ-ZZZ")
    with pytest.raises(UnknownCase):
        trial.cases.get(CaseId(uuid4()))


def test_a_case_of_another_service_on_the_same_ledger_is_unknown_here(trial: Trial, project: Path) -> None:
    with prototype(project) as other:
        case = other.begin()

        with pytest.raises(UnknownCase):
            trial.cases.get(case.id)


def test_a_case_as_it_stood_then_is_the_fold_of_its_first_events(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    then = case.until(3)

    assert then.version == 3
    assert trial.service.next_page(then) == trial.service.pages[1]
    assert trial.service.next_page(case) is None


def test_a_closed_case_takes_no_answer_and_nothing_is_half_written(trial: Trial) -> None:
    case = trial.cases.close(trial.cases.decide(trial.begin().id, Outcome.GRANTED).id)

    with pytest.raises(CaseIsClosed):
        trial.cases.record(case.id, sample(trial, "income"), Channel.WEB)

    assert trial.cases.get(case.id) == case
    assert case.closed
    assert not trial.cases.reopen(case.id, "mistake").closed


def test_the_list_of_cases_follows_the_ledger(trial: Trial) -> None:
    first, second = trial.begin(), trial.begin(Channel.TELEPHONE)
    trial.cases.contact(first.id, Channel.EMAIL, Direction.OUT, "Bonjour")

    entries = trial.cases.entries()

    assert [entry.case_id for entry in entries] == [first.id, second.id]
    assert entries[0].channels == (Channel.WEB, Channel.EMAIL)


def test_a_second_submission_changes_nothing(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    once = trial.cases.submit(case.id, Channel.WEB)

    assert trial.cases.submit(case.id, Channel.TELEPHONE) == once
