"""What a partner files: as a case of the ledger, once or again, and what is refused in it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from labkit.controls.commands import close_case
from labkit.open311.told import CONTENT_MAX, read_told
from ledger.domain.events import CaseOpened, InteractionRecorded, PartnerReferral, ServiceEventRecorded
from ledger.domain.vocabulary import Channel
from tests.open311.town import PLACE, Town, to_case

Errors = Callable[[httpx.Response], list[str]]

EVERYTHING = {
    "description": "Un nid-de-poule\r\ndevant chez moi",
    "email": "nadia@example.org",
    "first_name": "Nadia",
    "last_name": "Lafourcade",
    "phone": "05 59 00 00 00",
    "address_string": "12 rue du Port",
    "address_id": "64445_0012",
    "account_id": "nadia-1",
    "device_id": "tt222111",
    "media_url": "https://photos.example/1.jpg",
}
QUESTIONS = """
[services.voirie]
location_required = false
attributes = [
    { code = "DEPTH", datatype = "number", required = true, description = "How deep?" },
    { code = "SINCE", datatype = "datetime", description = "Since when?" },
    { code = "NOTE", datatype = "string", description = "In a line?" },
    { code = "KIND", datatype = "multivaluelist", description = "What?", values = [
        { key = "hole", name = "Hole" }, { key = "lamp", name = "Lamp" },
    ] },
    { code = "SIDE", datatype = "singlevaluelist", description = "Where?", values = [{ key = "left", name = "Left" }] },
    { code = "THANKS", datatype = "text", variable = false, description = "Thank you." },
]
"""


def test_a_request_is_a_case_of_the_partner_channel_with_an_event_of_its_service(town: Town) -> None:
    case_id = town.filed(**EVERYTHING)

    opened, contact, filed = (recorded.event for recorded in town.ledger.history(case_id))

    assert isinstance(opened, CaseOpened)
    assert isinstance(contact, InteractionRecorded)
    assert isinstance(filed, ServiceEventRecorded)
    assert (opened.channel, opened.service, opened.citizen) == (Channel.PARTNER, "voirie", None)
    assert (contact.particulars, contact.stamp.by) == (PartnerReferral("pau-app"), "open311:pau-app")
    assert filed.name == "open311-request.v1"
    assert filed.facts == {"partner": "pau-app", "lat": 43.295, "long": -0.371}
    told = read_told(town.ledger.reveal(filed.content) or "")
    assert (told.lat, told.long) == (43.295123, -0.370797)
    assert {name: getattr(told, name) for name in EVERYTHING if name != "description"} == {
        name: value for name, value in EVERYTHING.items() if name != "description"
    }
    assert town.ledger.reveal(contact.summary) == "Un nid-de-poule\ndevant chez moi"
    assert town.ledger.reveal(contact.contact) == "Nadia Lafourcade · nadia@example.org · 05 59 00 00 00"


@pytest.mark.parametrize("place", [{"address_string": "12 rue du Port"}, {"address_id": "64445_0012"}, PLACE])
def test_one_full_location_is_enough(town: Town, place: dict[str, Any]) -> None:
    assert town.files(**{"lat": None, "long": None, **place}).status_code == 201


def test_a_service_may_do_without_a_location(town: Town) -> None:
    town.says(roads="[services.voirie]\nlocation_required = false")

    case_id = town.filed(lat="", long="")

    (request,) = town.get(f"requests/{case_id}.json").json()
    assert (request["lat"], request["long"]) == (None, None)


def test_the_answers_to_a_services_questions_are_kept(town: Town) -> None:
    town.says(questions=QUESTIONS)
    answers = {
        "attribute[DEPTH]": "12.5",
        "attribute[SINCE]": "2026-09-01",
        "attribute[KIND][]": ["hole", "lamp"],
        "attribute[SIDE]": "left",
    }

    case_id = town.filed(**answers)

    *_, filed = (recorded.event for recorded in town.ledger.history(case_id))
    assert isinstance(filed, ServiceEventRecorded)
    assert read_told(town.ledger.reveal(filed.content) or "").attributes == {
        "DEPTH": "12.5",
        "SINCE": "2026-09-01",
        "KIND": ["hole", "lamp"],
        "SIDE": "left",
    }


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, "The attribute “DEPTH” is required, and was not provided."),
        ({"attribute[DEPTH]": "deep"}, "The attribute “DEPTH” is no number, or too long a one."),
        ({"attribute[DEPTH]": ["1", "2"]}, "The attribute “DEPTH” takes one value only."),
        ({"attribute[SINCE]": "yesterday"}, "The attribute “SINCE” is no datetime, or too long a one."),
        ({"attribute[NOTE]": "two\nlines"}, "The attribute “NOTE” is no string, or too long a one."),
        ({"attribute[KIND][]": ["hole", "moon"]}, "The attribute “KIND” must be among: hole, lamp."),
        ({"attribute[SIDE]": "right"}, "The attribute “SIDE” must be among: left."),
        ({"attribute[THANKS]": "yes"}, "This service does not ask for the attribute “THANKS”."),
        ({"attribute[]": "yes"}, "This service does not ask for the attribute “”."),
    ],
)
def test_an_answer_that_does_not_fit_its_question_is_refused(
    town: Town, errors: Errors, answers: dict[str, Any], wrong: str
) -> None:
    town.says(questions=QUESTIONS)
    fit = {} if "attribute[DEPTH]" in answers or not answers else {"attribute[DEPTH]": "1"}

    assert errors(town.files(**fit, **answers)) == [wrong]
    assert town.requests() == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"service_code": None}, "service_code was not provided."),
        ({"lat": None, "long": None}, "No location was provided: give lat and long, or address_string, or address_id."),
        ({"long": None, "address_id": "1"}, "lat and long go together."),
        ({"lat": "north"}, "lat must be a number from -90 to 90."),
        ({"lat": "nan"}, "lat must be a number from -90 to 90."),
        ({"long": "-180.5"}, "long must be a number from -180 to 180."),
        ({"description": "é" * 4_001}, "description may hold 4000 characters at most."),
        ({"email": "a" * 201}, "email may hold 200 characters at most."),
        ({"media_url": "javascript:alert(1)"}, "media_url must be an http or https address."),
        ({"description": "a\x00b"}, "description holds characters that no text may hold."),
    ],
)
def test_a_form_that_lacks_or_distorts_something_is_refused(
    town: Town, errors: Errors, fields: dict[str, Any], wrong: str
) -> None:
    assert wrong in errors(town.files(**fields))
    assert town.requests() == []


def test_everything_that_is_wrong_is_told_at_once_and_in_the_callers_language(town: Town, errors: Errors) -> None:
    answer = town.files(headers={"Accept-Language": "fr-FR"}, service_code="nothing", lat="x", description="é" * 4_001)

    assert errors(answer) == [
        "description peut contenir 4000 caractères au plus.",
        "lat doit être un nombre de -90 à 90.",
        "service_code « nothing » est inconnu : la liste des services dit ceux qui existent.",
    ]


def test_the_fields_of_a_form_are_bounded_together(town: Town, errors: Errors) -> None:
    questions = ", ".join(f'{{ code = "Q{n}", datatype = "text", description = "?" }}' for n in range(6))
    town.says(questions=f"[services.voirie]\nattributes = [{questions}]")

    answer = town.files(**{f"attribute[Q{n}]": "a" * 3_900 for n in range(6)})

    assert errors(answer) == [f"All these fields together may hold {CONTENT_MAX} characters at most."]


def test_the_same_form_twice_is_two_requests_but_under_one_idempotency_key_it_is_one(
    town: Town, errors: Errors
) -> None:
    assert town.filed() != town.filed()
    again = {"Idempotency-Key": "a-1"}

    first, second = town.files(headers=again, description="A"), town.files(headers=again, description="A")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(town.requests()) == 3
    assert errors(town.files(headers=again, description="B")) == [
        "This Idempotency-Key was already used for another request: give each request its own."
    ]
    other = town.files(headers=again, description="A", api_key=town.key_of("another"))
    assert other.json() != first.json()
    assert errors(town.files(headers={"Idempotency-Key": "a" * 201}))


def test_a_partner_adds_to_its_own_request_as_long_as_it_is_open(town: Town, errors: Errors) -> None:
    case_id = town.filed()
    update = {"service_request_id": str(case_id), "description": "Still there", "update_id": "u1", "status": "CLOSED"}

    def add(**fields: str) -> httpx.Response:
        answer = town.http.post(
            "/open311/v2/servicerequestupdates.json", data={"api_key": town.key, **update, **fields}
        )
        town.fold()
        return answer

    added, again = add(), add()
    assert (added.status_code, again.status_code) == (201, 200)
    assert added.json() == again.json()
    opened, told = town.get("servicerequestupdates.json", key=town.key).json()
    assert opened["description"] == "The request was received."
    assert (told["update_id"], told["status"]) == (added.json()[0]["update_id"], "open")
    assert told["description"] == "Still there"

    assert errors(add(api_key=town.key_of("another"))) == ["Only the partner who filed this request may add to it."]
    assert errors(add(description="", service_request_id="")) == [
        "service_request_id was not provided.",
        "description was not provided.",
    ]
    assert errors(add(service_request_id=str(UUID(int=0))))[0].endswith("was not found.")
    town.does(to_case(close_case(), case_id))
    assert "is closed" in errors(add(update_id="u2"))[0]
