"""Lists of requests: their filters, their bounds, their pages; and the history of what became of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from labkit.controls import cast
from labkit.controls.commands import assign_case, close_case, decide_case, hand_over_case, open_case
from ledger.domain.commands import PublishService, RecordServiceEvent
from ledger.domain.vocabulary import Channel
from tests.open311.town import Town, asked, to_case

Errors = Callable[[httpx.Response], list[str]]


def w3c(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


def test_only_what_came_by_open311_is_listed(town: Town) -> None:
    town.does(PublishService(**asked(), authority=cast.PAU, service=cast.CANTEEN, name="Cantine"))
    town.does(open_case())
    by_a_partner = to_case(open_case(), cast.identifier("another"), channel=Channel.PARTNER, particulars=None)
    town.does(by_a_partner)

    assert town.requests() == []
    assert town.get("servicerequestupdates.json").json() == []
    assert town.get(f"requests/{by_a_partner.case_id}.json").status_code == 404


def test_the_latest_come_first_and_pages_hold_each_once(town: Town) -> None:
    filed = [town.filed() for _ in range(5)][::-1]

    assert town.requests() == filed
    assert [town.requests(page=page, page_size=2) for page in (1, 2, 3, 4)] == [filed[:2], filed[2:4], filed[4:], []]


def test_requests_are_found_by_service_status_and_date(town: Town) -> None:
    town.does(PublishService(**asked(), authority=cast.PAU, service="eclairage", name="Éclairage"))
    road, lamp = town.filed(), town.filed(service_code="eclairage")
    town.does(to_case(close_case(), lamp))

    assert town.requests(service_code="voirie") == town.requests(status="open") == [road]
    assert town.requests(service_code="eclairage") == town.requests(status="closed") == [lamp]
    assert town.requests(service_code="eclairage,voirie", status="open,closed") == [lamp, road]
    assert town.requests(service_code=["eclairage", "voirie"], status="") == [lamp, road]
    assert town.requests(start_date=w3c(-1), end_date=w3c(1)) == town.requests(start_date=w3c(-1)) == [lamp, road]
    assert town.requests(end_date=w3c(-1)) == town.requests(start_date=w3c(-100)) == []


def test_identifiers_override_every_other_criterion(town: Town) -> None:
    first, second, _ = (town.filed() for _ in range(3))

    named = ",".join((str(first), "17", str(second)))

    assert town.requests(service_request_id=named, status="closed", start_date="nonsense") == [first, second]


def test_requests_are_found_around_a_place(town: Town) -> None:
    here = town.filed()
    east = town.filed(lat="43.295", long="-0.346")  # two kilometres
    nowhere = town.filed(lat=None, long=None, address_string="somewhere")

    around = {"lat": 43.295, "long": -0.371}
    assert town.requests(**around, radius=1_000) == [here]
    assert town.requests(**around, radius=2_000) == [here]
    assert town.requests(**around, radius=2_050) == [east, here]
    assert nowhere in town.requests()


def test_the_shortest_way_may_cross_the_date_line(town: Town) -> None:
    fiji = town.filed(lat="-13.3", long="179.99")

    assert town.requests(lat=-13.3, long=-179.99, radius=3_000) == [fiji]


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"start_date": w3c(-200), "end_date": w3c(-100)}, "start_date and end_date may not span more than 90 days."),
        ({"start_date": w3c(1), "end_date": w3c(-1)}, "end_date comes before start_date."),
        ({"start_date": "2026-09-01"}, "start_date must be a W3C date and time with its zone"),
        ({"end_date": "2026-09-01T08:30:00"}, "end_date must be a W3C date and time with its zone"),
        ({"start_date": "9999-13-31T00:00:00Z"}, "start_date must be a W3C date and time with its zone"),
        ({"status": "fixed"}, "status may be open, closed, or both with a comma."),
        ({"service_code": "nothing"}, "service_code “nothing” was not found"),
        ({"page": "0"}, "page must be a number from 1 to 10000."),
        ({"page_size": "1001"}, "page_size must be a number from 1 to 1000."),
        ({"lat": "43"}, "A search around a place needs lat, long and radius, in metres."),
        ({"lat": "43", "long": "0", "radius": "50001"}, "radius must be a number from 1 to 50000."),
        ({"service_request_id": ",".join(map(str, range(1_001)))}, "service_request_id may hold 1000 values at most."),
    ],
)
def test_a_criterion_that_cannot_be_met_is_refused(
    town: Town, errors: Errors, asked: dict[str, Any], wrong: str
) -> None:
    assert errors(town.get("requests.json", **asked))[0].startswith(wrong)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_the_calendar_break_nothing(town: Town, moment: str) -> None:
    assert town.requests(start_date=moment) == town.requests(end_date=moment) == []


def test_a_plus_that_was_not_encoded_is_understood(town: Town) -> None:
    filed = town.filed()
    since = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00")

    (request,) = town.http.get(f"/open311/v2/requests.json?start_date={since}").json()

    assert request["service_request_id"] == str(filed)


def test_the_history_is_told_milestone_by_milestone_in_the_readers_language(town: Town) -> None:
    case_id = town.filed(description="Secret")
    planned = RecordServiceEvent(**asked(), case_id=case_id, name="repair-planned.v1", channel=Channel.INTERNAL)
    happened = (
        to_case(assign_case(), case_id),
        planned,
        to_case(hand_over_case(), case_id),
        to_case(decide_case(), case_id),
        to_case(close_case(), case_id),
    )
    town.does(*happened)
    told = ["opened", "assigned", "service-event", "handed-over", "decided", "closed"]
    french = [
        "La demande a été reçue.",
        "Un agent est chargé de la demande.",
        "Repair planned.",
        "La demande a été transmise à qui en est compétent.",
        "Une décision a été prise : Accordée.",
        "La demande a été clôturée : Traité.",
    ]

    (request,) = town.get("requests.json", extensions="true", language="fr").json()
    updates = town.get("servicerequestupdates.json", language="fr").json()

    assert [note["type"] for note in request["notes"]] == told
    assert [note["description"] for note in request["notes"]] == french
    assert [update["description"] for update in updates] == french
    assert [update["status"] for update in updates] == ["open"] * 5 + ["closed"]
    assert {update["service_request_id"] for update in updates} == {str(case_id)}
    assert list(updates[0]) == [
        *("update_id", "service_request_id", "status", "updated_datetime", "description", "media_url")
    ]
    assert updates == town.get("servicerequestupdates.json", language="fr", service_request_id=str(case_id)).json()
    assert updates[2:4] == town.get("servicerequestupdates.json", language="fr", page=2, page_size=2).json()
    assert town.get("servicerequestupdates.json", end_date=w3c(-1)).json() == []
    assert "notes" not in town.get(f"requests/{case_id}.json").json()[0]


def test_updates_in_xml_are_as_those_who_poll_them_expect(town: Town) -> None:
    case_id = town.filed()

    body = town.get("servicerequestupdates.xml").text

    assert "<service_request_updates><request_update><update_id>" in body
    assert f"<service_request_id>{case_id}</service_request_id><status>open</status>" in body
