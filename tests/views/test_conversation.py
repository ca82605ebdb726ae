"""Who waits for whom, on contacts alone: told in one go, or heard one after the other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.events import EmailMessage
from ledger.domain.vocabulary import Channel, Direction
from projections.conversation import (
    LAST_TIER,
    RANK_OF_THE_REST,
    TIER,
    Contact,
    Rules,
    Standing,
    hear,
    instant_in,
    retell,
    soonest,
    unanswered,
)
from projections.keys import to_instant, to_moment

offsets = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
EMAILS = Rules(channel=Channel.EMAIL, urgency=unanswered)
EVERYTHING = Rules(channel=None, urgency=unanswered)


@dataclass(frozen=True)
class Said:
    at: int
    direction: Direction
    channel: Channel
    automatic: bool


said = st.builds(
    Said,
    at=st.integers(0, 6),
    direction=st.sampled_from(Direction),
    channel=st.sampled_from([Channel.EMAIL, Channel.TELEPHONE]),
    automatic=st.sampled_from([False, False, True]),
)
conversations = st.lists(said, min_size=1, max_size=8).map(
    lambda talk: [
        Contact(
            position=position,
            at=one.at,
            recorded_at=one.at,
            channel=one.channel,
            direction=one.direction,
            particulars=EmailMessage(automatic=one.automatic),
            summary="",
            opened_on=Channel.EMAIL,
        )
        for position, one in enumerate(talk, start=1)
    ]
)


def newest_first(contacts: list[Contact]) -> list[Contact]:
    return sorted(contacts, key=lambda contact: (contact.at, contact.position), reverse=True)


@given(contacts=conversations, rules=st.sampled_from([EMAILS, EVERYTHING]))
def test_contacts_heard_in_the_order_they_happened_leave_what_a_telling_leaves(
    contacts: list[Contact], rules: Rules
) -> None:
    in_order = sorted(contacts, key=lambda contact: contact.at)
    numbered = [
        Contact(**{name: getattr(contact, name) for name in contact.__struct_fields__} | {"position": position})
        for position, contact in enumerate(in_order, start=1)
    ]

    heard = reduce(lambda standing, contact: hear(standing, contact, rules), numbered, Standing())

    assert heard == retell(newest_first(numbered), rules, answered=0, settled=0)


@given(contacts=conversations, answered=st.integers(0, 4), settled=st.integers(0, 4))
def test_a_telling_leaves_waiting_what_no_later_answer_and_no_act_knew_of(
    contacts: list[Contact], answered: int, settled: int
) -> None:
    waiting = [
        contact
        for contact in contacts
        if contact.asks
        and not any(
            answer.answers and answer.position > contact.position and answer.at >= contact.at for answer in contacts
        )
    ]
    since = [contact.at for contact in waiting if contact.position > answered]
    urgent = [contact.at for contact in waiting if contact.position > settled and contact.channel is Channel.EMAIL]

    told = retell(newest_first(contacts), EMAILS, answered=answered, settled=settled)

    assert told.awaiting_since == min(since, default=None)
    assert told.urgency == min(urgent, default=None)
    assert told.interactions == len(contacts)
    assert told.here_contacts == sum(contact.channel is Channel.EMAIL for contact in contacts)


@pytest.mark.parametrize("year", [1, 1969, 1970, 2026, 9999])
@pytest.mark.parametrize("tier", [0, 1, LAST_TIER - 1])
def test_whatever_the_year_a_rank_stays_within_its_tier(tier: int, year: int) -> None:
    instant = to_instant(datetime.fromisoformat(f"{date(year, 12, 31)}T23:59:59.999999+00:00"))

    rank = soonest(tier, instant)

    assert instant_in(tier, rank) == instant
    assert instant_in(tier + 1, rank) is None
    assert rank < RANK_OF_THE_REST < LAST_TIER * TIER - instant


def test_nothing_that_waits_has_no_instant() -> None:
    assert instant_in(0, None) is None


@given(moment=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=offsets))  # noqa: DTZ001
def test_an_instant_keeps_a_moment_whatever_its_zone(moment: datetime) -> None:
    assert to_moment(to_instant(moment)) == moment


def test_a_moment_beyond_the_calendar_of_universal_time_is_its_first_or_last() -> None:
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))

    assert to_moment(to_instant(first)) == datetime.min.replace(tzinfo=UTC)
    assert to_moment(to_instant(last)) == datetime.max.replace(tzinfo=UTC)
