import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import (
    assign_case,
    attach_document,
    close_case,
    decide_case,
    hand_over_case,
    receive_documents,
    record_phone_call,
    record_service_event,
    record_step,
    request_documents,
)
from labkit.controls.events import case_closed
from labkit.controls.histories import a_case_awaiting_documents, a_closed_case, a_decided_case, an_open_case
from labkit.specification import given
from ledger.domain.commands import LedgerCommand
from ledger.domain.errors import CaseIsClosed, UnknownCase
from ledger.domain.vocabulary import ClosingReason


def test_a_decided_case_is_closed() -> None:
    given(*a_decided_case()).when(close_case()).then(replace(case_closed(), version=4))


@pytest.mark.parametrize("reason", ClosingReason)
def test_a_case_is_closed_for_any_of_the_reasons_without_a_decision(reason: ClosingReason) -> None:
    given(*an_open_case()).when(replace(close_case(), reason=reason)).then(
        replace(case_closed(), version=3, reason=reason)
    )


def test_a_case_is_closed_even_while_documents_are_awaited() -> None:
    given(*a_case_awaiting_documents()).when(close_case()).then(replace(case_closed(), version=5))


@pytest.mark.parametrize(
    "command",
    [
        assign_case(),
        attach_document(),
        close_case(),
        decide_case(),
        hand_over_case(),
        receive_documents(),
        record_phone_call(),
        record_service_event(),
        record_step(),
        request_documents(),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_closed_case_accepts_nothing_more(command: LedgerCommand) -> None:
    given(*a_closed_case()).when(command).then_refused(CaseIsClosed, case_id=str(cast.CASE))


def test_a_case_never_opened_is_not_closed() -> None:
    given().when(close_case()).then_refused(UnknownCase)
