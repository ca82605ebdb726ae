from typing import TYPE_CHECKING

from ledger.domain.vocabulary import CaseStatus, Channel, Direction
from projections import inbox
from projections.inbox import InboxQuery, InboxRow

if TYPE_CHECKING:
    from tests.views.conftest import Town


def row_of(town: "Town") -> InboxRow:
    (row,) = inbox.rows(town.seen_by(inbox), InboxQuery()).rows
    return row


def test_a_case_shows_as_it_was_opened(town: "Town") -> None:
    citizen = town.identifier()
    case = town.opens(
        Channel.WEB,
        "2 09:00",
        citizen=citizen,
        unit="Éducation",
        deadline=town.at("30 22:00"),
        reference="RS-1",
        title="sealed:title",
        summary="sealed:summary",
    )

    row = row_of(town)

    assert (row.case_id, row.citizen, row.reference) == (case, citizen, "RS-1")
    assert (row.unit, row.agent) == ("Éducation", None)
    assert (row.authority, row.service) == ("216404459", "restauration-scolaire")
    assert (row.status, row.opened_on, row.opened_at) == (CaseStatus.OPEN, Channel.WEB, town.at("2 09:00"))
    assert row.deadline == town.at("30 22:00")
    assert (row.last_channel, row.last_direction) == (Channel.WEB, Direction.IN)
    assert (row.title, row.summary, row.interactions) == ("sealed:title", "sealed:summary", 1)


def test_a_citizen_who_writes_twice_waits_since_the_first_time(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.hears(case, Channel.TELEPHONE, "3 10:00")

    row = row_of(town)

    assert row.awaiting_answer_since == town.at("2 09:00")
    assert (row.last_channel, row.last_at, row.interactions) == (Channel.TELEPHONE, town.at("3 10:00"), 2)


def test_an_outgoing_contact_answers_whatever_its_channel(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.answers(case, Channel.POST, "3 10:00")

    assert row_of(town).awaiting_answer_since is None


def test_a_request_for_documents_answers(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.requests_documents(case, Channel.EMAIL, "3 10:00")

    row = row_of(town)

    assert row.awaiting_answer_since is None
    assert (row.last_channel, row.last_direction) == (Channel.EMAIL, Direction.OUT)


def test_a_decision_answers(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.decides(case, "3 10:00")

    assert row_of(town).awaiting_answer_since is None


def test_a_closed_case_awaits_nothing_and_does_not_when_reopened(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.closes(case, "3 10:00")
    closed = row_of(town)
    town.reopens(case, "4 10:00")
    reopened = row_of(town)

    assert (closed.status, closed.awaiting_answer_since) == (CaseStatus.CLOSED, None)
    assert (reopened.status, reopened.awaiting_answer_since) == (CaseStatus.OPEN, None)


def test_a_closing_said_to_be_older_than_the_last_contact_still_answers_it(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.closes(case, "1 10:00")

    assert row_of(town).awaiting_answer_since is None


def test_a_reopened_case_waits_again_when_the_citizen_comes_back(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.closes(case, "3 10:00")
    town.reopens(case, "4 10:00")
    town.hears(case, Channel.COUNTER, "5 10:00")

    assert row_of(town).awaiting_answer_since == town.at("5 10:00")


def test_a_call_noted_in_the_evening_does_not_answer_the_e_mail_of_noon(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.hears(case, Channel.EMAIL, "3 12:00")
    town.answers(case, Channel.TELEPHONE, "3 10:00", recorded="3 18:00")

    row = row_of(town)

    assert row.awaiting_answer_since == town.at("3 12:00")
    assert (row.last_channel, row.last_at) == (Channel.EMAIL, town.at("3 12:00"))


def test_an_entry_that_arrives_late_is_not_taken_for_answered(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.answers(case, Channel.TELEPHONE, "4 10:00")
    town.hears(case, Channel.MOBILE, "3 10:00", recorded="5 08:00")

    row = row_of(town)

    assert row.awaiting_answer_since == town.at("3 10:00")
    assert (row.last_channel, row.last_direction) == (Channel.TELEPHONE, Direction.OUT)


def test_moments_of_different_time_zones_are_compared_as_moments(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    paris, universal = "2 11:30:00+02:00", "2 09:45"
    town.hears(case, Channel.EMAIL, universal)
    town.answers(case, Channel.TELEPHONE, paris)

    row = row_of(town)

    assert row.last_at == town.at(universal)
    assert row.awaiting_answer_since == town.at(universal)


def test_the_last_contact_can_be_corrected(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    contact = town.hears(case, Channel.TELEPHONE, "3 10:00", summary="sealed:wrong")
    town.corrects(case, contact, "3 11:00", channel=Channel.COUNTER, summary="sealed:right")

    row = row_of(town)

    assert (row.last_channel, row.summary, row.interactions) == (Channel.COUNTER, "sealed:right", 2)


def test_a_corrected_moment_can_make_another_contact_the_last(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", summary="sealed:first")
    contact = town.hears(case, Channel.TELEPHONE, "3 10:00", summary="sealed:second")
    town.corrects(case, contact, "3 11:00", interaction_occurred_at=town.at("1 10:00"))

    row = row_of(town)

    assert (row.last_channel, row.last_at, row.summary) == (Channel.WEB, town.at("2 09:00"), "sealed:first")
    assert row.awaiting_answer_since == town.at("1 10:00")


def test_the_correction_of_an_older_contact_leaves_the_last_as_it_is(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.answers(case, Channel.TELEPHONE, "3 10:00", summary="sealed:call")
    town.corrects(case, town.opening_contact(case), "3 11:00", channel=Channel.EMAIL, summary="sealed:form")

    row = row_of(town)

    assert (row.last_channel, row.summary) == (Channel.TELEPHONE, "sealed:call")
    assert row.opened_on is Channel.WEB


def test_a_contact_corrected_to_outgoing_becomes_an_answer(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    contact = town.hears(case, Channel.TELEPHONE, "3 10:00")
    town.corrects(case, contact, "3 11:00", direction=Direction.OUT)

    row = row_of(town)

    assert (row.last_direction, row.awaiting_answer_since) == (Direction.OUT, None)


def test_an_answer_corrected_to_incoming_leaves_the_citizen_waiting(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    contact = town.answers(case, Channel.TELEPHONE, "3 10:00")
    town.corrects(case, contact, "3 11:00", direction=Direction.IN)

    assert row_of(town).awaiting_answer_since == town.at("2 09:00")


def test_a_correction_on_a_closed_case_does_not_set_it_waiting(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    contact = town.answers(case, Channel.TELEPHONE, "3 10:00")
    town.closes(case, "3 11:00")
    town.corrects(case, contact, "3 12:00", direction=Direction.IN)

    row = row_of(town)

    assert (row.status, row.awaiting_answer_since) == (CaseStatus.CLOSED, None)
    assert row.last_direction is Direction.IN


def test_an_assigned_case_has_an_agent_and_keeps_its_unit_unless_told_otherwise(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", unit="Éducation")
    town.assigns(case, "2 10:00", agent="agent-042")
    kept = row_of(town)
    town.assigns(case, "2 11:00", agent="agent-043", unit="Cantines")
    moved = row_of(town)

    assert (kept.agent, kept.unit) == ("agent-042", "Éducation")
    assert (moved.agent, moved.unit) == ("agent-043", "Cantines")


def test_a_case_handed_over_has_another_unit_or_authority_and_no_agent(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", service="bibliotheque", unit="Lecture")
    town.assigns(case, "2 10:00", agent="agent-042")
    town.hands_over(case, "2 11:00", to_authority="200067254", to_unit="Réseau")

    row = row_of(town)

    assert (row.authority, row.service, row.unit, row.agent) == ("200067254", "bibliotheque", "Réseau", None)


def test_steps_say_nothing_to_the_citizen(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.works_on(case, "2 10:00")

    assert row_of(town).awaiting_answer_since == town.at("2 09:00")
