"""What is published against what the contract says of it, by two engines of JSON Schema and the parser of AsyncAPI."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from litestar import Litestar
from litestar.testing import TestClient

from labkit.contract.generating import DOCUMENTS, RELEASED, documents
from labkit.controls import cast, commands
from labkit.integrators.accounts import DOMAIN
from labkit.site import Site, create_site
from ledger.api.app import create_app
from ledger.application import CaseLedger
from ledger.domain.case import Placement
from ledger.domain.citizen import personal_fields
from ledger.domain.events import BY_TAG
from ledger.domain.record import LoggedEvent
from ledger.publishing import jetstream
from ledger.publishing.announcer import Announcer
from ledger.publishing.contract.asyncapi import asyncapi
from ledger.publishing.contract.examples import examples
from ledger.publishing.contract.schemas import ENVELOPE, schemas
from ledger.publishing.contract.structs import PARTS
from ledger.publishing.contract.texts import texts
from ledger.publishing.published import Envelope, compose
from ledger.publishing.subjects import subject_of
from ledger.settings import Settings

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests/node"
NODE_TIMEOUT_S = 60
HERE = "http://127.0.0.1:8421"
SOURCE = "https://pau.example/ledger"
SCHEMAS: dict[str, Any] = json.loads(msgspec.json.encode(schemas(SOURCE, examples(SOURCE))))
ASYNCAPI: dict[str, Any] = json.loads(msgspec.json.encode(asyncapi(SOURCE, examples(SOURCE))))
DOCUMENTED = documents()
OF_ANOTHER_TYPE: dict[str, Any] = {
    "string": 5,
    "integer": "5",
    "number": "5",
    "boolean": "yes",
    "array": {},
    "object": [],
}
FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(text: object) -> bool:
    return not isinstance(text, str) or ("T" in text and datetime.fromisoformat(text).tzinfo is not None)


@FORMATS.checks("uri")
def is_uri(text: object) -> bool:
    return not isinstance(text, str) or bool(urlsplit(text).scheme)


class Asked(NamedTuple):
    """A document to judge, by the name of a schema."""

    schema: str
    what: str
    document: Any


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LoggedEvent]]:
    """Every kind of event as a ledger logs it, its personal texts really sealed."""
    with CaseLedger(Settings(data=tmp_path_factory.mktemp("ledger")), in_memory=True) as ledger:
        for command in commands.a_command_of_every_kind():
            ledger.execute(command, cast.stamp(command.occurred_at))
        yield ledger.read(0, 100)


@pytest.fixture(scope="module")
def good(published: list[LoggedEvent]) -> list[Asked]:
    """What is published, the examples, and what a later version may publish."""
    messages = [(event.tag, json.loads(compose(event, SOURCE))) for event in published]
    messages += list(examples(SOURCE).items())
    found = [Asked(tag, "data", message["data"]) for tag, message in messages]
    found += [Asked(tag, "data with a new field", {**message["data"], "later": {"a": 1}}) for tag, message in messages]
    found += [Asked(ENVELOPE, tag, message) for tag, message in messages]
    return [*found, *(Asked(ENVELOPE, f"{tag} extended", {**message, "later": "a"}) for tag, message in messages)]


@pytest.fixture(scope="module")
def bad() -> list[Asked]:
    """The examples, each with one thing wrong."""
    found = [
        Asked(tag, what, document)
        for tag, message in examples(SOURCE).items()
        for what, document in spoiled(SCHEMAS[tag], SCHEMAS[tag], message["data"])
    ]
    whole = examples(SOURCE)["interaction-recorded.v1"]
    return [
        *found,
        *(Asked(ENVELOPE, what, document) for what, document in spoiled(SCHEMAS[ENVELOPE], SCHEMAS[ENVELOPE], whole)),
    ]


def spoiled(schema: Any, root: Any, document: Any) -> Iterator[tuple[str, Any]]:
    """Make everything wrong that a schema forbids, one thing at a time."""
    schema = alternative(resolved(schema, root), root, document)
    if "type" in schema:
        yield f"not {schema['type']}", OF_ANOTHER_TYPE[schema["type"]]
    for keyword in ("const", "enum", "pattern", "format"):
        if keyword in schema:
            yield f"another {keyword}", "\N{BLACK STAR}"
    for keyword, wrong in (("maxLength", "a"), ("maxItems", ["a"])):
        if keyword in schema:
            yield f"beyond {keyword}", wrong * (schema[keyword] + 1)
    if schema.get("minLength"):
        yield "empty", ""
    for keyword, step in (("minimum", -1), ("maximum", 1)):
        if keyword in schema:
            yield f"beyond {keyword}", schema[keyword] + step
    for name in schema.get("required", ()):
        yield f"without {name}", {key: value for key, value in document.items() if key != name}
    for name, below in schema.get("properties", {}).items():
        if name in document:
            yield f"{name} is null", {**document, name: None}
            for what, wrong in spoiled(below, root, document[name]):
                yield f"{name} {what}", {**document, name: wrong}
    if "items" in schema and document:
        for what, wrong in spoiled(schema["items"], root, document[0]):
            yield f"first {what}", [wrong, *document[1:]]


def resolved(schema: Any, root: Any) -> Any:
    return root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def alternative(schema: Any, root: Any, document: Any) -> Any:
    """Return the one alternative that a document is of."""
    for some in schema.get("oneOf", ()):
        if resolved(some, root)["properties"]["channel"]["const"] == document["channel"]:
            return resolved(some, root)
    return schema


def accepts(asked: Asked) -> bool:
    return Draft202012Validator(SCHEMAS[asked.schema], format_checker=FORMATS).is_valid(asked.document)


def skip_or_fail(reason: str) -> None:
    """Skip on a developer's machine; in CI nothing may be missing."""
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def second_opinion(good: list[Asked], bad: list[Asked]) -> dict[str, Any]:
    """What a program in JavaScript says of all of it, in one process."""
    if not shutil.which("node"):
        skip_or_fail("needs Node.js")
    if not (NODE / "node_modules/@asyncapi/parser").exists():
        skip_or_fail("run: npm ci --ignore-scripts, in tests/node")
    asked = {
        "schemas": SCHEMAS,
        "documents": [{"schema": one.schema, "document": one.document} for one in (*good, *bad)],
        "asyncapi": ASYNCAPI,
    }
    ended = subprocess.run(
        ["node", "contract.mjs"],
        cwd=NODE,
        input=json.dumps(asked),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=NODE_TIMEOUT_S,
    )
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


@pytest.mark.parametrize("path", DOCUMENTED)
def test_what_is_written_down_is_what_the_code_says(path: str) -> None:
    assert (ROOT / path).read_bytes() == DOCUMENTED[path], "run: python -m labkit.contract"


def test_nothing_else_is_written_down() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / DOCUMENTS).rglob("*.json")}
    found = {path for path in found if not path.startswith(RELEASED)}

    assert found == {path for path in DOCUMENTED if path.startswith(DOCUMENTS)}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_of_2020_12_that_says_where_it_is(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])

    assert SCHEMAS[name]["$schema"].endswith("/2020-12/schema")
    assert SCHEMAS[name]["$id"] == f"{SOURCE}/schemas/{name}.json"
    assert SCHEMAS[name]["examples"]


def test_all_that_is_published_is_accepted(good: list[Asked]) -> None:
    assert [(asked.schema, asked.what) for asked in good if not accepts(asked)] == []
    assert {asked.schema for asked in good} == {*BY_TAG, ENVELOPE}


def test_whatever_is_wrong_is_refused(bad: list[Asked]) -> None:
    assert [(asked.schema, asked.what) for asked in bad if accepts(asked)] == []


@pytest.mark.parametrize("tag", BY_TAG)
def test_each_event_was_spoiled_in_each_way(tag: str, bad: list[Asked]) -> None:
    ways = {asked.what for asked in bad if asked.schema == tag}

    assert {f"without {name}" for name in SCHEMAS[tag]["required"]} <= ways
    assert {"event another const", "occurred_at another format", "stamp by another pattern", "not object"} <= ways


def test_another_engine_agrees_on_every_one_of_them(
    good: list[Asked], bad: list[Asked], second_opinion: dict[str, Any]
) -> None:
    pairs = zip((*good, *bad), second_opinion["verdicts"], strict=True)

    assert [(asked.schema, asked.what) for asked, verdict in pairs if verdict != accepts(asked)] == []


def test_the_parser_of_asyncapi_finds_nothing_wrong(second_opinion: dict[str, Any]) -> None:
    assert second_opinion["errors"] == []
    assert second_opinion["received"] == [f"fr.collectivilab.{tag}" for tag in BY_TAG]


@pytest.mark.parametrize("tag", BY_TAG)
def test_what_is_personal_is_marked_and_only_sealed(tag: str) -> None:
    properties = SCHEMAS[tag]["properties"]
    marked = {name for name, shape in properties.items() if shape.get("x-personal")}

    assert marked == set(personal_fields(BY_TAG[tag]))
    for name in marked:
        assert properties[name]["x-sealed"]
        clear = {**SCHEMAS[tag]["examples"][0], name: "Mme Lafourcade"}
        assert not Draft202012Validator(SCHEMAS[tag]).is_valid(clear)


@pytest.mark.parametrize("name", SCHEMAS)
def test_everything_is_explained_in_both_languages(name: str) -> None:
    def shapes(schema: Any) -> Iterator[Any]:
        yield schema
        for below in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
            yield from shapes(below)

    assert [shape for shape in shapes(SCHEMAS[name]) if not (shape["description"] and shape["x-description-fr"])] == []
    assert "ignore what you do not know" in SCHEMAS[name]["$comment"]


def test_every_word_has_its_labels() -> None:
    channel = SCHEMAS["case-opened.v1"]["$defs"]["Channel"]

    assert channel["x-labels"]["counter"] == {"en": "Counter", "fr": "Guichet"}
    assert list(channel["x-labels"]) == channel["enum"]


def test_no_text_of_the_contract_is_left_over() -> None:
    assert texts().attribute.keys() == set(Envelope.__struct_fields__)
    assert texts().event.keys() == BY_TAG.keys()
    assert texts().part.keys() == {part.__name__ for part in PARTS}


def test_the_subject_of_an_event_is_an_address_of_its_channel(published: list[LoggedEvent]) -> None:
    for event in published:
        about = event.metadata
        subject = subject_of(Placement(about.authority, about.service, about.channel), event.tag)
        channel = ASYNCAPI["channels"][subject.rpartition(".")[2]]
        address = channel["address"].format(
            authority=about.authority or "_", service=about.service or "_", channel=about.channel
        )
        assert address == subject
        assert event.tag in channel["messages"]
        assert about.channel.value in channel["parameters"]["channel"]["enum"]


def test_the_stream_is_described_as_it_is_made() -> None:
    said, made = ASYNCAPI["x-jetstream"], jetstream._settings(1)

    assert (said["stream"], said["subjects"]) == (made.name, made.subjects)
    assert (said["retention"]["denyDelete"], said["retention"]["denyPurge"]) == (made.deny_delete, made.deny_purge)
    assert (said["retention"]["policy"], said["retention"]["storage"]) == (made.retention, made.storage)
    assert said["domain"] == DOMAIN


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[TestClient[Litestar]]]:
    """The ledger alone, and the whole site."""
    settings = Settings(data=tmp_path_factory.mktemp("answering"), source=SOURCE)
    with CaseLedger(settings, in_memory=True) as ledger:
        site = Site(ledger, settings, Announcer())
        apps = [create_app(ledger, settings, nullcontext()), create_site(site, settings)]
        yield [TestClient(app, base_url=HERE) for app in apps]


def test_the_dataschema_of_an_event_leads_to_its_schema(
    published: list[LoggedEvent], answering: list[TestClient[Litestar]]
) -> None:
    for client in answering:
        for event in published:
            dataschema = json.loads(compose(event, SOURCE))["dataschema"]
            answer = client.get(dataschema.removeprefix(SOURCE))
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
            assert answer.json() == SCHEMAS[event.tag]
            assert answer.json()["$id"] == dataschema


def test_the_envelope_and_the_stream_are_answered_too(answering: list[TestClient[Litestar]]) -> None:
    for client in answering:
        assert client.get("/schemas/cloudevent.json").json() == SCHEMAS[ENVELOPE]
        assert client.get("/asyncapi.json").json() == ASYNCAPI


@pytest.mark.parametrize("address", ["/asyncapi.json", "/schemas/case-opened.v1.json"])
def test_what_is_known_is_not_sent_again(address: str, answering: list[TestClient[Litestar]]) -> None:
    client = answering[0]
    first = client.get(address)
    tag = first.headers["etag"]

    assert re.fullmatch('"[0-9a-f]{32}"', tag)
    assert "max-age" in first.headers["cache-control"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("address", ["/schemas/case-opened.v2.json", "/schemas/case-opened.v1", "/schemas/"])
def test_there_is_no_other_schema(address: str, answering: list[TestClient[Litestar]]) -> None:
    assert {client.get(address).status_code for client in answering} == {404}
