import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import open_case, record_phone_call
from labkit.controls.events import case_opened, counter_visit, phone_call
from labkit.controls.histories import (
    a_closed_case,
    an_anonymous_case,
    an_authority,
    an_authority_with_a_service,
    an_open_case,
)
from labkit.specification import given
from ledger.domain.errors import CaseAlreadyExists, ParticularsDoNotFit, UnknownAuthority, UnknownService
from ledger.domain.identifiers import InteractionId
from ledger.domain.vocabulary import Channel, Direction

another_contact = InteractionId(cast.identifier("another contact"))


def test_a_case_opens_with_its_first_contact() -> None:
    given(*an_authority_with_a_service()).when(open_case()).then(case_opened(), counter_visit())


@pytest.mark.parametrize("channel", Channel)
def test_a_case_opens_on_any_channel(channel: Channel) -> None:
    particulars = cast.particulars_of(channel)
    given(*an_authority_with_a_service()).when(replace(open_case(), channel=channel, particulars=particulars)).then(
        replace(case_opened(), channel=channel),
        replace(counter_visit(), channel=channel, particulars=particulars),
    )


def test_a_case_opens_on_the_authority_s_own_initiative() -> None:
    letter = replace(open_case(), direction=Direction.OUT)
    given(*an_authority_with_a_service()).when(letter).then(
        case_opened(), replace(counter_visit(), direction=Direction.OUT)
    )


def test_a_case_opens_for_somebody_who_gave_no_name() -> None:
    anonymous = replace(open_case(), citizen=None)
    given(*an_authority_with_a_service()).when(anonymous).then(*an_anonymous_case())


def test_an_anonymous_case_goes_on_anonymously() -> None:
    given(*an_anonymous_case()).when(record_phone_call()).then(replace(phone_call(), version=3, citizen=None))


def test_the_same_opening_again_changes_nothing() -> None:
    given(*an_authority_with_a_service(), *an_open_case()).when(open_case()).then_nothing()


def test_the_same_opening_again_changes_nothing_on_a_closed_case() -> None:
    given(*an_authority_with_a_service(), *a_closed_case()).when(open_case()).then_nothing()


def test_another_case_cannot_take_the_identifier() -> None:
    rival = replace(open_case(), interaction_id=another_contact)
    given(*an_authority_with_a_service(), *an_open_case()).when(rival).then_refused(
        CaseAlreadyExists, case_id=str(cast.CASE)
    )


def test_a_case_cannot_take_the_identifier_of_an_authority() -> None:
    town = an_authority_with_a_service()
    impostor = replace(open_case(), case_id=town[0].stream_id)
    given(*town).when(impostor).then_refused(CaseAlreadyExists)


def test_an_unknown_authority_opens_no_case() -> None:
    given().when(open_case()).then_refused(UnknownAuthority, authority=cast.PAU)


def test_an_authority_opens_cases_for_its_own_services_only() -> None:
    given(*an_authority()).when(open_case()).then_refused(UnknownService, authority=cast.PAU, service=cast.CANTEEN)


def test_the_first_contact_has_the_particulars_of_its_channel() -> None:
    odd = replace(open_case(), channel=Channel.POST)
    given(*an_authority_with_a_service()).when(odd).then_refused(ParticularsDoNotFit, given="counter", channel="post")
