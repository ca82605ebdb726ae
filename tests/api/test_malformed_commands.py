from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labkit.controls import cast, commands
from ledger.api.commands import ROUTES
from ledger.api.validation import explain_validation
from ledger.domain.vocabulary import Channel
from ledger.settings import Settings

Asking = Callable[..., httpx.Response]

A_CASE = "/cases/e78e7b9d-c31a-4d0e-8e4e-9c5872dc69b9"
CHANNELS = "counter, telephone, web, mobile, email, post, social, chatbot, partner, internal"
CONTACT: dict[str, Any] = {"channel": "counter", "direction": "in"}
SERVICE_EVENT: dict[str, Any] = {"name": "days-chosen.v1", "channel": "web"}
PERSONAL = "Mme Lafourcade 06 39 98 00 17"

SHAPES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "missing": (
        "closure",
        {},
        "the field “reason” is missing",
        "le champ « reason » manque",
    ),
    "unknown": (
        "closure",
        {"reason": "completed", "raison": "x"},
        "the field “raison” is unknown",
        "le champ « raison » est inconnu",
    ),
    "unknown in the particulars": (
        "interactions",
        {"channel": "telephone", "direction": "in", "particulars": {"channel": "telephone", "callback_by": "x"}},
        "the field “callback_by” is unknown (at “particulars”)",
        "le champ « callback_by » est inconnu (à « particulars »)",
    ),
    "unknown in a document": (
        "documents",
        {"document": {**msgspec.to_builtins(cast.scan("x")), "size": 1}},
        "the field “size” is unknown (at “document”)",
        "le champ « size » est inconnu (à « document »)",
    ),
    "unknown in an attachment": (
        "interactions",
        {**CONTACT, "attachments": [{**msgspec.to_builtins(cast.scan("x")), "name": PERSONAL}]},
        "the field “name” is unknown (at “attachments[0]”)",
        "le champ « name » est inconnu (à « attachments[0] »)",
    ),
    "unknown and not ours": (
        "closure",
        {"reason": "completed", PERSONAL: "x"},
        "a field is unknown",
        "un champ est inconnu",
    ),
    "wrong type": (
        "steps",
        {"activity": 12},
        "str is expected, not int (at “activity”)",
        "str est attendu, et non int (à « activity »)",
    ),
    "a fact that is not plain": (
        "service-events",
        {**SERVICE_EVENT, "facts": {"days": {"monday": True}}},
        "bool | int | float | str | array | null is expected, not object (at “facts[...]”)",
        "bool | int | float | str | array | null est attendu, et non object (à « facts[...] »)",
    ),
    "a fact of no name": (
        "service-events",
        {**SERVICE_EVENT, "facts": {PERSONAL: 1}},
        "the text must have the form ^[a-z][a-z0-9_]*$ (at “facts”)",
        "le texte doit avoir la forme ^[a-z][a-z0-9_]*$ (à « facts »)",
    ),
    "too large a fact": (
        "service-events",
        {**SERVICE_EVENT, "facts": {"price": 1e300}},
        "no more than 1000000000000000.0 (at “facts[...]”)",
        "pas plus de 1000000000000000.0 (à « facts[...] »)",
    ),
    "too many facts": (
        "service-events",
        {**SERVICE_EVENT, "facts": {f"fact_{number}": number for number in range(51)}},
        "its length may be 50 at most (at “facts”)",
        "longueur permise : 50 au plus (à « facts »)",
    ),
    "a word not in the list": (
        "interactions",
        {**CONTACT, "channel": PERSONAL},
        f"this value is not allowed (at “channel”, allowed: {CHANNELS})",
        f"cette valeur n’est pas permise (à « channel », permis : {CHANNELS})",
    ),
    "particulars of no channel": (
        "interactions",
        {**CONTACT, "particulars": {"channel": "fax"}},
        f"this value is not allowed (at “particulars.channel”, allowed: {CHANNELS.removesuffix(', internal')})",
        f"cette valeur n’est pas permise (à « particulars.channel », permis : {CHANNELS.removesuffix(', internal')})",
    ),
    "another list": (
        "decision",
        {"outcome": "maybe"},
        "this value is not allowed (at “outcome”, allowed: granted, partly-granted, refused, inadmissible)",
        "cette valeur n’est pas permise (à « outcome », permis : granted, partly-granted, refused, inadmissible)",
    ),
    "a date without a zone": (
        "interactions",
        {**CONTACT, "occurred_at": "2026-09-01T08:30:00"},
        "the date must bear a time zone, such as +01:00 or Z (at “occurred_at”)",
        "la date doit porter un fuseau, par exemple +01:00 ou Z (à « occurred_at »)",
    ),
    "no date": (
        "interactions",
        {**CONTACT, "occurred_at": PERSONAL},
        "the date must be written as 2026-11-22T09:41:00+01:00 (at “occurred_at”)",
        "la date doit s’écrire comme 2026-11-22T09:41:00+01:00 (à « occurred_at »)",
    ),
    "no day": (
        "interactions",
        {"channel": "post", "direction": "in", "particulars": {"channel": "post", "postmarked_on": PERSONAL}},
        "the date must be written as 2026-11-22 (at “particulars.postmarked_on”)",
        "la date doit s’écrire comme 2026-11-22 (à « particulars.postmarked_on »)",
    ),
    "no UUID": (
        "interactions",
        {**CONTACT, "interaction_id": PERSONAL},
        "the identifier must be a UUID (at “interaction_id”)",
        "l’identifiant doit être un UUID (à « interaction_id »)",
    ),
    "no UUID of the command": (
        "closure",
        {"reason": "completed", "command_id": PERSONAL},
        "the identifier must be a UUID (at “command_id”)",
        "l’identifiant doit être un UUID (à « command_id »)",
    ),
    "too long": (
        "interactions",
        {**CONTACT, "summary": "x" * 4001},
        "its length may be 4000 at most (at “summary”)",
        "longueur permise : 4000 au plus (à « summary »)",
    ),
    "empty": (
        "steps",
        {"activity": ""},
        "its length must be 1 at least (at “activity”)",
        "longueur permise : 1 au moins (à « activity »)",
    ),
    "too many": (
        "interactions",
        {**CONTACT, "attachments": [msgspec.to_builtins(cast.scan("x"))] * 51},
        "its length may be 50 at most (at “attachments”)",
        "longueur permise : 50 au plus (à « attachments »)",
    ),
    "too few": (
        "document-requests",
        {"channel": "email", "documents": []},
        "its length must be 1 at least (at “documents”)",
        "longueur permise : 1 au moins (à « documents »)",
    ),
    "not of the form": (
        "assignment",
        {"agent": PERSONAL},
        "the text must have the form ^[A-Za-z0-9][A-Za-z0-9._:-]*$ (at “agent”)",
        "le texte doit avoir la forme ^[A-Za-z0-9][A-Za-z0-9._:-]*$ (à « agent »)",
    ),
}
BODIES = {
    b"": "interrupted before its end",
    b'{"reason": "completed"': "interrupted before its end",
    b'{"reason": "comp\xff"}': "not written in UTF-8",
    b'{"reason": completed}': "malformed at byte 11",
    b'{"r\xff": 1}': "not written in UTF-8",
    b'{"reason":' * 100_000: "nested too deeply",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_body_of_the_wrong_shape_is_told_what_is_wrong_and_where(untouched: TestClient[Litestar], shape: str) -> None:
    path, body, english, french = SHAPES[shape]

    for language, beginning, reason in (
        ("en", "The command does not have the shape asked for: ", english),
        ("fr", "La commande n’a pas la forme demandée : ", french),
    ):
        headers = {"accept-language": language}
        answer = untouched.post(f"{A_CASE}/{path}", content=msgspec.json.encode(body), headers=headers)

        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert answer.json() == {
            "type": "/problems/invalid-command",
            "title": "invalid command",
            "status": 422,
            "detail": beginning + reason,
        }


def test_a_number_out_of_range_is_told(untouched: TestClient[Litestar], post: Asking) -> None:
    details = [
        post(untouched, f"/authorities/{cast.PAU}/services", service="x", name="X", answer_days=days).json()["detail"]
        for days in (0, 3661, 1.5)
    ]

    assert [detail.partition(": ")[2] for detail in details] == [
        "no less than 1 (at “answer_days”)",
        "no more than 3660 (at “answer_days”)",
        "int | null is expected, not float (at “answer_days”)",
    ]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_json_is_told_apart(untouched: TestClient[Litestar], body: bytes) -> None:
    answer = untouched.post(f"{A_CASE}/closure", content=body)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-json")
    assert answer.json()["detail"] == f"The body is no JSON that can be read: {BODIES[body]}"


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"text"'])
def test_a_command_is_an_object(untouched: TestClient[Litestar], body: bytes) -> None:
    answer = untouched.post(f"{A_CASE}/closure", content=body)

    assert answer.status_code == 422
    assert "object is expected" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        (f"{A_CASE}/closure", {"reason": "completed", "case_id": str(cast.CITIZEN)}, "case_id"),
        (f"{A_CASE}/closure", {"reason": "completed", "case_id": None}, "case_id"),
        (f"{A_CASE}/closure", {"reason": "completed", "command": "open-case"}, "command"),
        (f"/authorities/{cast.PAU}/services", {"authority": cast.VAL_DE_GARONNE}, "authority"),
        (f"/citizens/{cast.CITIZEN}/forgetting", {"citizen": str(cast.CASE)}, "citizen"),
        (f"{A_CASE}/interactions/{cast.PHONE_CALL}/corrections", {"interaction_id": str(cast.CASE)}, "interaction_id"),
    ],
)
def test_a_body_may_not_contradict_its_address(
    untouched: TestClient[Litestar], post: Asking, address: str, body: dict[str, Any], field: str
) -> None:
    answer = post(untouched, address, **body)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/contradicting-path")
    assert answer.json()["detail"] == f"The body says another {field} than the address: leave it out of the body."


@pytest.mark.parametrize(
    "given", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense;;"]
)
@pytest.mark.parametrize("address", ["/cases", "/commands"])
def test_only_json_is_taken(untouched: TestClient[Litestar], address: str, given: str) -> None:
    answer = untouched.post(address, content=b"{}", headers={"content-type": given})

    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/not-json")


@pytest.mark.parametrize("given", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_say_more_of_itself(untouched: TestClient[Litestar], given: str) -> None:
    answer = untouched.post("/commands", content=b"[]", headers={"content-type": given})

    assert answer.status_code == 200


def test_a_body_has_a_largest_size(untouched: TestClient[Litestar], settings: Settings) -> None:
    answer = untouched.post("/cases", content=b" " * (settings.body_size_max_bytes + 1))

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["type"] == "/problems/too-large"


@pytest.mark.parametrize(
    ("header", "given"),
    [
        ("Agent", ""),
        ("Agent", "Mme Lafourcade"),
        ("Agent", "x" * 65),
        ("Agent", "-x"),
        ("Correlation-Id", "not-a-uuid"),
        ("Correlation-Id", ""),
        ("Correlation-Id", "{c5957ba8-2b51-40fa-a327-dd95e2071887}"),
        ("Correlation-Id", "urn:uuid:c5957ba8-2b51-40fa-a327-dd95e2071887"),
        ("Correlation-Id", "c5957ba82b5140faa327dd95e2071887"),
    ],
)
def test_a_header_that_does_not_fit_is_named(
    untouched: TestClient[Litestar], send: Asking, header: str, given: str
) -> None:
    answer = send(untouched, commands.register_authority(), **{header: given})

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-header")
    assert header in answer.json()["detail"]


@pytest.mark.parametrize(("path", "kind"), ROUTES, ids=[path for path, _ in ROUTES])
def test_what_was_sent_is_never_repeated(
    memory_client: TestClient[Litestar], path: str, kind: type[msgspec.Struct], caplog: pytest.LogCaptureFixture
) -> None:
    sample = next(command for command in commands.a_command_of_every_kind() if type(command) is kind)
    whole = msgspec.to_builtins(sample)
    address = path
    for name in whole:
        address = address.replace(f"{{{name}:str}}", str(whole[name]))

    for name in [*whole, PERSONAL]:
        for value in (PERSONAL, {PERSONAL: PERSONAL}, [PERSONAL], {"channel": PERSONAL}):
            answer = memory_client.post(address, content=msgspec.json.encode({**whole, name: value}))
            assert PERSONAL not in answer.text

    elsewhere = memory_client.post(f"/cases/{PERSONAL}/closure", content=msgspec.json.encode({"reason": "completed"}))
    assert (elsewhere.status_code, PERSONAL in elsewhere.text) == (422, False)
    assert PERSONAL not in memory_client.get(f"/{PERSONAL}").text
    assert PERSONAL not in caplog.text


def test_a_validation_that_nobody_foresaw_is_told_without_repeating_it() -> None:
    unforeseen = f"Expected `{PERSONAL}` or so"

    assert explain_validation(unforeseen, "en") == "a field does not fit"
    assert explain_validation(unforeseen, "fr") == "un champ ne convient pas"


def test_the_channels_named_are_those_of_the_vocabulary() -> None:
    assert CHANNELS.split(", ") == [channel.value for channel in Channel]
