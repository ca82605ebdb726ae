"""Three NATS servers, and the one that leads the stream killed again and again while a log is imported.

`SOAK_ROUNDS` asks for the long form: the real log, sent slowly enough for so many kills.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

import nats
import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands
from labkit.imports.cases import read_log
from labkit.imports.mapping import read_mapping
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.domain.record import LoggedEvent
from ledger.publishing.published import compose
from ledger.settings import Settings
from projections.reader import ViewReader
from tests.running import wait_for
from tests.scale.cluster import Cluster

REAL_LOG = Path(__file__).parents[2].parent / "shared" / "data" / "receipt.xes.gz"
LONG_KILLS = int(os.environ.get("SOAK_ROUNDS", "0"))
SHORT_CASES = 60
BETWEEN_KILLS_S = 3.0
ELECTION_S = 6.0
CATCH_UP_TIMEOUT_S = 120.0
REPLICAS = 3

Together = list[LedgerCommand]


@contextmanager
def copying(settings: Settings, cluster: Cluster) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A relay and a projector at work, each a process of its own."""
    environment = {
        **os.environ,
        "COLLECTIVILAB_DATA": str(settings.data),
        "COLLECTIVILAB_STREAM_REPLICAS": str(REPLICAS),
        "NATS_URL": cluster.url,
    }
    roles = (["ledger", "relay"], ["projections", "run", "--data", str(settings.data)])
    with (settings.data.parent / "said").open("ab") as said:
        processes = [
            subprocess.Popen([sys.executable, "-m", *role], env=environment, stdout=said, stderr=said) for role in roles
        ]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
            process.wait(CATCH_UP_TIMEOUT_S)


def some_cases() -> Iterator[Together]:
    """An authority, then cases of one contact each, told together."""
    yield [commands.register_authority(), commands.publish_service()]
    for rank in range(SHORT_CASES):
        case = CaseId(cast.identifier(f"case {rank}"))
        opened, called = commands.open_case(), commands.record_phone_call()
        yield [
            replace(
                opened, command_id=cast.command_id(f"open {rank}"), case_id=case, interaction_id=InteractionId(case)
            ),
            replace(
                called,
                command_id=cast.command_id(f"call {rank}"),
                case_id=case,
                interaction_id=InteractionId(cast.identifier(f"call {rank}")),
            ),
        ]


def record(ledger: CaseLedger, told: Iterable[Together], pause_s: float) -> int:
    """Record what is told, with a pause after each lot, and return how far the ledger came."""
    for lot in told:
        for answer in ledger.execute_together([(command, cast.stamp(command.occurred_at)) for command in lot]):
            assert answer.verdict.refusal is None
        sleep(pause_s)
    return ledger.head()


async def kill_leaders(cluster: Cluster, kills: int) -> list[str]:
    """Kill the server that leads the stream, start it again once another leads, and again."""
    killed = []
    for _ in range(kills):
        leader = await cluster.leader()
        cluster.kill(leader)
        killed.append(leader)
        assert await cluster.leader() != leader
        cluster.start_one(leader)
        await asyncio.sleep(BETWEEN_KILLS_S)
    return killed


async def stream_of(url: str, count: int) -> list[tuple[int, bytes]]:
    """All that the stream holds, in its order, as any subscriber would get it."""
    client = await nats.connect(url.split(","))
    try:
        context = client.jetstream()
        assert (await context.stream_info("LEDGER")).state.messages == count
        subscription = await context.subscribe("ledger.>", ordered_consumer=True)
        told = [await subscription.next_msg(timeout=10) for _ in range(count)]
        return [(message.metadata.sequence.stream, message.data) for message in told]
    finally:
        await client.close()


def copy_of(events: Iterable[LoggedEvent], source: str) -> list[tuple[int, bytes]]:
    return [(event.position, compose(event, source)) for event in events]


def assert_all_follow(
    settings: Settings, cluster: Cluster, told: Iterable[Together], *, pause_s: float, kills: int
) -> None:
    """Import while leaders are killed; then the stream is the ledger byte for byte, and every view reached its head."""
    with CaseLedger(settings) as ledger, copying(settings, cluster) as roles, ThreadPoolExecutor(1) as thread:
        head = thread.submit(record, ledger, told, pause_s)
        began_s = monotonic()
        killed = asyncio.run(kill_leaders(cluster, kills))
        position = head.result()
        with closing(ViewReader(settings.data / "views")) as reader:
            wait_for(lambda: all(view.position == position for view in reader.views()), CATCH_UP_TIMEOUT_S)
            assert [view.parked for view in reader.views() if view.parked] == []
        assert [role.poll() for role in roles] == [None, None]
        followed_s = monotonic() - began_s
        expected = copy_of(ledger.read(0, position), settings.source)
    found = asyncio.run(stream_of(cluster.url, position))
    print(f"\n{position} events, leaders killed: {', '.join(killed)}, all followed after {followed_s:.0f} s")
    assert found == expected


def test_the_stream_is_the_ledger_though_its_leader_was_killed(tmp_path: Path, cluster: Cluster) -> None:
    """In the default session, invented cases and one kill; under nox -s soak, the real log and many."""
    if not LONG_KILLS:
        assert_all_follow(Settings(data=tmp_path / "data"), cluster, some_cases(), pause_s=0.1, kills=1)
        return
    if not REAL_LOG.exists():
        pytest.skip("the real log is not at ../shared/data/receipt.xes.gz")
    lots = list(read_log(REAL_LOG, read_mapping()))
    pause_s = LONG_KILLS * (BETWEEN_KILLS_S + ELECTION_S) / len(lots)
    assert_all_follow(Settings(data=tmp_path / "data"), cluster, lots, pause_s=pause_s, kills=LONG_KILLS)
