from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.domain.vocabulary import Channel
from projections import overview
from projections.overview import ChannelFigures, Overview, ServiceFigures, UnitFigures

if TYPE_CHECKING:
    from tests.views.conftest import Town

NOW = "28 12:00"


def seen(town: "Town", now: str = NOW) -> Overview:
    return overview.overview(town.seen_by(overview), len(town.events), town.at(now))


def of_channel(town: "Town", channel: Channel) -> ChannelFigures:
    return next(figures for figures in seen(town).channels if figures.channel is channel)


def of_unit(town: "Town", unit: str) -> UnitFigures:
    return next(figures for figures in seen(town).units if figures.unit == unit)


def of_service(town: "Town", authority: str, service: str) -> ServiceFigures:
    figures = {(one.authority, one.service): one for one in seen(town).services}
    return figures[authority, service]


def test_a_town_where_nothing_happened_lists_its_channels_and_services(town: "Town") -> None:
    figures = seen(town)

    assert (figures.position, figures.cases, figures.interactions, figures.steps) == (5, 0, 0, 0)
    assert [one.channel for one in figures.channels] == list(Channel)
    assert [(one.authority, one.service, one.name) for one in figures.services] == [
        ("200067254", "bibliotheque", "Médiathèques"),
        ("216404459", "bibliotheque", "Bibliothèque"),
        ("216404459", "restauration-scolaire", "Cantine"),
    ]
    assert (figures.units, figures.flow, figures.median_hours, figures.ninth_decile_hours) == ([], [], None, None)


def test_names_are_those_of_authorities_and_services(town: "Town") -> None:
    assert overview.names(town.seen_by(overview)) == {
        "216404459": "Authority 216404459",
        "216404459/restauration-scolaire": "Cantine",
        "216404459/bibliotheque": "Bibliothèque",
        "200067254": "Authority 200067254",
        "200067254/bibliotheque": "Médiathèques",
    }


def test_cases_and_steps_count_for_the_opening_channel_and_contacts_for_their_own(town: "Town") -> None:
    case = town.opens(Channel.COUNTER, "2 09:00")
    town.hears(case, Channel.TELEPHONE, "3 09:00")
    town.works_on(case, "3 10:00")

    counter, telephone = of_channel(town, Channel.COUNTER), of_channel(town, Channel.TELEPHONE)

    assert (counter.cases, counter.interactions, counter.steps) == (1, 1, 1)
    assert (telephone.cases, telephone.interactions, telephone.steps) == (0, 1, 0)


def test_a_correction_moves_a_contact_to_its_right_channel(town: "Town") -> None:
    case = town.opens(Channel.COUNTER, "2 09:00")
    town.corrects(case, town.opening_contact(case), "2 10:00", channel=Channel.EMAIL)
    town.corrects(case, town.opening_contact(case), "2 11:00", channel=Channel.POST)
    town.corrects(case, town.opening_contact(case), "2 12:00", summary="sealed:text")

    figures = seen(town)

    assert [one.channel for one in figures.channels if one.interactions] == [Channel.POST]
    assert [one.channel for one in figures.channels if one.cases] == [Channel.COUNTER]
    assert figures.interactions == 1


def test_a_case_closed_after_its_deadline_is_late_until_it_is_reopened(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", unit="Éducation", deadline=town.at("10 00:00"))
    town.closes(case, "10 00:01")
    closed, unit = seen(town), of_unit(town, "Éducation")
    town.reopens(case, "11 09:00")
    reopened = seen(town)

    assert (closed.open, closed.closed, closed.late, closed.overdue) == (0, 1, 1, 0)
    assert (unit.cases, unit.open, unit.late) == (1, 0, 1)
    assert (reopened.open, reopened.closed, reopened.late, reopened.overdue) == (1, 0, 0, 1)


def test_a_case_closed_on_its_deadline_is_in_time(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", deadline=town.at("10 00:00"))
    town.closes(case, "10 00:00")

    assert seen(town).late == 0


def test_an_open_case_is_overdue_from_its_deadline_on(town: "Town") -> None:
    town.opens(Channel.WEB, "2 09:00", deadline=town.at("10 00:00"))
    town.opens(Channel.WEB, "2 09:00")

    assert [seen(town, now).overdue for now in ("9 23:59", "10 00:00", "10 00:01")] == [0, 0, 1]
    assert of_service(town, "216404459", "restauration-scolaire").overdue == 1


def test_the_totals_are_those_of_the_overview(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", deadline=town.at("10 00:00"))
    town.works_on(case, "3 09:00")
    whole = seen(town)

    totals = overview.totals(town.seen_by(overview), town.at(NOW))

    for field in totals.__struct_fields__:
        assert getattr(totals, field) == getattr(whole, field)


def test_a_case_is_in_the_charge_of_one_unit_at_a_time_and_steps_stay_with_who_did_them(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", unit="Éducation")
    town.works_on(case, "2 10:00", unit="Éducation")
    town.assigns(case, "2 11:00", agent="agent-042", unit="Cantines")
    town.hands_over(case, "2 12:00", to_unit="Scolarité")
    town.works_on(case, "2 13:00", unit="Accueil")
    town.works_on(case, "2 14:00")

    units = {one.unit: (one.cases, one.open, one.steps) for one in seen(town).units}

    assert units == {"Accueil": (0, 0, 1), "Scolarité": (1, 1, 0), "Éducation": (0, 0, 1)}
    assert seen(town).steps == 3


def test_a_case_handed_over_to_another_authority_counts_there(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00", service="bibliotheque", unit="Lecture")
    town.hands_over(case, "2 10:00", to_authority="200067254")

    assert of_service(town, "216404459", "bibliotheque").cases == 0
    assert of_service(town, "200067254", "bibliotheque").open == 1
    assert seen(town).units == []


def test_a_service_that_the_new_authority_never_published_bears_its_code(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.hands_over(case, "2 10:00", to_authority="200067254")

    assert of_service(town, "200067254", "restauration-scolaire").name == "restauration-scolaire"


def took(town: "Town", channel: Channel, hours: float) -> None:
    case = town.opens(channel, "2 09:00")
    town.works_on(case, "3 09:00")
    end = town.at("3 09:00") + timedelta(hours=hours)
    town.works_on(case, f"{end.day} {end:%H:%M}")


@pytest.mark.parametrize(
    ("hours", "median", "ninth_decile"),
    [
        ([2], 2, 2),
        ([4, 1], 2.5, 4),
        ([9, 1, 5], 5, 9),
        ([1, 2, 3, 4], 2.5, 4),
        (list(range(10, 0, -1)), 5.5, 9),
        (list(range(11)), 5, 9),
        ([0.5, 0.5, 100], 0.5, 100),
    ],
)
def test_durations_go_from_the_first_step_to_the_last(
    town: "Town", hours: list[float], median: float, ninth_decile: float
) -> None:
    for duration in hours:
        took(town, Channel.POST, duration)
    took(town, Channel.WEB, 1)

    post = of_channel(town, Channel.POST)

    assert (post.median_hours, post.ninth_decile_hours) == (median, ninth_decile)


def test_the_median_of_all_is_not_that_of_the_channels(town: "Town") -> None:
    for channel, hours in ((Channel.POST, 10), (Channel.POST, 20), (Channel.WEB, 1)):
        took(town, channel, hours)

    assert (seen(town).median_hours, seen(town).ninth_decile_hours) == (10, 20)


def test_a_case_without_a_step_has_no_duration_and_one_with_a_single_step_lasts_nothing(town: "Town") -> None:
    town.opens(Channel.POST, "2 09:00")
    case = town.opens(Channel.WEB, "2 09:00")
    town.works_on(case, "3 09:00")

    assert of_channel(town, Channel.POST).median_hours is None
    assert of_channel(town, Channel.WEB).median_hours == 0


def test_steps_recorded_out_of_order_are_put_in_order(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    for moment in ("3 10:00", "3 12:00", "3 09:00"):
        town.works_on(case, moment)

    assert of_channel(town, Channel.WEB).median_hours == 3


def test_the_flow_counts_the_contacts_recorded_in_each_minute_of_the_last_hour(town: "Town") -> None:
    for recorded in ("2 09:00", "2 09:01", "2 09:01:59", "2 10:00:30", "2 10:01"):
        town.opens(Channel.WEB, "2 08:00", recorded=recorded)
    town.opens(Channel.COUNTER, "2 08:00", recorded="2 09:01")

    flow = seen(town, "2 10:00:59").flow

    assert [(point.minute, point.channel, point.interactions) for point in flow] == [
        ("2026-09-02T09:01", Channel.COUNTER, 1),
        ("2026-09-02T09:01", Channel.WEB, 2),
        ("2026-09-02T10:00", Channel.WEB, 1),
    ]


def test_the_flow_keeps_a_day_of_minutes_counted_by_its_own_events(town: "Town") -> None:
    for recorded in ("2 09:00", "2 09:01", "3 09:00", "2 08:00"):
        town.opens(Channel.WEB, "1 08:00", recorded=recorded)

    db = town.seen_by(overview)

    minutes = [minute for (minute,) in db.execute("SELECT minute FROM flow ORDER BY minute")]
    epoch = datetime.fromisoformat("1970-01-01T00:00Z")
    assert [epoch + timedelta(minutes=minute) for minute in minutes] == [town.at("2 09:01"), town.at("3 09:00")]
