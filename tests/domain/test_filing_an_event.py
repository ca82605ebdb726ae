import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.events import (
    authority_registered,
    case_closed,
    case_handed_over,
    case_opened,
    citizen_forgotten,
    contact_on,
    interaction_corrected,
    service_event_recorded,
    service_published,
)
from labkit.controls.histories import a_closed_case, a_whole_story, an_authority, an_open_case
from ledger.domain.case import Placement, evolve, placement, replay
from ledger.domain.events import LedgerEvent
from ledger.domain.vocabulary import Channel


def test_an_authority_is_filed_under_itself() -> None:
    assert placement(None, authority_registered()) == Placement(cast.PAU)


def test_a_service_is_filed_under_its_authority() -> None:
    assert placement(replay(an_authority()), service_published()) == Placement(cast.PAU, cast.CANTEEN)


def test_a_case_is_filed_where_it_opens() -> None:
    assert placement(None, case_opened()) == Placement(cast.PAU, cast.CANTEEN, Channel.COUNTER)


@pytest.mark.parametrize("channel", Channel)
def test_a_contact_is_filed_under_its_own_channel(channel: Channel) -> None:
    filed = placement(replay(an_open_case()), contact_on(channel))
    assert filed == Placement(cast.PAU, cast.CANTEEN, channel)


def test_a_service_event_is_filed_under_its_own_channel() -> None:
    filed = placement(replay(an_open_case()), service_event_recorded())
    assert filed == Placement(cast.PAU, cast.CANTEEN, Channel.MOBILE)


@pytest.mark.parametrize("event", [interaction_corrected(), case_closed()], ids=lambda e: type(e).__name__)
def test_all_else_is_filed_under_the_channel_that_opened_the_case(event: LedgerEvent) -> None:
    filed = placement(replay(an_open_case(contact_on(Channel.POST))), event)
    assert filed == Placement(cast.PAU, cast.CANTEEN, Channel.COUNTER)


def test_a_hand_over_is_filed_with_the_authority_that_lets_the_case_go() -> None:
    leaving = replace(case_handed_over(), version=3, to_authority=cast.PAU_BEARN_PYRENEES)
    before = replay(an_open_case())
    assert placement(before, leaving).authority == cast.PAU
    assert placement(evolve(before, leaving), case_closed()).authority == cast.PAU_BEARN_PYRENEES


def test_a_forgotten_citizen_is_filed_nowhere() -> None:
    assert placement(None, citizen_forgotten()) == Placement()


def test_every_event_of_a_story_can_be_filed() -> None:
    story = a_whole_story()
    for rank, event in enumerate(story):
        assert placement(replay(story[:rank]), event).authority == cast.PAU


def test_an_event_of_a_case_is_not_filed_without_its_case() -> None:
    with pytest.raises(TypeError, match="CaseClosed needs a case"):
        placement(None, case_closed())


@pytest.mark.parametrize("event", [case_opened(), authority_registered(), service_published()])
def test_a_past_that_cannot_be_is_not_folded(event: LedgerEvent) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        replay((*a_closed_case(), event))


def test_a_case_does_not_begin_with_its_end() -> None:
    with pytest.raises(ValueError, match="CaseClosed does not follow NoneType"):
        replay([case_closed()])
