"""Every resource of GeoReport v2, in XML and in JSON, by the letter of the standard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import Element

import httpx
import pytest

from labkit.controls import cast
from labkit.controls.commands import close_case, reopen_case
from labkit.open311.documents import write
from ledger.domain.vocabulary import ClosingReason
from tests.open311.town import DECLARATION, Town, parsed, to_case, tree

Errors = Callable[[httpx.Response], list[str]]
REQUEST_FIELDS = [
    *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
    *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime"),
    *("address", "address_id", "zipcode", "lat", "long", "media_url"),
]
SETTINGS = """
contact = { en = "Call us", fr = "Appelez-nous" }
key_service = "https://pau.example/keys"
url = "https://open311.pau.example/v2"
type = "production"

[services.voirie]
description = { en = "Holes and lights", fr = "Trous et éclairage" }
notice = "We come within ten days."
group = "rue"
keywords = ["trou", "éclairage"]

[[services.voirie.attributes]]
code = "DEPTH"
datatype = "number"
required = true
description = { en = "How deep?", fr = "Quelle profondeur ?" }

[[services.voirie.attributes]]
code = "KIND"
datatype = "multivaluelist"
description = "What?"
values = [{ key = "hole", name = { en = "Hole", fr = "Trou" } }, { key = "lamp", name = "Lampe" }]
"""


def texts(element: Element) -> dict[str, str | None]:
    return {child.tag: child.text for child in element}


def test_discovery_tells_where_the_server_is_and_what_it_speaks(town: Town) -> None:
    for path in ("/open311/discovery", "/open311/v2/discovery"):
        told = town.http.get(f"{path}.json").json()
        root = tree(town.http.get(f"{path}.xml"))

        assert list(told) == ["changeset", "contact", "key_service", "endpoints"] == [child.tag for child in root]
        (endpoint,) = told["endpoints"]
        assert endpoint == {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": "http://127.0.0.1:8420/open311/v2",
            "changeset": told["changeset"],
            "type": "test",
            "formats": ["text/xml", "application/json"],
        }
        assert [kind.text for kind in root.iterfind("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_the_authority_says_who_to_ask_and_what_its_services_are(town: Town) -> None:
    town.says(everything=SETTINGS)

    discovery = town.get("discovery.json", language="fr").json()
    (service,) = town.get("services.json", language="fr").json()
    (in_xml,) = tree(town.get("services.xml", language="en")).iterfind("service")

    assert (discovery["contact"], discovery["key_service"]) == ("Appelez-nous", "https://pau.example/keys")
    assert discovery["endpoints"][0]["url"] == "https://open311.pau.example/v2"
    assert discovery["endpoints"][0]["type"] == "production"
    assert service == {
        "service_code": "voirie",
        "service_name": "Voirie",
        "description": "Trous et éclairage",
        "metadata": True,
        "type": "realtime",
        "keywords": "trou, éclairage",
        "group": "rue",
    }
    assert texts(in_xml) == {**service, "metadata": "true", "description": "Holes and lights"}


def test_a_definition_tells_what_is_asked(town: Town) -> None:
    town.says(everything=SETTINGS)

    told = town.get("services/voirie.json").json()
    root = tree(town.get("services/voirie.xml", language="fr"))

    assert told["service_code"] == "voirie"
    assert told["attributes"][0] == {
        "variable": True,
        "code": "DEPTH",
        "datatype": "number",
        "required": True,
        "datatype_description": None,
        "order": 1,
        "description": "How deep?",
    }
    assert told["attributes"][1]["values"] == [{"key": "hole", "name": "Hole"}, {"key": "lamp", "name": "Lampe"}]
    assert [key.text for key in root.iterfind("attributes/attribute/values/value/name")] == ["Trou", "Lampe"]
    assert root.findtext("attributes/attribute/required") == "true"


@pytest.mark.parametrize("notation", ["xml", "json"])
def test_a_request_is_filed_followed_and_closed(town: Town, notation: str) -> None:
    def told(answer: httpx.Response) -> dict[str, Any]:
        if notation == "json":
            (request,) = answer.json()
            assert isinstance(request, dict)
            return request
        (element,) = tree(answer).iterfind("request")
        return texts(element)

    answer = town.files(notation)
    assert answer.status_code == 201
    assert list(told(answer)) == ["service_request_id", "service_notice", "account_id"]
    named = told(answer)["service_request_id"]

    opened = told(town.get(f"requests/{named}.{notation}"))
    assert list(opened) == REQUEST_FIELDS
    assert (opened["status"], opened["status_notes"], opened["service_name"]) == ("open", None, "Voirie")
    assert opened["agency_responsible"] == "Commune de Pau"
    assert opened["requested_datetime"].endswith("Z")
    assert opened["expected_datetime"] > opened["requested_datetime"]
    assert told(town.get(f"tokens/{named}.{notation}")) == {"service_request_id": named, "token": named}

    town.does(to_case(close_case(), named, reason=ClosingReason.DUPLICATE))
    closed = told(town.get(f"requests/{named}.{notation}", language="fr"))
    assert (closed["status"], closed["status_notes"]) == ("closed", "Doublon")


def test_a_reopened_request_is_open_again_without_a_reason(town: Town) -> None:
    case_id = town.filed()
    town.does(to_case(close_case(), case_id), to_case(reopen_case(), case_id))

    (request,) = town.get(f"requests/{case_id}.json").json()

    assert (request["status"], request["status_notes"]) == ("open", None)


def test_what_does_not_exist_is_not_found_in_the_notation_asked_for(town: Town, errors: Errors) -> None:
    unknown = uuid4()
    assert errors(town.get("services/nothing.json")) == [
        "service_code “nothing” was not found: the list of services has those there are."
    ]
    assert errors(town.get(f"requests/{unknown}.json", language="fr")) == [
        f"service_request_id « {unknown} » est inconnu."
    ]
    for path in ("requests/17.xml", "tokens/17.xml", "nothing.xml", "services", "requests/a/b.xml", "services/voirie"):
        root = tree(answer := town.get(path))
        assert (answer.status_code, root.tag, root.findtext("error/code")) == (404, "errors", "404")
        assert root.findtext("error/description")


def test_several_authorities_are_told_apart_by_their_jurisdiction(town: Town, errors: Errors) -> None:
    of_pau = town.filed()
    assert town.requests(jurisdiction_id=cast.PAU) == [of_pau]
    assert errors(town.get("services.json", jurisdiction_id="200067254"))[0].startswith("jurisdiction_id “200067254”")

    town.offers(cast.PAU_BEARN_PYRENEES, voirie="Voirie d’agglomération")

    for path in ("services.json", "services/voirie.json", "requests.json", "servicerequestupdates.json"):
        assert f"{cast.PAU_BEARN_PYRENEES}, {cast.PAU}" in errors(answer := town.get(path))[0]
        assert answer.status_code == 400
    assert errors(town.files())[0].startswith("jurisdiction_id was not provided")
    (service,) = town.get("services.json", jurisdiction_id=cast.PAU_BEARN_PYRENEES).json()
    assert service["service_name"] == "Voirie d’agglomération"
    assert town.requests(jurisdiction_id=cast.PAU) == [of_pau]
    assert town.requests(jurisdiction_id=cast.PAU_BEARN_PYRENEES) == []
    elsewhere = town.filed(jurisdiction_id=cast.PAU_BEARN_PYRENEES)
    assert town.requests(jurisdiction_id=cast.PAU_BEARN_PYRENEES) == [elsewhere]
    assert town.get(f"requests/{elsewhere}.json", jurisdiction_id=cast.PAU).status_code == 404


def test_an_empty_ledger_offers_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    empty = Town(tmp_path / "empty")
    with empty.http:
        assert empty.get("services.json").json() == []
        assert empty.get("services.xml").content == DECLARATION + b"services/>\n"
        assert empty.get("requests.json").json() == []
        assert empty.http.get("/open311/discovery.json").status_code == 200
    empty.close()


def test_both_notations_say_the_same_whatever_the_text() -> None:
    value = {"services": [{"name": "a<b>&\x00\r\n\ud7ff", "none": None, "yes": True, "n": 1.5}], "values": []}

    root = parsed(write("root", value, "xml"))  # type: ignore[arg-type]  # a literal is read too narrowly

    assert root.findtext("services/service/name") == "a<b>&\ufffd\r\n\ud7ff"
    assert [root.findtext(f"services/service/{name}") for name in ("none", "yes", "n")] == ["", "true", "1.5"]
