from msgspec.structs import replace

from labkit.controls.commands import record_step
from labkit.controls.events import step_recorded
from labkit.controls.histories import a_closed_case, an_open_case, numbered_from
from labkit.specification import given
from ledger.domain.errors import CaseIsClosed, UnknownCase


def test_a_step_is_added_to_an_open_case() -> None:
    given(*an_open_case()).when(record_step()).then(replace(step_recorded(), version=3))


def test_a_step_may_be_done_by_the_one_who_records_it() -> None:
    own = replace(record_step(), agent=None, unit=None)
    given(*an_open_case()).when(own).then(replace(step_recorded(), version=3, agent=None, unit=None))


def test_a_repeated_step_changes_nothing() -> None:
    given(*an_open_case(step_recorded())).when(record_step()).then_nothing()


def test_a_repeated_step_changes_nothing_on_a_closed_case() -> None:
    closed = (*an_open_case(step_recorded()), *numbered_from(4, *a_closed_case()[2:]))
    given(*closed).when(record_step()).then_nothing()


def test_a_closed_case_accepts_no_step() -> None:
    given(*a_closed_case()).when(record_step()).then_refused(CaseIsClosed)


def test_a_case_never_opened_accepts_no_step() -> None:
    given().when(record_step()).then_refused(UnknownCase)
