"""What third parties get from the stream, with tools of their own: every event once, in order, as a CloudEvent."""

import asyncio
import importlib.util
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import nats
import pytest

from tests.faults.logs import real_or_invented_log
from tests.faults.stream import read_stream
from tests.running import RunningInstance, ledger_events, running_instance

NODE = Path(__file__).parents[1] / "node"
NODE_TIMEOUT_S = 90
NEXT_TIMEOUT_S = 3
FORBIDDEN = ("ledger.someone.else", "$JS.API.STREAM.PURGE.LEDGER", "$JS.API.STREAM.DELETE.LEDGER")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """An instance whose ledger holds a whole log, and whose stream holds it too."""
    folder = tmp_path_factory.mktemp("subscribers")
    log = real_or_invented_log(folder)
    with running_instance(folder / "data") as running:
        ended = running.labkit("import", "xes", str(log.path))
        assert ended.returncode == 0, ended.stderr
        running.wait_until_views_reach(log.figures.events)
        yield running


def skip_or_fail(reason: str) -> None:
    """Skip on a developer's machine; in CI nothing may be missing."""
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


def test_a_program_in_javascript_reads_every_event_once_in_order(instance: RunningInstance) -> None:
    if not shutil.which("node"):
        skip_or_fail("needs Node.js")
    if not (NODE / "node_modules").exists():
        skip_or_fail("run: npm ci --ignore-scripts, in tests/node")
    events = ledger_events(instance.data)

    ended = subprocess.run(
        ["node", "subscriber.mjs", str(len(events))],
        cwd=NODE,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "NATS_URL": instance.reader_url()},
        timeout=NODE_TIMEOUT_S,
    )

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "count": len(events),
        "first": 1,
        "last": len(events),
        "inOrder": True,
        "problems": [],
        "ids": digest_of(events),
    }


def test_the_python_package_of_cloudevents_takes_every_message(instance: RunningInstance) -> None:
    if importlib.util.find_spec("cloudevents") is None:
        skip_or_fail("the package cloudevents is not installed")
    from cloudevents.core.formats.json import JSONFormat  # noqa: PLC0415  # a package that may be missing
    from cloudevents.core.v1.event import CloudEvent  # noqa: PLC0415

    form = JSONFormat()
    read = [form.read(CloudEvent, message.data) for message in read_stream(instance.reader_url())]

    assert [(int(event.get_extension("sequence")), UUID(event.get_id()).bytes) for event in read] == ledger_events(
        instance.data
    )


def test_an_ordered_push_consumer_reads_everything(instance: RunningInstance) -> None:
    events = ledger_events(instance.data)

    assert asyncio.run(pushed(instance.reader_url(), len(events))) == [position for position, _ in events]


def test_one_who_only_reads_may_not_write(instance: RunningInstance) -> None:
    events = ledger_events(instance.data)

    refused = asyncio.run(publish_and_purge(instance.reader_url()))

    assert refused == [subject.lower() for subject in FORBIDDEN]
    assert [message.sequence for message in read_stream(instance.reader_url())] == [at for at, _ in events]


def test_nobody_reads_without_a_password(instance: RunningInstance) -> None:
    server = urlsplit(instance.reader_url())
    with socket.create_connection((str(server.hostname), server.port or 0), NEXT_TIMEOUT_S) as connection:
        connection.sendall(b"CONNECT {}\r\nPING\r\n")
        with connection.makefile("rb") as answers:
            said = answers.read()

    assert b"-ERR 'Authorization Violation'" in said
    assert b"PONG" not in said


def digest_of(events: list[tuple[int, bytes]]) -> str:
    digest = sha256()
    for position, event_id in events:
        digest.update(f"{position:020} {UUID(bytes=event_id)}\n".encode())
    return digest.hexdigest()


async def publish_and_purge(url: str) -> list[str]:
    """Try what only the ledger may do; return the subjects that the server refused, as the client writes them."""
    refused: list[str] = []

    async def hear(error: Exception) -> None:
        refused.append(str(error).rpartition("to ")[2].strip('"'))

    client = await nats.connect(url, error_cb=hear)
    for subject in FORBIDDEN:
        await client.publish(subject, b"{}")
    await client.flush(NEXT_TIMEOUT_S)
    await asyncio.sleep(0.2)
    await client.close()
    return refused


async def quiet(_: Exception) -> None:
    """The client reports it where it waits."""


async def pushed(url: str, count: int) -> list[int]:
    client: Any = await nats.connect(url, error_cb=quiet)
    try:
        subscription = await client.jetstream().subscribe("ledger.>", stream="LEDGER", ordered_consumer=True)
        messages = [await subscription.next_msg(timeout=NEXT_TIMEOUT_S) for _ in range(count)]
    finally:
        await client.close()
    return [message.metadata.sequence.stream for message in messages]
