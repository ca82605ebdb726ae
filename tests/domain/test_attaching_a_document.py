from msgspec.structs import replace

from labkit.controls.commands import attach_document
from labkit.controls.events import document_attached
from labkit.controls.histories import a_closed_case, an_anonymous_case, an_open_case
from labkit.specification import given
from ledger.domain.errors import CaseIsClosed, UnknownCase


def test_a_document_is_added_to_an_open_case() -> None:
    given(*an_open_case()).when(attach_document()).then(replace(document_attached(), version=3))


def test_a_document_of_an_anonymous_case_is_anonymous() -> None:
    given(*an_anonymous_case()).when(attach_document()).then(replace(document_attached(), version=3, citizen=None))


def test_a_closed_case_accepts_no_document() -> None:
    given(*a_closed_case()).when(attach_document()).then_refused(CaseIsClosed)


def test_a_case_never_opened_accepts_no_document() -> None:
    given().when(attach_document()).then_refused(UnknownCase)
