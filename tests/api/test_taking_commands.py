from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.api.commands import ROUTES
from ledger.application import CaseLedger
from ledger.domain.commands import COMMANDS
from ledger.domain.identifiers import StepId

STORY = commands.a_command_of_every_kind()
EVENTS_OF_THE_STORY = [1, 1, 2, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]

Asking = Callable[..., httpx.Response]


def test_there_is_one_route_for_every_command() -> None:
    assert {kind for _, kind in ROUTES} == set(COMMANDS)
    assert len(ROUTES) == len({path for path, _ in ROUTES}) == 16


def test_a_whole_story_is_taken_command_by_command(
    client: TestClient[Litestar], ledger: CaseLedger, send: Asking
) -> None:
    position = 0
    for command, events in zip(STORY, EVENTS_OF_THE_STORY, strict=True):
        response = send(client, command)
        position += events

        assert (response.status_code, response.headers["ledger-position"]) == (201, str(position))
        assert response.json() == {
            "command_id": str(command.command_id),
            "status": "accepted",
            "position": position,
            "events": events,
            "stream": str(command.stream_id),
        }
    assert ledger.head() == position


def test_a_repeated_command_answers_as_the_first_time_and_adds_nothing(
    client: TestClient[Litestar], ledger: CaseLedger, send: Asking
) -> None:
    first = [send(client, command).json() for command in STORY]

    again = [send(client, command) for command in STORY]

    assert [response.json() for response in again] == [{**receipt, "repeated": True} for receipt in first]
    assert {response.status_code for response in again} == {201}
    assert ledger.head() == sum(EVENTS_OF_THE_STORY)


def test_a_refusal_is_repeated_too_even_once_the_rule_would_say_yes(client: TestClient[Litestar], send: Asking) -> None:
    case = commands.open_case()
    refused = send(client, case)
    for command in STORY[:2]:
        send(client, command)

    assert refused.status_code == 422
    assert send(client, case).json() == refused.json()


def test_what_changes_nothing_is_taken_with_200(client: TestClient[Litestar], ledger: CaseLedger, send: Asking) -> None:
    for command in STORY[:3]:
        send(client, command)
    assigned = commands.assign_case()
    send(client, assigned)

    same_again = send(client, replace(assigned, command_id=cast.command_id("the same assignment")))

    assert (same_again.status_code, same_again.headers["ledger-position"]) == (200, "5")
    assert (same_again.json()["status"], same_again.json()["events"]) == ("unchanged", 0)
    assert ledger.head() == 5


def test_identifiers_and_date_left_out_are_made_and_told(
    client: TestClient[Litestar], ledger: CaseLedger, send: Asking, post: Asking
) -> None:
    for command in STORY[:2]:
        send(client, command)

    receipt = post(client, "/cases", authority=cast.PAU, service=cast.CANTEEN, channel="telephone").json()

    assert receipt["made"].keys() == {"case_id", "interaction_id"}
    assert receipt["stream"] == receipt["made"]["case_id"]
    opened, contact = ledger.history(UUID(receipt["stream"]))
    assert str(opened.metadata.command_id) == receipt["command_id"]
    assert opened.event.occurred_at <= opened.event.stamp.recorded_at
    assert receipt["made"]["interaction_id"] in msgspec.json.encode(contact.event).decode()


def test_identifiers_left_out_are_the_same_when_the_command_is_repeated(
    client: TestClient[Litestar], send: Asking, post: Asking
) -> None:
    for command in STORY[:2]:
        send(client, command)
    body = {"command_id": str(cast.command_id("once")), "authority": cast.PAU, "service": cast.CANTEEN}

    first = post(client, "/cases", **body, channel="post")
    again = post(client, "/cases", **body, channel="post")

    assert first.status_code == again.status_code == 201
    assert again.json() == {**first.json(), "repeated": True}


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("interactions", {"interaction_id"}),
        ("steps", {"step_id"}),
        ("document-requests", {"request_id"}),
        ("documents", None),
        ("service-events", None),
    ],
)
def test_each_route_makes_what_it_names(
    memory_client: TestClient[Litestar], path: str, made: set[str] | None, send: Asking, post: Asking
) -> None:
    for command in STORY[:3]:
        send(memory_client, command)
    bodies: dict[str, dict[str, object]] = {
        "interactions": {"channel": "email", "direction": "in"},
        "steps": {"activity": "Instruction"},
        "document-requests": {"channel": "post", "documents": ["Justificatif de domicile"]},
        "documents": {"document": msgspec.to_builtins(cast.scan("plan"))},
        "service-events": {"name": "days-chosen.v1", "channel": "mobile", "facts": {"days": ["monday"]}},
    }

    receipt = post(memory_client, f"/cases/{cast.CASE}/{path}", **bodies[path]).json()

    assert receipt["status"] == "accepted"
    assert set(receipt.get("made", {})) == (made or set())


def test_the_story_of_a_citizen_goes_on_from_channel_to_channel(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger, send: Asking, post: Asking
) -> None:
    for command in STORY[:2]:
        send(memory_client, command)
    opened = post(memory_client, "/cases", authority=cast.PAU, service=cast.CANTEEN, channel="counter").json()
    case = opened["stream"]

    post(memory_client, f"/cases/{case}/interactions", channel="telephone", direction="in", summary="Elle rappelle.")
    letter = {"channel": "post", "postmarked_on": "2026-09-01", "registered": True}
    posted = post(memory_client, f"/cases/{case}/interactions", channel="post", direction="in", particulars=letter)

    assert posted.status_code == 201
    channels = [recorded.metadata.channel for recorded in memory_ledger.history(UUID(case))]
    assert channels == ["counter", "counter", "telephone", "post"]


def test_a_uuid_may_be_written_in_capitals_in_the_address(
    memory_client: TestClient[Litestar], send: Asking, post: Asking
) -> None:
    for command in STORY[:3]:
        send(memory_client, command)

    closed = post(memory_client, f"/cases/{str(cast.CASE).upper()}/closure", case_id=str(cast.CASE), reason="completed")

    assert closed.status_code == 201


def test_who_records_is_what_the_header_agent_says(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger, send: Asking
) -> None:
    send(memory_client, STORY[0], agent="agent-017")
    send(memory_client, STORY[1])

    recorded = memory_ledger.history(STORY[0].stream_id)

    assert [each.event.stamp.by for each in recorded] == ["agent-017", "unidentified"]


def test_what_led_to_a_request_is_kept(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger, send: Asking
) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    story = str(cast.identifier("a story"))

    send(memory_client, STORY[0], **{"traceparent": trace, "correlation-id": story})

    (recorded,) = memory_ledger.history(STORY[0].stream_id)
    assert (recorded.metadata.traceparent, str(recorded.metadata.correlation_id)) == (trace, story)


@pytest.mark.parametrize(
    "trace",
    [
        "nonsense",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ],
)
def test_a_trace_that_is_none_is_ignored_as_the_standard_asks(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger, trace: str, send: Asking
) -> None:
    taken = send(memory_client, STORY[0], traceparent=trace)

    (recorded,) = memory_ledger.history(STORY[0].stream_id)
    assert (taken.status_code, recorded.metadata.traceparent) == (201, None)
    assert recorded.metadata.correlation_id == STORY[0].command_id


def test_the_ledger_says_where_it_stands(client: TestClient[Litestar], send: Asking) -> None:
    for command in STORY[:3]:
        send(client, command)

    assert client.get("/ledger").json() == {"position": 4}


def test_commands_sent_at_once_are_all_taken(client: TestClient[Litestar], ledger: CaseLedger, send: Asking) -> None:
    for command in STORY[:3]:
        send(client, command)

    def a_step(number: int) -> int:
        name = f"step {number}"
        step = replace(commands.record_step(), command_id=cast.command_id(name), step_id=StepId(cast.identifier(name)))
        return send(client, step).status_code

    with ThreadPoolExecutor(8) as agents:
        assert list(agents.map(a_step, range(40))) == [201] * 40
    assert ledger.head() == 44
