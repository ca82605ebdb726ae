"""A client that others wrote follows a request on a real `labkit up`, to its end."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from georeport import GeoReport
from msgspec import to_builtins

from labkit.controls import commands
from labkit.controls.cast import CANTEEN, PAU
from tests.open311.town import asked
from tests.running import RunningInstance, running_instance


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    with running_instance(tmp_path_factory.mktemp("open311") / "data") as running:
        for command in (commands.register_authority(), commands.publish_service()):
            told: Any = {**to_builtins(command), **to_builtins(asked())}
            assert running.post("/commands", [told]).json["results"][0]["status"] == "accepted"
        yield running


def made_key(instance: RunningInstance) -> str:
    ended = instance.labkit("open311", "key", "add", "georeport", "--json")
    assert ended.returncode == 0, ended.stderr
    key: str = json.loads(ended.stdout)["api_key"]
    return key


def test_georeport_lists_services_and_follows_a_request_to_its_end(instance: RunningInstance) -> None:
    instance.wait_until_views_reach(2)
    endpoint = f"{instance.url}/open311/v2"
    in_json = GeoReport(endpoint, jurisdiction=PAU)
    in_xml = GeoReport(endpoint, output_format="xml")

    (service,) = in_json.get_service_list()
    assert service["service_code"] == in_xml.get_service_list()["service_code"] == CANTEEN
    assert in_json.get_service_definition(CANTEEN)["service_code"] == CANTEEN
    assert in_xml.get_service_definition(CANTEEN)["service_code"] == CANTEEN

    form = {"api_key": made_key(instance), "service_code": CANTEEN, "address_string": "1 rue du Port"}
    filed = requests.post(f"{endpoint}/requests.json", data=form, timeout=10)
    filed.raise_for_status()
    named = filed.json()[0]["service_request_id"]

    # Read at once: a request that was just filed is waited for.
    assert in_json.get_service_request(named)["status"] == "open"
    assert [one["service_request_id"] for one in in_json.get_service_requests(status="open")] == [named]

    closing = to_builtins(commands.close_case()) | to_builtins(asked()) | {"case_id": named}
    instance.wait_until_views_reach(instance.post("/commands", [closing]).json["position"])

    assert in_xml.get_service_request(named)["status"] == "closed"
    assert in_json.get_service_requests(status="open") == []
    assert in_json.get_service_requests(service_request_id=named)[0]["status_notes"] == "Completed"
