from datetime import date, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.events import (
    ChatbotExchange,
    CounterVisit,
    EmailMessage,
    MobileEntry,
    PartnerReferral,
    PhoneCall,
    PostalItem,
    SocialPost,
    WebForm,
)
from ledger.domain.vocabulary import Channel, Direction
from projections import (
    chatbot,
    counter,
    email,
    inbox,
    internal,
    mobile,
    partner,
    post,
    social,
    telephone,
    web,
)
from projections.inbox import InboxQuery

if TYPE_CHECKING:
    from tests.views.conftest import Town

CHANNELS = {
    Channel.COUNTER: counter,
    Channel.TELEPHONE: telephone,
    Channel.WEB: web,
    Channel.MOBILE: mobile,
    Channel.EMAIL: email,
    Channel.POST: post,
    Channel.SOCIAL: social,
    Channel.CHATBOT: chatbot,
    Channel.PARTNER: partner,
    Channel.INTERNAL: internal,
}


def rows(town: "Town", view: ModuleType) -> list[Any]:
    found: list[Any] = view.rows(town.seen_by(view), InboxQuery()).rows
    return found


def cases(town: "Town", view: ModuleType) -> list[Any]:
    return [row.case_id for row in rows(town, view)]


def test_a_case_begun_at_the_counter_and_ended_by_letter_shows_in_the_three_inboxes(town: "Town") -> None:
    case = town.opens(Channel.COUNTER, "2 09:00", particulars=CounterVisit(desk="Mairie"), reference="RS-1")
    town.hears(case, Channel.TELEPHONE, "3 10:00", particulars=PhoneCall(call_back_by=town.at("4 16:00")))
    town.answers(case, Channel.POST, "5 14:00", summary="sealed:letter")
    town.closes(case, "5 15:00")

    seen = {channel: rows(town, view) for channel, view in CHANNELS.items()}

    shown = [channel for channel in Channel if seen[channel]]
    assert shown == [Channel.COUNTER, Channel.TELEPHONE, Channel.POST]
    for channel in shown:
        (row,) = seen[channel]
        assert (row.case_id, row.reference, row.summary) == (case, "RS-1", "sealed:letter")
        assert (row.opened_on, row.last_channel, row.interactions) == (Channel.COUNTER, Channel.POST, 3)
        assert (row.contacts_here, row.waiting) == (1, False)
    assert seen[Channel.COUNTER][0].here_at == town.at("2 09:00")


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_shows_a_contact_without_particulars(town: "Town", channel: Channel) -> None:
    case = town.opens(channel, "2 09:00")

    (row,) = rows(town, CHANNELS[channel])

    assert (row.case_id, row.contacts_here, row.waiting) == (case, 1, True)


@pytest.mark.parametrize("channel", Channel)
def test_on_every_channel_what_is_unanswered_comes_first_and_the_rest_latest_first(
    town: "Town", channel: Channel
) -> None:
    opened = [town.opens(channel, f"2 1{hour}:00") for hour in range(5)]
    town.decides(opened[0], "2 15:00")
    town.decides(opened[2], "2 15:00")

    waiting = [opened[1], opened[3], opened[4]]
    assert cases(town, CHANNELS[channel]) == [*waiting, opened[2], opened[0]]
    assert inbox.waiting(town.seen_by(CHANNELS[channel])) == len(waiting)


def test_a_contact_corrected_to_another_channel_changes_inbox(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    contact = town.hears(case, Channel.TELEPHONE, "3 10:00", particulars=PhoneCall(call_back_by=town.at("4 16:00")))
    town.corrects(case, contact, "3 11:00", channel=Channel.COUNTER, particulars=CounterVisit(desk="Mairie"))

    assert cases(town, telephone) == []
    (row,) = rows(town, counter)
    assert (row.desk, row.contacts_here, row.waiting) == ("Mairie", 1, True)


def test_particulars_that_do_not_fit_the_corrected_channel_are_dropped(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    contact = town.hears(case, Channel.TELEPHONE, "3 10:00", particulars=PhoneCall(call_back_by=town.at("4 16:00")))
    town.corrects(case, contact, "3 11:00", channel=Channel.COUNTER)

    (row,) = rows(town, counter)
    assert row.desk is None


class TestCounter:
    def test_the_latest_day_comes_first_and_the_longest_waiting_first_within_it(self, town: "Town") -> None:
        yesterday = town.opens(Channel.COUNTER, "1 09:00")
        third = town.opens(Channel.COUNTER, "2 11:00")
        first = town.opens(Channel.COUNTER, "2 09:00")
        second = town.opens(Channel.COUNTER, "2 10:00")
        served = town.opens(Channel.COUNTER, "2 08:00")
        town.answers(served, Channel.COUNTER, "2 08:10")

        assert cases(town, counter) == [first, second, third, yesterday, served]

    def test_desks_tell_who_stands_there_since_this_morning(self, town: "Town") -> None:
        for clock in ("09:20", "09:10"):
            town.opens(Channel.COUNTER, f"2 {clock}", particulars=CounterVisit(desk="Mairie"))
        served = town.opens(Channel.COUNTER, "2 09:00", particulars=CounterVisit(desk="Mairie"))
        town.answers(served, Channel.COUNTER, "2 09:05", particulars=CounterVisit(desk="Mairie"))
        left = town.opens(Channel.COUNTER, "2 08:00", particulars=CounterVisit(desk="Annexe"))
        town.closes(left, "2 08:30")
        town.opens(Channel.COUNTER, "1 09:00", particulars=CounterVisit(desk="Bus France services"))

        desks = counter.desks(town.seen_by(counter), town.at("2 00:00"))

        assert [(desk.desk, desk.cases, desk.waiting) for desk in desks] == [("Annexe", 1, 0), ("Mairie", 3, 2)]
        assert [desk.oldest_waiting_since for desk in desks] == [None, town.at("2 09:10")]


class TestTelephone:
    def test_call_backs_come_first_the_soonest_due_first(self, town: "Town") -> None:
        unanswered = town.opens(Channel.TELEPHONE, "2 08:00")
        later = town.opens(Channel.TELEPHONE, "2 09:00", particulars=PhoneCall(call_back_by=town.at("5 09:00")))
        sooner = town.opens(Channel.TELEPHONE, "2 10:00", particulars=PhoneCall(call_back_by=town.at("4 09:00")))

        assert cases(town, telephone) == [sooner, later, unanswered]
        assert [row.call_back_by for row in rows(town, telephone)] == [
            town.at("4 09:00"),
            town.at("5 09:00"),
            None,
        ]

    @pytest.mark.parametrize("channel", [Channel.TELEPHONE, Channel.EMAIL])
    def test_an_outgoing_contact_keeps_the_promise(self, town: "Town", channel: Channel) -> None:
        promise = PhoneCall(call_back_by=town.at("4 09:00"))
        case = town.opens(Channel.TELEPHONE, "2 09:00", particulars=promise)
        town.answers(case, channel, "3 09:00")

        (row,) = rows(town, telephone)

        assert (row.call_back_by, row.waiting) == (None, False)

    def test_an_agent_who_calls_can_promise_to_call_again(self, town: "Town") -> None:
        case = town.opens(Channel.TELEPHONE, "2 09:00")
        promise = PhoneCall(call_back_by=town.at("6 09:00"))
        town.answers(case, Channel.TELEPHONE, "3 09:00", particulars=promise)

        (row,) = rows(town, telephone)

        assert (row.call_back_by, row.awaiting_answer_since) == (town.at("6 09:00"), None)


class TestWeb:
    def test_a_step_takes_a_form_up_though_the_citizen_still_waits(self, town: "Town") -> None:
        case = town.opens(Channel.WEB, "2 09:00", particulars=WebForm(form="Inscription à la cantine"))
        (before,) = rows(town, web)
        town.works_on(case, "2 10:00")
        (after,) = rows(town, web)

        assert (before.form, before.taken_up) == ("Inscription à la cantine", False)
        assert (after.form, after.taken_up) == ("Inscription à la cantine", True)
        assert after.awaiting_answer_since == town.at("2 09:00")

    def test_a_second_form_is_to_be_taken_up_anew(self, town: "Town") -> None:
        case = town.opens(Channel.WEB, "2 09:00", particulars=WebForm(form="Inscription"))
        town.works_on(case, "2 10:00")
        town.hears(case, Channel.WEB, "3 10:00", particulars=WebForm(form="Pièces"))

        (row,) = rows(town, web)

        assert (row.form, row.taken_up) == ("Pièces", False)

    def test_a_form_taken_up_stays_so_when_an_older_contact_is_corrected(self, town: "Town") -> None:
        case = town.opens(Channel.COUNTER, "1 09:00")
        town.hears(case, Channel.WEB, "2 09:00")
        town.works_on(case, "2 10:00")
        town.corrects(case, town.opening_contact(case), "2 11:00", channel=Channel.EMAIL)

        (row,) = rows(town, web)

        assert row.taken_up


class TestMobile:
    def test_what_was_written_offline_comes_first_and_tells_how_late_it_arrived(self, town: "Town") -> None:
        online = town.opens(Channel.MOBILE, "2 08:00")
        offline = town.opens(Channel.MOBILE, "2 09:00", recorded="3 09:30", particulars=MobileEntry(offline=True))

        first, second = rows(town, mobile)

        assert [first.case_id, second.case_id] == [offline, online]
        assert (first.offline, first.arrived_at) == (True, town.at("3 09:30"))
        assert first.late_by_s == timedelta(hours=24, minutes=30).total_seconds()
        assert (second.offline, second.late_by_s) == (False, 0)


class TestEmail:
    def test_an_automatic_message_neither_asks_nor_answers(self, town: "Town") -> None:
        asked = town.opens(Channel.EMAIL, "2 09:00")
        town.answers(asked, Channel.EMAIL, "2 09:01", particulars=EmailMessage(automatic=True))
        answered = town.opens(Channel.EMAIL, "2 08:00")
        town.answers(answered, Channel.EMAIL, "2 10:00")
        town.hears(answered, Channel.EMAIL, "2 10:01", particulars=EmailMessage(automatic=True))

        first, second = rows(town, email)

        assert (first.case_id, first.automatic, first.waiting) == (asked, True, True)
        assert (second.case_id, second.automatic, second.waiting) == (answered, True, False)
        assert first.awaiting_answer_since == town.at("2 09:00")
        assert second.awaiting_answer_since is None


class TestPost:
    def test_letters_are_ranked_by_postmark_not_by_arrival(self, town: "Town") -> None:
        arrived_first = town.opens(Channel.POST, "4 09:00", particulars=PostalItem(postmarked_on=date(2026, 9, 3)))
        posted_first = town.opens(Channel.POST, "5 09:00", particulars=PostalItem(postmarked_on=date(2026, 9, 1)))

        assert cases(town, post) == [posted_first, arrived_first]
        assert [row.postmarked_on for row in rows(town, post)] == [date(2026, 9, 1), date(2026, 9, 3)]

    def test_a_registered_letter_comes_before_the_others_of_its_day(self, town: "Town") -> None:
        ordinary, registered = (
            town.opens(
                Channel.POST,
                "4 09:00",
                particulars=PostalItem(postmarked_on=date(2026, 9, 1), registered=is_registered),
            )
            for is_registered in (False, True)
        )

        assert cases(town, post) == [registered, ordinary]
        assert [row.registered for row in rows(town, post)] == [True, False]


class TestSocial:
    def test_what_everybody_reads_comes_before_private_messages(self, town: "Town") -> None:
        private = town.opens(Channel.SOCIAL, "2 08:00", particulars=SocialPost(network="Mastodon", public=False))
        public = town.opens(Channel.SOCIAL, "2 09:00", particulars=SocialPost(network="Bluesky", public=True))

        assert cases(town, social) == [public, private]
        assert [(row.network, row.public) for row in rows(town, social)] == [
            ("Bluesky", True),
            ("Mastodon", False),
        ]


class TestChatbot:
    @pytest.mark.parametrize("direction", Direction)
    def test_a_wanted_human_comes_first_whoever_called_for_one(self, town: "Town", direction: Direction) -> None:
        chatting = town.opens(Channel.CHATBOT, "2 08:00")
        case = town.opens(Channel.CHATBOT, "2 09:00")
        wanted = ChatbotExchange(human_wanted=True)
        town.hears(case, Channel.CHATBOT, "2 09:01", direction=direction, particulars=wanted)

        first, second = rows(town, chatbot)

        assert (first.case_id, first.human_wanted) == (case, True)
        assert first.human_wanted_since == town.at("2 09:01")
        assert (second.case_id, second.human_wanted, second.human_wanted_since) == (chatting, False, None)

    def test_a_human_who_answers_is_wanted_no_more(self, town: "Town") -> None:
        case = town.opens(Channel.CHATBOT, "2 09:00", particulars=ChatbotExchange(human_wanted=True))
        town.answers(case, Channel.TELEPHONE, "2 10:00")

        (row,) = rows(town, chatbot)

        assert (row.human_wanted, row.human_wanted_since) == (False, None)


class TestPartner:
    def test_partners_are_counted_by_referrals_and_cases(self, town: "Town") -> None:
        france_services = PartnerReferral(partner="France services")
        twice = town.opens(Channel.PARTNER, "2 08:00", particulars=france_services)
        town.hears(twice, Channel.PARTNER, "3 08:00", particulars=france_services)
        town.answers(twice, Channel.PARTNER, "3 09:00", particulars=france_services)
        town.opens(Channel.PARTNER, "2 09:00", particulars=PartnerReferral(partner="CAF"))

        found = partner.partners(town.seen_by(partner))

        assert [(one.partner, one.referrals, one.cases) for one in found] == [
            ("France services", 2, 1),
            ("CAF", 1, 1),
        ]
        assert [row.partner for row in rows(town, partner)] == ["CAF", "France services"]

    def test_a_referral_corrected_to_another_partner_counts_for_that_one(self, town: "Town") -> None:
        case = town.opens(Channel.PARTNER, "2 08:00", particulars=PartnerReferral(partner="CAF"))
        town.corrects(case, town.opening_contact(case), "2 09:00", particulars=PartnerReferral(partner="MSA"))

        found = partner.partners(town.seen_by(partner))

        assert [(one.partner, one.referrals) for one in found] == [("MSA", 1)]


class TestInternal:
    def test_cases_opened_d_office_come_before_internal_notes(self, town: "Town") -> None:
        noted = town.opens(Channel.COUNTER, "2 08:00")
        town.hears(noted, Channel.INTERNAL, "2 08:30")
        own = town.opens(Channel.INTERNAL, "2 09:00", direction=Direction.OUT)

        first, second = rows(town, internal)

        assert (first.case_id, first.own_motion, first.waiting) == (own, True, True)
        assert (second.case_id, second.own_motion, second.waiting) == (noted, False, True)

    def test_a_case_opened_d_office_waits_until_it_is_decided(self, town: "Town") -> None:
        case = town.opens(Channel.INTERNAL, "2 09:00")
        town.decides(case, "3 09:00")

        (row,) = rows(town, internal)

        assert (row.own_motion, row.waiting) == (True, False)
