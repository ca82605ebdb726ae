"""A ledger that is written to is backed up, restored elsewhere and served there: the same, up to a position."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats

from labkit.backup.contents import strangers
from tests.lab.backups import Places, begin, log_of
from tests.running import labkit, ledger_events, running_instance, wait_for

WRITING = """
import sys
from pathlib import Path
from labkit.controls import cast
from ledger.application import CaseLedger
from ledger.settings import Settings
from tests.lab.backups import opened_for
with CaseLedger(Settings(data=Path(sys.argv[1]))) as ledger:
    for rank in range(100_000):
        command = opened_for(f"citizen {rank}")
        ledger.execute(command, cast.stamp(command.occurred_at))
"""
SOME = 100
SOON_S = 30.0


@contextmanager
def somebody_writing(data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that opens a case for one citizen after the other, until it is killed."""
    writer = subprocess.Popen([sys.executable, "-c", WRITING, data], cwd=Path(__file__).parents[2])
    try:
        yield writer
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()


def head_of(data: Path) -> int:
    return ledger_events(data)[-1][0]


async def stream_metadata(url: str) -> dict[str, str]:
    client = await nats.connect(url)
    try:
        return (await client.jetstream().stream_info("LEDGER")).config.metadata or {}
    finally:
        await client.close()


def test_a_backup_made_while_the_ledger_is_written_to_is_the_ledger_up_to_its_position(tmp_path: Path) -> None:
    data, elsewhere, places = tmp_path / "data", tmp_path / "elsewhere", Places.under(tmp_path)
    begin(data)
    with somebody_writing(data):
        wait_for(lambda: head_of(data) > SOME, SOON_S)
        keeping = ["--keys", str(places.keys), "--master-key", str(places.master_key)]
        saved = labkit("backup", str(places.target), *keeping, "--data", str(data), "--json")
        assert saved.returncode == 0, saved.stderr
        position: int = json.loads(saved.stdout)["position"]
        wait_for(lambda: head_of(data) > position, SOON_S)

    restored = labkit("restore", str(places.target), *keeping, "--data", str(elsewhere))

    assert restored.returncode == 0, restored.stderr
    assert position > SOME
    assert log_of(elsewhere) == log_of(data)[:position]
    with running_instance(elsewhere) as instance:
        instance.wait_until_views_reach(position)
        audited = instance.labkit("audit")
        assert audited.returncode == 0, audited.stdout + audited.stderr
        assert instance.ledger_position() == position
        assert asyncio.run(stream_metadata(instance.reader_url()))["epoch"] == "2"
    # Whatever new an instance writes beside its log must be taken by backups, or known to be made again.
    assert strangers(elsewhere) == []
