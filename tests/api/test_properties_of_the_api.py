import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.datastructures import MultiDict
from litestar.testing import TestClient

from labkit.controls import cast, commands
from labkit.site import Site, create_site
from ledger.api.commands import ROUTES
from ledger.application import CaseLedger
from ledger.publishing.announcer import Announcer
from ledger.publishing.feed import LogFeed
from ledger.settings import Settings
from projections import VIEWS
from projections.asking import EventsAsked, InboxAsked, TimelineAsked, read_query
from projections.engine.runner import Runner
from projections.problems import Unanswerable

PROBLEM = "application/problem+json"
SAMPLES: dict[str, dict[str, Any]] = {
    str(type(command).__struct_config__.tag): msgspec.to_builtins(command)
    for command in commands.a_command_of_every_kind()
}
PATHS = {str(kind.__struct_config__.tag): path for path, kind in ROUTES}
ODD = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-14:00",
    "1970-01-01T00:00:00Z",
    "\x00",
    "null",
    "é",
    "🙂" * 60,
    cast.PAU,
    str(cast.CASE),
    10**30,
    -1,
    1e308,
    {"channel": "post", "postmarked_on": "0001-01-01"},
    {"channel": "telephone", "call_back_by": "9999-12-31T23:59:59-14:00"},
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
NAMES = sorted({name for sample in SAMPLES.values() for name in sample})
CHANGES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES | st.just(...), max_size=3)
ASKED = st.dictionaries(
    st.sampled_from(["at_least", "awaiting", "case", "cursor", "limit", "reference", "since", "status", "unit"])
    | st.text(max_size=5),
    st.text(max_size=12)
    | st.integers(-3, 2**70).map(str)
    | st.sampled_from(["open", "true", str(cast.CASE), "AAAAAAAAAAAAAAAAAAAAAA", "null"]),
    max_size=3,
)
bounded = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Town(NamedTuple):
    """A whole site to which anything is sent."""

    client: TestClient[Litestar]
    ledger: CaseLedger
    views: Path

    def show_everything(self) -> list[httpx.Response]:
        runner = Runner(VIEWS, self.views)
        runner.fold(LogFeed(self.ledger).read(0, self.ledger.head()))
        runner.close()
        shown = [self.client.get(f"/views/{view.name}/parked") for view in VIEWS]
        for view in VIEWS:
            if view.name == "open311":  # It is shown under its own addresses, in the words of its standard.
                continue
            path: str | None = f"/views/{view.name}" + ("" if view.name == "overview" else "?limit=200")
            while path:
                shown.append(self.client.get(path))
                cursor = shown[-1].json().get("cursor")
                path = f"/views/{view.name}?limit=200&cursor={cursor}" if cursor else None
        return shown


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    where = Settings(data=tmp_path_factory.mktemp("town"), nats_url="nats://127.0.0.1:1")
    with CaseLedger(where, in_memory=True) as ledger:
        site = Site(ledger, where, Announcer())
        with TestClient(create_site(site, where), base_url="http://127.0.0.1") as client:
            client.headers["content-type"] = "application/json"
            for sample in list(SAMPLES.values())[:3]:
                client.post("/commands", content=json.dumps([sample]))
            yield Town(client, ledger, where.data / "views")


def changed(tag: str, changes: dict[str, Any]) -> dict[str, Any]:
    body = {**SAMPLES[tag], "command_id": str(uuid4()), **changes}
    return {name: value for name, value in body.items() if value is not ...}


def address(path: str, body: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+):str\}", lambda part: quote(str(body.get(part[1], "–")), safe="") or "–", path)


def was_taken_whole_or_not_at_all(answer: httpx.Response, appended: int) -> bool:
    if answer.status_code in {200, 201}:
        receipts = answer.json().get("results", [answer.json()])
        return bool(appended == sum(receipt["events"] for receipt in receipts if not receipt.get("repeated")))
    return answer.status_code < 500 and answer.headers["content-type"] == PROBLEM and appended == 0


@bounded
@given(st.sampled_from(list(SAMPLES)), CHANGES)
def test_any_body_is_taken_whole_or_refused_as_a_problem(town: Town, tag: str, changes: dict[str, Any]) -> None:
    body, head = changed(tag, changes), town.ledger.head()

    answer = town.client.post(address(PATHS[tag], {**SAMPLES[tag], **body}), content=json.dumps(body))

    assert was_taken_whole_or_not_at_all(answer, town.ledger.head() - head)


@bounded
@given(st.lists(st.tuples(st.sampled_from(list(SAMPLES)), CHANGES), max_size=4))
def test_any_list_of_commands_is_taken_or_refused_as_a_whole_problem(
    town: Town, batch: list[tuple[str, dict[str, Any]]]
) -> None:
    head = town.ledger.head()

    answer = town.client.post("/commands", content=json.dumps([changed(tag, changes) for tag, changes in batch]))

    assert was_taken_whole_or_not_at_all(answer, town.ledger.head() - head)


@bounded
@given(st.sampled_from(["/commands", "/cases", "/authorities"]), st.binary(max_size=40) | VALUES.map(json.dumps))
def test_any_bytes_are_refused_as_a_problem(town: Town, path: str, body: bytes | str) -> None:
    head = town.ledger.head()

    answer = town.client.post(path, content=body)

    assert was_taken_whole_or_not_at_all(answer, town.ledger.head() - head)


@bounded
@given(st.text(max_size=20), st.text(max_size=20))
def test_any_address_and_any_language_get_an_answer(town: Town, segment: str, language: str) -> None:
    headers = [(b"accept-language", language.encode(errors="replace"))]

    for path in (f"/views/{quote(segment, errors='replace')}", f"/problems/{quote(segment, errors='replace')}"):
        assert town.client.get(path, headers=headers).status_code < 500


@bounded
@given(st.sampled_from(["", "/overview", "/timeline", "/inbox", "/post", "/inbox/parked"]), ASKED)
def test_any_question_is_answered_or_refused_as_a_problem(town: Town, view: str, asked: dict[str, str]) -> None:
    asked = {name: value for name, value in asked.items() if name != "at_least" or not value.isdecimal()}

    answer = town.client.get(f"/views{view}", params=asked)

    assert answer.status_code in {200, 400}
    assert answer.headers["content-type"] == ("application/json" if answer.status_code == 200 else PROBLEM)


@bounded
@given(st.sampled_from([EventsAsked, InboxAsked, TimelineAsked]), ASKED)
def test_a_query_is_read_or_refused(kind: type[msgspec.Struct], asked: dict[str, str]) -> None:
    with suppress(Unanswerable):
        assert isinstance(read_query(MultiDict(asked), kind), kind)


def test_whatever_was_taken_can_be_shown(town: Town) -> None:
    opened = changed("open-case", {name: str(uuid4()) for name in ("case_id", "citizen", "interaction_id")})
    town.client.post("/cases", content=json.dumps(opened))
    taken = 0
    for tag in ("open-case", "record-interaction", "request-documents", "record-step"):
        for odd, name in product(ODD, sorted(SAMPLES[tag].keys() - {"command_id", "command", "case_id"})):
            fresh = {"case_id": opened["case_id"], "interaction_id": ..., "request_id": ..., "step_id": ...}
            body = changed(tag, {**fresh, "particulars": ..., name: odd})
            if tag == "open-case":
                body |= {"case_id": str(uuid4()), "citizen": opened["citizen"]}
            taken += town.client.post(address(PATHS[tag], body), content=json.dumps(body)).status_code == 201

    shown = town.show_everything()

    assert taken > 100
    assert {answer.status_code for answer in shown} == {200}
