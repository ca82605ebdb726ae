"""The log over HTTP: what was granted, from any position or moment, to whom bears a token, for as long as it opens."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast, commands
from labkit.integrators.credentials import Secrets, fresh_secrets, integrator_of
from ledger.access.grants import Grant
from ledger.access.registry import Registry
from ledger.api.log import STREAMS_MAX, PublishedLog
from ledger.api.problems import Malformed
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.publishing.published import parse, position_of
from ledger.publishing.seeking import position_before
from ledger.settings import Settings

Serve = Callable[[CaseLedger], TestClient[Litestar]]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOLD: tuple[LedgerCommand, ...] = (
    commands.register_authority(),
    replace(commands.register_authority(), command_id=cast.command_id("elsewhere"), authority=cast.PAU_BEARN_PYRENEES),
    commands.publish_service(),
    commands.open_case(),
    commands.forget_citizen(),
)
OURS = ["authority-registered", "service-published", "case-opened", "interaction-recorded", "citizen-forgotten"]


@pytest.fixture
def ledger(memory_ledger: CaseLedger) -> CaseLedger:
    """Two authorities, a case of the first, and an erasure: six events, the second of which is not ours."""
    for command in TOLD:
        assert memory_ledger.execute(command, cast.stamp(command.occurred_at)).verdict.refusal is None
    return memory_ledger


@pytest.fixture
def secrets(settings: Settings) -> Secrets:
    """The secrets of an integrator of the first authority."""
    drawn = fresh_secrets()
    Registry(settings.data).add(integrator_of("agenda", Grant(authority=cast.PAU), drawn, NOW))
    return drawn


@pytest.fixture
def log(ledger: CaseLedger, secrets: Secrets, serve_writing: Serve) -> TestClient[Litestar]:
    client = serve_writing(ledger)
    client.headers["authorization"] = f"Bearer {secrets.token}"
    return client


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("fr.collectivilab.").partition(".")[0] for event in events]


def test_the_log_holds_what_was_granted_in_order_and_says_how_far_it_looked(log: TestClient[Litestar]) -> None:
    page = log.get("/log").json()

    assert names(page["events"]) == OURS
    assert [int(event["sequence"]) for event in page["events"]] == [1, 3, 4, 5, 6]
    assert (page["cursor"], page["head"]) == (6, 6)


def test_pages_follow_each_other_without_a_gap_or_a_repeat(log: TestClient[Litestar]) -> None:
    cursor, found = 0, list[str]()
    for _ in range(6):
        page = log.get("/log", params={"after": cursor, "limit": 1}).json()
        found += names(page["events"])
        cursor = page["cursor"]

    assert found == OURS


def test_what_is_published_is_a_cloudevent_as_on_the_stream_and_seals_what_is_personal(
    log: TestClient[Litestar],
) -> None:
    contact = log.get("/log", params={"after": 4, "limit": 1}).json()["events"][0]

    assert position_of(parse(msgspec.json.encode(contact))) == 5
    assert contact["data"]["summary"].startswith("sealed:")


def test_somebody_who_remembers_when_begins_there(log: TestClient[Litestar], ledger: CaseLedger) -> None:
    moments = [logged.metadata.recorded_at for logged in ledger.read(0, 10)]

    page = log.get("/log", params={"since": moments[3].isoformat()}).json()

    assert int(page["events"][0]["sequence"]) == 1 + next(n for n in count() if moments[n] >= moments[3])
    assert position_before(ledger, datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert position_before(ledger, datetime(2100, 1, 1, tzinfo=UTC)) == ledger.head()


@pytest.mark.parametrize(
    ("headers", "said"), [({"authorization": ""}, "no-token"), ({"authorization": "Bearer x"}, "unknown-token")]
)
@pytest.mark.parametrize("path", ["/log", "/log/stream"])
def test_without_a_token_that_opens_nothing_is_said(
    log: TestClient[Litestar], path: str, headers: dict[str, str], said: str
) -> None:
    answer = log.get(path, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (401, f"/problems/{said}")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "asked",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": "null"},
        {"after": "1.0"},
        {"limit": "1e1"},
        {"after": "9" * 40},
        {"limit": "0"},
        {"limit": "1001"},
        {"since": "2026"},
        {"x": "1"},
    ],
)
def test_what_cannot_be_asked_is_named(log: TestClient[Litestar], asked: dict[str, str]) -> None:
    assert log.get("/log", params=asked).json()["type"] == "/problems/invalid-query"


def test_a_token_that_is_taken_back_opens_nothing_from_then_on(log: TestClient[Litestar], settings: Settings) -> None:
    assert log.get("/log").status_code == 200

    Registry(settings.data).remove("agenda")

    assert log.get("/log").status_code == 401


@pytest.fixture
def published(ledger: CaseLedger, settings: Settings) -> PublishedLog:
    return PublishedLog(ledger, Registry(settings.data), settings.source)


async def positions(published: PublishedLog, token: str, after: int, stop: Callable[[list[int]], bool]) -> list[int]:
    found: list[int] = []
    async for message in published.stream(token, after):
        found += [int(line[4:]) for line in message.decode().splitlines() if line.startswith("id: ")]
        if stop(found):
            break
    return found


def test_a_stream_goes_on_exactly_after_the_position_it_is_given(published: PublishedLog, secrets: Secrets) -> None:
    async def told() -> list[list[int]]:
        async with asyncio.timeout(20):
            return [await positions(published, secrets.token, after, lambda found: 6 in found) for after in (0, 4)]

    assert asyncio.run(told()) == [[1, 3, 4, 5, 6], [5, 6]]


def test_a_stream_ends_within_a_second_or_so_once_its_token_is_taken_back(
    published: PublishedLog, secrets: Secrets, settings: Settings
) -> None:
    def put_out(found: list[int]) -> bool:
        if found:
            Registry(settings.data).remove("agenda")
        return False

    async def told() -> list[int]:
        async with asyncio.timeout(20):
            return await positions(published, secrets.token, 5, put_out)

    assert asyncio.run(told()) == [6]


def test_nobody_holds_more_streams_than_their_share(published: PublishedLog, secrets: Secrets) -> None:
    async def told() -> None:
        async with asyncio.timeout(20):
            opened = [published.stream(secrets.token, 0) for _ in range(STREAMS_MAX)]
            for stream in opened:
                await anext(stream)
            with pytest.raises(Malformed):
                published.check_room(published.bearer(secrets.token))
            for stream in opened:
                await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
            published.check_room(published.bearer(secrets.token))

    asyncio.run(told())
