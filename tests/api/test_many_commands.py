from collections.abc import Callable, Iterable
from uuid import uuid4

import httpx
import msgspec
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand, RecordStep
from ledger.domain.identifiers import CaseId, StepId
from ledger.settings import Settings
from ledger.store.appender import Limits

A_CASE = (commands.register_authority(), commands.publish_service(), commands.open_case())


def a_step(name: str) -> RecordStep:
    return replace(commands.record_step(), command_id=cast.command_id(name), step_id=StepId(cast.identifier(name)))


def send_many(client: TestClient[Litestar], batch: Iterable[LedgerCommand]) -> httpx.Response:
    return client.post("/commands", content=msgspec.json.encode(list(batch)))


def statuses(answer: httpx.Response) -> list[str]:
    return [result["status"] for result in answer.json()["results"]]


def test_many_commands_are_taken_in_their_order(client: TestClient[Litestar], ledger: CaseLedger) -> None:
    story = commands.a_command_of_every_kind()

    answer = send_many(client, story)

    assert (answer.status_code, answer.headers["ledger-position"]) == (200, "19")
    assert answer.json()["position"] == ledger.head() == 19
    results = answer.json()["results"]
    assert [result["command_id"] for result in results] == [str(command.command_id) for command in story]
    positions = [result["position"] for result in results]
    assert positions == sorted(positions)
    assert set(statuses(answer)) == {"accepted"}


def test_each_command_has_a_verdict_of_its_own(client: TestClient[Litestar], ledger: CaseLedger) -> None:
    batch: list[LedgerCommand] = [
        *A_CASE,
        replace(a_step("elsewhere"), case_id=CaseId(cast.identifier("a case that never was"))),
        a_step("one"),
        replace(commands.register_authority(), command_id=cast.command_id("registered again")),
        commands.close_case(),
        a_step("too late"),
    ]

    client.headers["accept-language"] = "fr"
    answer = send_many(client, batch)

    assert answer.status_code == 200
    assert statuses(answer) == [
        *("accepted", "accepted", "accepted"),
        *("refused", "accepted", "unchanged", "accepted", "refused"),
    ]
    unknown, late = (result["problem"] for result in answer.json()["results"] if result["status"] == "refused")
    assert (unknown["type"], unknown["status"]) == ("/problems/unknown-case", 404)
    assert late["type"] == "/problems/case-is-closed"
    assert "est clôturé" in late["detail"]
    assert ledger.head() == 6


def test_the_same_identifier_twice_in_one_request_is_taken_once(
    client: TestClient[Litestar], ledger: CaseLedger
) -> None:
    answer = send_many(client, [*A_CASE, a_step("once"), a_step("once")])

    first, again = answer.json()["results"][-2:]
    assert again == {**first, "repeated": True}
    assert ledger.head() == 5


def test_the_same_request_again_adds_nothing(client: TestClient[Litestar], ledger: CaseLedger) -> None:
    first = send_many(client, A_CASE).json()

    again = send_many(client, A_CASE).json()

    assert again["results"] == [{**result, "repeated": True} for result in first["results"]]
    assert again["position"] == first["position"] == ledger.head()


def test_no_command_at_all_is_taken(client: TestClient[Litestar]) -> None:
    answer = send_many(client, [])

    assert (answer.status_code, answer.json()) == (200, {"position": 0, "results": []})


def test_a_thousand_commands_are_taken_and_one_more_is_not(client: TestClient[Litestar], ledger: CaseLedger) -> None:
    send_many(client, A_CASE)
    steps = [replace(a_step("step"), command_id=uuid4(), step_id=StepId(uuid4())) for _ in range(1_001)]

    refused = send_many(client, steps)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-command")
    assert refused.json()["detail"].endswith("its length may be 1000 at most")
    assert ledger.head() == 4

    answer = send_many(client, steps[:1_000])
    assert [result["position"] for result in answer.json()["results"]] == list(range(5, 1_005))
    assert ledger.head() == 1_004


def test_one_command_of_the_wrong_shape_keeps_all_from_being_taken(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger
) -> None:
    batch = [msgspec.to_builtins(command) for command in A_CASE]
    batch[2]["channel"] = "fax"

    answer = memory_client.post("/commands", content=msgspec.json.encode(batch))

    assert answer.status_code == 422
    assert "at “[2].channel”, allowed: counter, telephone" in answer.json()["detail"]
    assert memory_ledger.head() == 0


def test_a_slip_in_the_particulars_of_one_command_is_not_passed_over(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger
) -> None:
    batch = [msgspec.to_builtins(command) for command in A_CASE]
    batch[2]["particulars"]["floor"] = 2

    answer = memory_client.post("/commands", content=msgspec.json.encode(batch))

    assert answer.json()["detail"].endswith("the field “floor” is unknown (at “[2].particulars”)")
    assert memory_ledger.head() == 0


def test_a_command_says_which_it_is(memory_client: TestClient[Litestar]) -> None:
    unnamed = memory_client.post("/commands", content=b"[{}]")
    misnamed = memory_client.post("/commands", content=b'[{"command": "cloze-case"}]')

    assert unnamed.json()["detail"].endswith("the field “command” is missing (at “[0]”)")
    assert "(at “[0].command”, allowed: register-authority, publish-service, open-case" in misnamed.json()["detail"]


def test_a_request_that_finds_no_room_may_be_sent_again(
    settings: Settings, serve_writing: Callable[[CaseLedger], TestClient[Litestar]]
) -> None:
    with CaseLedger(settings, in_memory=True, limits=Limits(queue_size_max=0)) as overwhelmed:
        answer = send_many(serve_writing(overwhelmed), A_CASE)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "/problems/busy"
