import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import receive_documents, request_documents
from labkit.controls.events import documents_received, documents_requested, email_sent, online_reply
from labkit.controls.histories import (
    a_case_awaiting_documents,
    a_case_with_its_documents,
    a_closed_case,
    an_open_case,
    numbered_from,
)
from labkit.specification import given
from ledger.domain.errors import (
    CaseIsClosed,
    InteractionIdTaken,
    ParticularsDoNotFit,
    UnknownCase,
    UnknownDocumentRequest,
)
from ledger.domain.identifiers import InteractionId, RequestId
from ledger.domain.vocabulary import Channel

LATER = InteractionId(cast.identifier("later reply"))


def test_asking_for_documents_is_a_contact_too() -> None:
    given(*an_open_case()).when(request_documents()).then(*numbered_from(3, documents_requested(), email_sent()))


def test_a_repeated_request_changes_nothing() -> None:
    given(*a_case_awaiting_documents()).when(request_documents()).then_nothing()


def test_a_repeated_request_changes_nothing_once_answered() -> None:
    given(*a_case_with_its_documents()).when(request_documents()).then_nothing()


def test_a_closed_case_asks_for_nothing() -> None:
    given(*a_closed_case()).when(request_documents()).then_refused(CaseIsClosed)


def test_a_case_never_opened_asks_for_nothing() -> None:
    given().when(request_documents()).then_refused(UnknownCase)


def test_a_request_has_no_identifier_of_another_contact() -> None:
    taken = replace(request_documents(), request_id=RequestId(cast.COUNTER_VISIT))
    given(*an_open_case()).when(taken).then_refused(
        InteractionIdTaken, case_id=str(cast.CASE), interaction_id=str(cast.COUNTER_VISIT)
    )


def test_documents_asked_for_come_in_with_a_contact() -> None:
    given(*a_case_awaiting_documents()).when(receive_documents()).then(
        *numbered_from(5, documents_received(), online_reply())
    )


def test_a_repeated_reception_changes_nothing() -> None:
    given(*a_case_with_its_documents()).when(receive_documents()).then_nothing()


def test_a_repeated_reception_changes_nothing_once_closed() -> None:
    closed = (*a_case_with_its_documents(), *numbered_from(7, *a_closed_case()[2:]))
    given(*closed).when(receive_documents()).then_nothing()


@pytest.mark.parametrize("taken", [cast.COUNTER_VISIT, cast.MISSING_DOCUMENTS], ids=["a visit", "the request itself"])
def test_documents_do_not_come_in_by_another_contact(taken: InteractionId) -> None:
    odd = replace(receive_documents(), interaction_id=taken)
    given(*a_case_awaiting_documents()).when(odd).then_refused(InteractionIdTaken, interaction_id=str(taken))


def test_documents_may_come_in_several_times_until_complete() -> None:
    partial = replace(documents_received(), complete=False)
    past = (*a_case_awaiting_documents(), *numbered_from(5, partial, online_reply()))
    rest = replace(receive_documents(), interaction_id=LATER)
    received = (replace(event, interaction_id=LATER) for event in (documents_received(), online_reply()))
    given(*past).when(rest).then(*numbered_from(7, *received))


def test_an_incomplete_reception_says_so() -> None:
    partial = replace(receive_documents(), complete=False)
    given(*a_case_awaiting_documents()).when(partial).then(
        *numbered_from(5, replace(documents_received(), complete=False), online_reply())
    )


def test_a_complete_request_awaits_nothing_more() -> None:
    late = replace(receive_documents(), interaction_id=LATER)
    given(*a_case_with_its_documents()).when(late).then_refused(
        UnknownDocumentRequest, request_id=str(cast.MISSING_DOCUMENTS)
    )


def test_documents_never_asked_for_are_not_received() -> None:
    given(*an_open_case()).when(receive_documents()).then_refused(UnknownDocumentRequest)


def test_one_request_does_not_answer_for_another() -> None:
    other = replace(receive_documents(), request_id=RequestId(cast.identifier("another request")))
    given(*a_case_awaiting_documents()).when(other).then_refused(UnknownDocumentRequest)


def test_a_closed_case_receives_nothing() -> None:
    closed = (*a_case_awaiting_documents(), *numbered_from(5, *a_closed_case()[2:]))
    given(*closed).when(receive_documents()).then_refused(CaseIsClosed)


def test_documents_come_with_the_particulars_of_their_channel() -> None:
    odd = replace(receive_documents(), channel=Channel.POST)
    given(*a_case_awaiting_documents()).when(odd).then_refused(ParticularsDoNotFit, given="web", channel="post")
