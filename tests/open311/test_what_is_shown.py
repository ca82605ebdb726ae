"""What everybody sees of a request, what only its partner sees, and what nobody sees once a key is destroyed."""

from sqlite3 import connect
from typing import Any

import pytest

from labkit.controls.commands import close_case, record_phone_call
from ledger.domain.commands import ForgetCitizen, RecordServiceEvent
from ledger.domain.identifiers import CitizenRef
from ledger.domain.vocabulary import Channel
from tests.open311.town import Town, asked, to_case

SECRETS = {
    "description": "Devant chez Mme Lafourcade",
    "email": "nadia@example.org",
    "first_name": "Nadia",
    "last_name": "Lafourcade",
    "phone": "0559000000",
    "address_string": "12 rue du Port",
    "address_id": "64445_0012",
    "account_id": "nadia-1",
    "device_id": "tt222111",
    "media_url": "https://photos.example/nadia.jpg",
    "lat": "43.295123",
    "long": "-0.370797",
}


def everything(town: Town, key: str | None = None) -> str:
    paths = ("requests", "servicerequestupdates", "services", "discovery")
    return "".join(
        town.get(f"{path}.{notation}", key=key, extensions="true").text
        for path in paths
        for notation in ("xml", "json")
    )


def test_nothing_that_is_personal_is_shown_to_everybody_or_to_another_partner(town: Town) -> None:
    town.filed(**SECRETS)

    for key in (None, town.key_of("another")):
        shown = everything(town, key)
        assert [name for name, secret in SECRETS.items() if secret in shown] == []
        assert '"lat":43.295,"long":-0.371' in shown


def test_the_partner_who_filed_a_request_reads_back_what_it_sent(town: Town) -> None:
    town.filed(**SECRETS)

    answer = town.get("requests.json", key=town.key)

    (request,) = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert request["description"] == SECRETS["description"]
    assert (request["lat"], request["long"]) == (43.295123, -0.370797)
    assert (request["address"], request["address_id"]) == (SECRETS["address_string"], SECRETS["address_id"])
    assert request["media_url"] == SECRETS["media_url"]
    assert [name for name in ("email", "phone", "account_id") if SECRETS[name] in answer.text] == []
    assert town.get("requests.json", api_key=town.key).json() == [request]
    renewed = town.key_of("pau-app")
    assert town.get("requests.json", key=renewed).json() == [request]


@pytest.mark.parametrize(
    ("shown", "place"), [("exact", (43.295123, -0.370797)), ("rounded", (43.295, -0.371)), ("none", (None, None))]
)
def test_the_authority_decides_of_the_place(town: Town, shown: str, place: Any) -> None:
    town.says(roads=f'[services.voirie]\nlocation_shown = "{shown}"')
    town.filed()

    (request,) = town.get("requests.json").json()

    assert (request["lat"], request["long"]) == place


def test_the_authority_may_show_descriptions_to_everybody_but_no_more(town: Town) -> None:
    town.says(roads='[services.voirie]\ndescription_shown = "everybody"')
    town.filed(**{**SECRETS, "description": "Un trou"})

    assert town.get("requests.json").json()[0]["description"] == "Un trou"
    assert [name for name, secret in SECRETS.items() if secret in everything(town)] == []


def test_the_files_of_the_view_hold_nothing_personal_in_clear(town: Town) -> None:
    town.filed(**SECRETS)

    (file,) = (town.data / "views" / "open311").glob("*.db")
    with connect(file) as database:
        written = "\n".join(database.iterdump())

    assert "sealed:" in written
    assert [name for name, secret in SECRETS.items() if secret in written] == []


def test_once_the_key_is_destroyed_not_even_the_partner_reads_anything(town: Town) -> None:
    case_id = town.filed(**SECRETS)
    town.does(ForgetCitizen(**asked(), citizen=CitizenRef(case_id)))

    (request,) = town.get("requests.json", key=town.key).json()

    assert request["status"] == "open"
    assert [request[name] for name in ("description", "address", "address_id", "media_url")] == [None] * 4
    assert (request["lat"], request["long"]) == (43.295, -0.371)
    assert [name for name, secret in SECRETS.items() if secret in everything(town, town.key)] == []


def test_what_agents_write_is_never_told(town: Town) -> None:
    case_id = town.filed()
    noted: Any = {"summary": "Elle a encore appelé", "channel": Channel.PARTNER, "particulars": None}
    town.does(to_case(record_phone_call(), case_id, **noted), to_case(close_case(), case_id))

    assert "encore" not in everything(town, town.key)


def test_an_event_of_that_name_in_another_form_is_not_taken_for_a_request(town: Town) -> None:
    opening = town.filed()
    forged = [
        {"partner": 17},
        {"lat": 43.0, "long": -0.3},
        {"partner": "another", "lat": "43", "long": True},
    ]
    town.does(
        *(
            RecordServiceEvent(
                **asked(), case_id=opening, name="open311-request.v1", channel=Channel.PARTNER, facts=facts, content="{"
            )
            for facts in forged
        )
    )

    (request,) = town.get("requests.json", key=town.key).json()

    assert (request["lat"], request["long"]) == (43.295123, -0.370797)
    assert town.runner._stores[0].parked() == []
