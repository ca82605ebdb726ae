"""Integrators on a real server: what their credentials open, what the server refuses them, and how they are put out."""

import asyncio
import json
import stat
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import nats
import nats.errors
import pytest
from msgspec import to_builtins
from msgspec.structs import replace
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from labkit.broker import stream_folder
from labkit.controls import cast, commands
from labkit.exit_codes import ExitCode
from labkit.instance import RUN_FILE, Instance
from labkit.integrators.credentials import Credentials, fresh_secrets, integrator_of
from ledger.access.grants import Grant
from ledger.access.registry import Registry
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CommandId, InteractionId
from tests.running import RunningInstance, labkit, running_instance

PATIENCE_S = 5.0
API = "$JS.ledger.API."
THEIRS = cast.PAU_BEARN_PYRENEES
AGGLOMERATION: tuple[LedgerCommand, ...] = (
    replace(commands.register_authority(), command_id=cast.command_id("agglomeration"), authority=THEIRS),
    replace(commands.publish_service(), command_id=cast.command_id("its service"), authority=THEIRS),
)


def case_of(authority: str, name: str) -> LedgerCommand:
    return replace(
        commands.open_case(),
        command_id=CommandId(uuid4()),
        case_id=CaseId(cast.identifier(name)),
        interaction_id=InteractionId(cast.identifier(f"{name}, first contact")),
        authority=authority,
    )


def tell(instance: RunningInstance, *told: LedgerCommand) -> int:
    answer = instance.post("/commands", to_builtins(told))
    assert {result["status"] for result in answer.json["results"]} == {"accepted"}, answer.text
    position: int = answer.json["position"]
    return position


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """Two authorities with a case each: the events of the first are at 1, 3, 5 and 6, of the other at 2, 4, 7 and 8."""
    with running_instance(tmp_path_factory.mktemp("integrators") / "data") as running:
        registered, published = AGGLOMERATION
        tell(running, commands.register_authority(), registered, commands.publish_service(), published)
        tell(running, case_of(cast.PAU, "ours"), case_of(THEIRS, "theirs"))
        yield running


@pytest.fixture
def let_in(instance: RunningInstance, tmp_path: Path) -> Callable[..., Credentials]:
    """Let an integrator in, by the verb."""

    def add(name: str, *options: str, authority: str = cast.PAU) -> Credentials:
        file = tmp_path / f"{name}.json"
        ended = verb(instance, "add", name, "--authority", authority, *options, "--output", str(file), "--json")
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["credentials"] == str(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        return msgspec.json.decode(file.read_bytes(), type=Credentials)

    return add


def verb(instance: RunningInstance, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return instance.labkit("integrator", *arguments)


@asynccontextmanager
async def connected(credentials: Credentials) -> AsyncIterator[Any]:
    async def hear(error: Exception) -> None:
        client.refused.append(str(error))

    client: Any = nats.aio.client.Client()
    client.refused = []
    named = {"nkeys_seed_str": credentials.nats.nkey_seed, "error_cb": hear}
    await client.connect(credentials.nats.url, allow_reconnect=False, **named)
    try:
        yield client
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(client.close(), PATIENCE_S)


async def read(client: Any, credentials: Credentials, count: int, *, start: int = 1) -> list[int]:
    """Read so many with a consumer of their own, from a position on, and what comes after; return the positions."""
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start
    )
    context = client.jetstream(domain=credentials.nats.domain)
    subscription = await context.pull_subscribe("ledger.>", stream=credentials.nats.stream, config=config)
    found: list[int] = []
    silent = False
    while len(found) < count or not silent:
        try:
            found += [message.metadata.sequence.stream for message in await subscription.fetch(50, timeout=0.3)]
        except TimeoutError:
            silent = True
    return found


def ask(credentials: Credentials, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def done() -> Any:
        async with asyncio.timeout(30), connected(credentials) as client:
            return await work(client)

    return asyncio.run(done())


def test_an_integrator_reads_what_was_granted_each_event_at_its_position_and_again_from_anywhere(
    instance: RunningInstance, let_in: Callable[..., Credentials]
) -> None:
    credentials = let_in("agenda")

    async def work(client: Any) -> list[list[int]]:
        return [await read(client, credentials, 4), await read(client, credentials, 2, start=5)]

    assert ask(credentials, work) == [[1, 3, 5, 6], [5, 6]]


def test_a_grant_of_some_events_opens_these(let_in: Callable[..., Credentials]) -> None:
    credentials = let_in("openings", "--event", "case-opened", "--service", cast.CANTEEN)

    assert ask(credentials, lambda client: read(client, credentials, 1)) == [5]


def test_the_server_refuses_whatever_was_not_granted(
    instance: RunningInstance, let_in: Callable[..., Credentials]
) -> None:
    ours, theirs = let_in("curious"), let_in("other", authority=THEIRS)
    wider = {"stream_name": "LEDGER", "config": {"name": "wide", "filter_subject": "ledger.>", "ack_policy": "none"}}
    elsewhere = {"stream_name": theirs.nats.stream, "config": {"name": "x", "ack_policy": "none"}}
    forbidden = {
        "ledger.216404459.cantine.web.case-opened": {},
        f"{API}CONSUMER.CREATE.LEDGER": wider,
        f"{API}CONSUMER.CREATE.LEDGER.wide.ledger.>": wider,
        f"{API}CONSUMER.CREATE.{theirs.nats.stream}": elsewhere,
        f"{API}STREAM.INFO.LEDGER": {},
        f"{API}STREAM.INFO.{theirs.nats.stream}": {},
        f"{API}STREAM.PURGE.{ours.nats.stream}": {},
        f"{API}STREAM.DELETE.{ours.nats.stream}": {},
        f"{API}STREAM.MSG.DELETE.{ours.nats.stream}": {"seq": 1},
        f"{API}STREAM.UPDATE.{ours.nats.stream}": {"name": ours.nats.stream, "subjects": ["ledger.>"]},
        "$SYS.REQ.SERVER.PING": {},
        "$SYS.REQ.ACCOUNT.PING.CONNZ": {},
    }

    async def work(client: Any) -> tuple[list[str], list[str], list[int]]:
        silent = []
        for subject, body in forbidden.items():
            with pytest.raises((nats.errors.TimeoutError, nats.errors.NoRespondersError)):
                await client.request(subject, json.dumps(body).encode(), timeout=0.3)
            silent.append(subject)
        for subject in ("ledger.>", "$SYS.>", f"$JS.API.CONSUMER.MSG.NEXT.{theirs.nats.stream}.x"):
            await client.subscribe(subject)
        await client.flush(PATIENCE_S)
        return silent, client.refused, await read(client, ours, 4)

    silent, refused, granted = ask(ours, work)

    assert silent == list(forbidden)
    said = "\n".join(refused)
    assert all(f'publish to "{subject}"'.lower() in said.lower() for subject in forbidden), said
    assert said.lower().count("subscription to") == 3
    assert granted == [1, 3, 5, 6]
    assert instance.ledger_position() == 8


def test_no_reply_subject_makes_the_server_write_to_the_ledger_s_stream(
    instance: RunningInstance, let_in: Callable[..., Credentials]
) -> None:
    credentials = let_in("forger")
    pushing = {"name": "p", "ack_policy": "none", "deliver_policy": "all", "deliver_subject": "ledger.1.x.web.forged"}
    body = json.dumps({"stream_name": credentials.nats.stream, "config": pushing}).encode()

    async def work(client: Any) -> list[int]:
        found = await read(client, credentials, 4)
        pulling = f"{API}CONSUMER.MSG.NEXT.{credentials.nats.stream}.mine"
        config = {"name": "mine", "ack_policy": "none", "deliver_policy": "all"}
        made = json.dumps({"stream_name": credentials.nats.stream, "config": config}).encode()
        await client.request(f"{API}CONSUMER.CREATE.{credentials.nats.stream}.mine", made, timeout=PATIENCE_S)
        await client.publish(pulling, b'{"batch": 2, "no_wait": true}', reply="ledger.216404459.forged.web.case-opened")
        await client.request(f"{API}CONSUMER.CREATE.{credentials.nats.stream}.p", body, timeout=PATIENCE_S)
        await client.flush(PATIENCE_S)
        await asyncio.sleep(0.5)
        return found

    ask(credentials, work)

    assert instance.get("/status").json["stream"]["position"] == 8


def test_who_is_put_out_is_put_out_at_once(instance: RunningInstance, let_in: Callable[..., Credentials]) -> None:
    credentials = let_in("passing")

    async def work(client: Any) -> float:
        assert await read(client, credentials, 4) == [1, 3, 5, 6]
        ended = await asyncio.to_thread(verb, instance, "revoke", "passing")
        assert ended.returncode == 0, ended.stderr
        ended_at_s = time.monotonic()
        while client.is_connected:  # noqa: ASYNC110  # the client tells nobody when it may not connect again
            await asyncio.sleep(0.01)
        return time.monotonic() - ended_at_s

    assert ask(credentials, work) < 1.0
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        ask(credentials, lambda client: read(client, credentials, 4))
    assert "passing" not in verb(instance, "list").stdout


def test_rotated_credentials_open_and_the_earlier_ones_do_not(
    instance: RunningInstance, let_in: Callable[..., Credentials], tmp_path: Path
) -> None:
    before = let_in("turning")
    ended = verb(instance, "rotate", "turning", "--output", str(tmp_path / "after.json"))
    assert ended.returncode == 0, ended.stderr
    after = msgspec.json.decode((tmp_path / "after.json").read_bytes(), type=Credentials)

    assert ask(after, lambda client: read(client, after, 4)) == [1, 3, 5, 6]
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        ask(before, lambda client: read(client, before, 4))


def test_who_is_let_in_before_the_ledger_runs_reads_once_it_does(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "early.json"
    ended = labkit("integrator", "add", "early", "--authority", cast.PAU, "--output", str(file), "--data", str(data))
    assert ended.returncode == 0, ended.stderr
    credentials = msgspec.json.decode(file.read_bytes(), type=Credentials)

    with running_instance(data) as running:
        tell(running, commands.register_authority(), commands.publish_service())

        assert ask(credentials, lambda client: read(client, credentials, 2)) == [1, 2]


def test_a_name_given_again_opens_nothing_of_what_it_opened_before(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def let_in(file: str, authority: str) -> Credentials:
        output = tmp_path / file
        added = ("add", "turned", "--authority", authority, "--output", str(output))
        assert labkit("integrator", *added, "--data", str(data)).returncode == 0
        return msgspec.json.decode(output.read_bytes(), type=Credentials)

    with running_instance(data) as running:
        registered, published = AGGLOMERATION
        tell(running, commands.register_authority(), registered, commands.publish_service(), published)
        before = let_in("before.json", cast.PAU)
        assert ask(before, lambda client: read(client, before, 2)) == [1, 3]
    assert stream_folder(data, before.nats.stream).is_dir()
    assert labkit("integrator", "revoke", "turned", "--data", str(data)).returncode == 0
    assert not stream_folder(data, before.nats.stream).exists()
    after = let_in("after.json", THEIRS)

    with running_instance(data):
        assert ask(after, lambda client: read(client, after, 2)) == [2, 4]


def test_who_could_not_be_put_out_is_still_listed_so_that_it_is_asked_again(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add(integrator_of("held", Grant(authority=cast.PAU), fresh_secrets(), datetime.now(UTC)))
    nobody = Instance(url="http://127.0.0.1:9", pid=1, nats_url="nats://127.0.0.1:9", started_at=datetime.now(UTC))
    (tmp_path / "nats").mkdir()
    (tmp_path / RUN_FILE).write_bytes(msgspec.json.encode(nobody))

    ended = labkit("integrator", "revoke", "held", "--data", str(tmp_path))

    assert ended.returncode == ExitCode.NATS_UNREACHABLE
    assert [each.name for each in Registry(tmp_path).all()] == ["held"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "twice", "--authority", cast.PAU), ExitCode.REFUSED),
        (("add", "Bad Name", "--authority", cast.PAU), ExitCode.BAD_INPUT),
        (("add", "x", "--authority", "123456789"), ExitCode.BAD_INPUT),
        (("add", "x", "--authority", cast.PAU, "--event", "nothing-happened"), ExitCode.BAD_INPUT),
        (("add", "x", "--authority", cast.PAU, "--service", "no service"), ExitCode.BAD_INPUT),
        (("revoke", "nobody"), ExitCode.REFUSED),
        (("rotate", "nobody"), ExitCode.REFUSED),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    instance: RunningInstance, let_in: Callable[..., Credentials], tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    if "twice" in arguments and "twice" not in verb(instance, "list").stdout:
        let_in("twice")
    before, file = verb(instance, "list").stdout, tmp_path / "left.json"
    output = ("--output", str(file)) if arguments[0] != "revoke" else ()

    ended = verb(instance, *arguments, *output)

    assert ended.returncode == code, ended.stderr
    assert not file.exists()
    assert verb(instance, "list").stdout == before
