"""The OpenAPI document against the running site: what it allows is taken, what it forbids refused, as it says."""

import json
import os
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
import schemathesis
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from labkit.contract.openapi import openapi
from labkit.contract.operations import operations
from labkit.controls import cast, commands
from labkit.site import Site, create_site
from ledger.access.grants import Grant
from ledger.access.registry import Integrator, Registry, digest_of
from ledger.application import CaseLedger
from ledger.publishing.announcer import Announcer
from ledger.publishing.feed import LogFeed
from ledger.settings import Settings
from projections import VIEWS
from projections.engine.runner import Runner

HERE = "http://127.0.0.1:8421"
TOKEN = "a-token-of-the-kiosk"
EXAMPLES_MAX = int(os.environ.get("OPENAPI_EXAMPLES", "3"))
DOCUMENT: dict[str, Any] = json.loads(msgspec.json.encode(openapi()))
ENDLESS = ["events", "log-stream"]
"""Streams never end, so nobody could wait for them here; `test_live_events` and `test_the_published_log` listen."""
MALFORMED = {"bad-request", "bad-parameter", "contradicting-path", "invalid-command", "invalid-header"} | {
    "invalid-query",
    "malformed-json",
    "not-json",
    "too-large",
    "unknown-parameter",
}


class Served(NamedTuple):
    """A whole site with every kind of event in its ledger and its views."""

    app: Litestar
    client: TestClient[Litestar]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    where = Settings(data=tmp_path_factory.mktemp("site"), nats_url="nats://127.0.0.1:1", body_size_max_bytes=2_000_000)
    with CaseLedger(where, in_memory=True) as ledger:
        for command in commands.a_command_of_every_kind():
            ledger.execute(command, cast.stamp(command.occurred_at))
        runner = Runner(VIEWS, where.data / "views")
        runner.fold(LogFeed(ledger).read(0, ledger.head()))
        runner.close()
        kiosk = Integrator(
            name="kiosk",
            grant=Grant(authority=cast.PAU),
            nkey=f"U{'A' * 55}",
            token_digest=digest_of(TOKEN),
            since=datetime(2026, 9, 1, tzinfo=UTC),
        )
        Registry(where.data).add(kiosk)
        site = Site(ledger, where, Announcer())
        app = create_site(site, where)
        yield Served(app, TestClient(app, base_url=HERE))
        site.reader.close()
        site.open311.close()


@schemathesis.check
def what_is_allowed_is_never_malformed(_: Any, response: Any, case: Any) -> None:
    """Stands for `positive_data_acceptance`, which knows no rules: what has the right shape may still be refused."""
    told = response.json() if "problem+json" in str(response.headers.get("content-type")) else {}
    code = str(told.get("type", "")).rpartition("/")[2]
    if case.meta and case.meta.generation.mode.is_positive and code in MALFORMED:
        # Python writes 5.0 for some of the numbers that JSON Schema takes for whole; the ledger wants 5.
        assert re.search("int.* is expected, not float", told["detail"]), told


def found_wrong(document: dict[str, Any], app: Litestar, only: list[str] | None = None) -> list[str]:
    """Ask the site all that a document lets one ask, and much that it forbids; return what was not as it says."""
    settings = {
        "seed": 1,
        "base-url": HERE,
        "generation": {"max-examples": EXAMPLES_MAX, "deterministic": True, "database": "none"},
        "auth": {"openapi": {"token": {"bearer": TOKEN}}},
        "checks": {"positive_data_acceptance": {"enabled": False}},
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(settings))
    schema.app = app
    asked = schema.include(operation_id=only) if only else schema.exclude(operation_id=ENDLESS)
    wrong = []
    for event in from_schema(asked).execute():
        if isinstance(event, NonFatalError):
            wrong.append(f"{event.label}: {event.value}")
        if isinstance(event, ScenarioFinished):
            wrong += [
                f"{event.recorder.label}: {check.name}: {check.failure_info.failure}\n{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info
            ]
    return wrong


def without_waiting(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out `at_least`: who waits for what was never recorded is told 503 after five seconds, and rightly so."""
    changed = deepcopy(document)
    for methods in changed["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [one for one in operation["parameters"] if one.get("name") != "at_least"]
    return changed


def test_the_document_is_one_of_openapi_3_1() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_the_site_does_what_the_document_says_and_nothing_else(served: Served) -> None:
    wrong = found_wrong(without_waiting(DOCUMENT), served.app)

    assert not wrong, "\n\n".join(wrong[:10])


def test_a_document_that_says_something_else_is_found_out(served: Served) -> None:
    changed = without_waiting(DOCUMENT)
    changed["components"]["schemas"]["LedgerStatus"]["properties"]["position"] = {"type": "string"}
    del changed["paths"]["/views"]["get"]["responses"]["200"]
    changed["paths"]["/problems/{code}"]["get"]["parameters"][0]["schema"]["enum"] = ["never-heard-of"]
    changed["paths"]["/cases/{case_id}/closure"]["post"]["requestBody"]["content"]["application/json"]["schema"][
        "properties"
    ]["reason"] = {"type": "string", "maxLength": 5}

    wrong = found_wrong(changed, served.app, only=["ledger", "views", "close-case"])

    assert {check for one in wrong for check in re.findall(r": (\w+_\w+): ", one)} >= {
        "response_schema_conformance",
        "status_code_conformance",
        "what_is_allowed_is_never_malformed",
    }


def test_every_address_is_in_the_document_and_no_other(served: Served) -> None:
    answered = {
        (method.lower(), "/problems/{code}" if "/problems/" in route.path else re.sub(r":\w+\}", "}", route.path))
        for route in served.app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith("/open311/")
        for handler in route.route_handlers
        if handler.resolve_include_in_schema()
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    }

    assert {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods} == answered
    assert len(operations()) == len(answered)


def test_everything_is_said_in_both_languages() -> None:
    told = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    told_of = [about for operation in told for about in (*operation["parameters"], *operation["responses"].values())]

    assert [operation for operation in told if not (operation["summary"] and operation["x-summary-fr"])] == []
    assert [about for about in told_of if "$ref" not in about and not about["x-description-fr"]] == []


def test_the_site_answers_its_own_document(served: Served) -> None:
    answer = served.client.get("/openapi.json")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == DOCUMENT
    again = served.client.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
