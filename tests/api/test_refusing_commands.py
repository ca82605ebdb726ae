import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import CorrectInteraction, LedgerCommand
from ledger.domain.errors import REFUSALS
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.domain.vocabulary import Channel

Asking = Callable[..., httpx.Response]

A_TOWN = (commands.register_authority(), commands.publish_service())
A_CASE = (*A_TOWN, commands.open_case())
A_CLOSED_CASE = (*A_CASE, commands.close_case())
A_FORGOTTEN_CITIZEN = (*A_CASE, commands.forget_citizen())
ANOTHER = cast.command_id("another")
ELSEWHERE = CaseId(cast.identifier("a case that never was"))
TOMORROW = datetime.now(UTC) + timedelta(days=1)

REFUSED: dict[str, tuple[int, tuple[LedgerCommand, ...], LedgerCommand]] = {
    "unknown-case": (404, A_TOWN, commands.record_phone_call()),
    "unknown-interaction": (404, A_CASE, commands.correct_interaction()),
    "unknown-citizen": (404, A_TOWN, commands.forget_citizen()),
    "unknown-document-request": (404, A_CASE, commands.receive_documents()),
    "case-already-exists": (
        409,
        A_CASE,
        replace(commands.open_case(), command_id=ANOTHER, interaction_id=InteractionId(cast.identifier("other"))),
    ),
    "case-is-closed": (409, A_CLOSED_CASE, commands.record_phone_call()),
    "case-is-open": (409, A_CASE, commands.reopen_case()),
    "authority-already-registered": (
        409,
        A_TOWN,
        replace(commands.register_authority(), command_id=ANOTHER, name="Ville de Pau"),
    ),
    "interaction-id-taken": (
        409,
        (*A_CASE, commands.request_documents()),
        replace(commands.receive_documents(), interaction_id=cast.COUNTER_VISIT),
    ),
    "nowhere-to-hand-over": (409, A_CASE, replace(commands.hand_over_case(), to_unit=cast.EDUCATION)),
    "command-id-reused": (409, A_CASE, replace(commands.assign_case(), command_id=commands.open_case().command_id)),
    "citizen-is-forgotten": (410, A_FORGOTTEN_CITIZEN, commands.record_phone_call()),
    "unknown-authority": (422, (), commands.open_case()),
    "unknown-service": (422, A_TOWN, replace(commands.open_case(), service="etat-civil")),
    "invalid-siren": (422, (), replace(commands.register_authority(), authority="216404450")),
    "particulars-do-not-fit": (
        422,
        A_CASE,
        replace(commands.record_phone_call(), particulars=cast.particulars_of(Channel.POST)),
    ),
    "nothing-to-correct": (
        422,
        (*A_CASE, commands.record_phone_call()),
        CorrectInteraction(
            command_id=ANOTHER,
            occurred_at=cast.at(2, "10:00"),
            case_id=cast.CASE,
            interaction_id=cast.PHONE_CALL,
            reason="Rien",
        ),
    ),
    "occurred-in-the-future": (422, A_CASE, replace(commands.record_phone_call(), occurred_at=TOMORROW)),
}


def as_a_pattern(message: str) -> str:
    return re.sub(r"\\{\w+\\}", ".+", re.escape(message))


def test_every_refusal_has_its_story() -> None:
    assert REFUSED.keys() == REFUSALS.keys()


@pytest.mark.parametrize("code", REFUSED)
def test_a_refusal_is_a_problem_in_the_language_of_the_caller(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger, send: Asking, code: str
) -> None:
    status, past, command = REFUSED[code]
    for taken in past:
        assert send(memory_client, taken).status_code == 201
    head = memory_ledger.head()

    for language, message in (("fr", REFUSALS[code].fr), ("en", REFUSALS[code].en), ("de", REFUSALS[code].en)):
        answer = send(memory_client, command, **{"accept-language": language})

        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        problem = answer.json()
        assert re.fullmatch(as_a_pattern(message), problem.pop("detail"))
        assert problem == {"type": f"/problems/{code}", "title": code.replace("-", " "), "status": status}
    assert memory_ledger.head() == head


@pytest.mark.parametrize("code", ["case-is-closed", "unknown-service", "command-id-reused"])
def test_every_store_refuses_alike(client: TestClient[Litestar], ledger: CaseLedger, send: Asking, code: str) -> None:
    status, past, command = REFUSED[code]
    for taken in past:
        send(client, taken)
    head = ledger.head()

    answer = send(client, command)

    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
    assert ledger.head() == head


def test_nothing_is_recorded_on_a_case_that_never_was(memory_client: TestClient[Litestar], send: Asking) -> None:
    for command in A_CASE:
        send(memory_client, command)

    answer = send(memory_client, replace(commands.close_case(), case_id=ELSEWHERE))

    assert str(ELSEWHERE) in answer.json()["detail"]
