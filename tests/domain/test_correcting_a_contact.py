from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import correct_interaction, record_phone_call
from labkit.controls.events import interaction_corrected, phone_call
from labkit.controls.histories import a_closed_case, an_anonymous_case, an_open_case, numbered_from
from labkit.specification import given
from ledger.domain.case import replay
from ledger.domain.commands import CorrectInteraction
from ledger.domain.errors import (
    NothingToCorrect,
    OccurredInTheFuture,
    ParticularsDoNotFit,
    UnknownCase,
    UnknownInteraction,
)
from ledger.domain.events import InteractionCorrected
from ledger.domain.vocabulary import Channel, Direction


def bare(**amended: object) -> CorrectInteraction:
    """A correction that amends nothing but what is given."""
    whole = correct_interaction()
    return CorrectInteraction(
        command_id=whole.command_id,
        occurred_at=whole.occurred_at,
        case_id=whole.case_id,
        interaction_id=whole.interaction_id,
        reason=whole.reason,
        **amended,  # type: ignore[arg-type]
    )


def test_a_contact_is_corrected() -> None:
    given(*an_open_case(phone_call())).when(correct_interaction()).then(replace(interaction_corrected(), version=4))


def test_a_contact_is_corrected_on_a_closed_case_too() -> None:
    closed = (*an_open_case(phone_call()), *numbered_from(4, *a_closed_case()[2:]))
    given(*closed).when(correct_interaction()).then(replace(interaction_corrected(), version=6))


def test_an_anonymous_contact_is_corrected_anonymously() -> None:
    anonymous = (*an_anonymous_case(), replace(phone_call(), version=3, citizen=None))
    given(*anonymous).when(correct_interaction()).then(replace(interaction_corrected(), version=4, citizen=None))


@pytest.mark.parametrize(
    "amended",
    [
        {"channel": Channel.POST},
        {"direction": Direction.OUT},
        {"interaction_occurred_at": cast.at(1, "12:00")},
        {"particulars": cast.particulars_of(Channel.TELEPHONE)},
        {"summary": "Autre chose."},
        {"contact": "06 39 98 00 19"},
    ],
    ids=lambda amended: next(iter(amended)),
)
def test_one_field_is_enough_for_a_correction(amended: dict[str, object]) -> None:
    answer = given(*an_open_case(phone_call())).when(bare(**amended))
    (corrected,) = answer.events
    assert {name: getattr(corrected, name) for name in amended} == amended


def test_a_correction_leaves_the_state_of_the_case_as_it_was() -> None:
    before = replay(an_open_case(phone_call()))
    after = replay((replace(interaction_corrected(), version=4),), before)
    assert before is not None
    assert after == replace(before, version=4)


def test_a_correction_that_changes_nothing_is_refused() -> None:
    given(*an_open_case(phone_call())).when(bare()).then_refused(NothingToCorrect, interaction_id=str(cast.PHONE_CALL))


def test_only_a_recorded_contact_is_corrected() -> None:
    given(*an_open_case()).when(correct_interaction()).then_refused(
        UnknownInteraction, interaction_id=str(cast.PHONE_CALL)
    )


def test_a_corrected_channel_has_its_own_particulars() -> None:
    odd = replace(correct_interaction(), channel=Channel.POST)
    given(*an_open_case(phone_call())).when(odd).then_refused(ParticularsDoNotFit, given="mobile", channel="post")


def test_particulars_alone_correct_the_channel_too() -> None:
    posted = cast.particulars_of(Channel.POST)
    (corrected,) = given(*an_open_case(phone_call())).when(bare(particulars=posted)).events
    assert isinstance(corrected, InteractionCorrected)
    assert (corrected.channel, corrected.particulars) == (Channel.POST, posted)


def test_a_correction_without_particulars_names_no_channel() -> None:
    (corrected,) = given(*an_open_case(phone_call())).when(bare(summary="Autre chose.")).events
    assert isinstance(corrected, InteractionCorrected)
    assert corrected.channel is None


def test_a_contact_is_not_moved_into_the_future() -> None:
    ahead: datetime = record_phone_call().occurred_at + timedelta(days=365)
    given(*an_open_case(phone_call())).when(bare(interaction_occurred_at=ahead)).then_refused(OccurredInTheFuture)


def test_a_case_never_opened_has_nothing_to_correct() -> None:
    given().when(correct_interaction()).then_refused(UnknownCase)
