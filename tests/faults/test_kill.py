"""`labkit up` is killed with -9, role by role and whole, while a log is imported: nothing may be missing or double.

SOAK_ROUNDS asks for many rounds with the real log; each says its seed, and FAULT_SEED repeats that one alone.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

import pytest

from labkit.exit_codes import ExitCode
from tests.faults.logs import INVENTED_CASES, Log, invented_log, real_or_invented_log
from tests.faults.stream import read_stream
from tests.running import LABKIT, RunningInstance, ledger_events, running_instance, wait_for

REPEATED = os.environ.get("FAULT_SEED")
SOAKING = "SOAK_ROUNDS" in os.environ
SEEDS = [int(REPEATED)] if REPEATED else [2026 + n for n in range(int(os.environ.get("SOAK_ROUNDS", "1")))]
ROLES = ("site", "relay", "views", "nats-server")
KILLS_A_ROLE_MAX = 3  # `labkit up` gives a role up at its sixth end within a minute.
PAUSE_S_MAX = 1.2 if SOAKING else 0.4
CASES = INVENTED_CASES if SOAKING else 150
IMPORTS_MAX = 6
IMPORT_TIMEOUT_S = 90
RECOVERY_TIMEOUT_S = 60

pytestmark = pytest.mark.timeout(300)
each_seed = pytest.mark.parametrize("seed", SEEDS)


@each_seed
def test_nothing_is_lost_or_doubled_when_processes_are_killed(tmp_path: Path, seed: int) -> None:
    log = real_or_invented_log(tmp_path) if SOAKING else invented_log(tmp_path, seed=seed, cases=CASES)
    with running_instance(tmp_path / "data") as running:
        with start_import(running, log) as importing:
            killed = kill_at_random(running, importing, seed)

        print(f"FAULT_SEED={seed}: killed {', '.join(killed)}", file=sys.stderr)
        assert len(killed) >= len(ROLES)
        import_until_unchanged(running, log)
        assert_nothing_is_lost_or_doubled(running, log)


@each_seed
def test_nothing_is_lost_or_doubled_when_everything_is_killed_at_once(tmp_path: Path, seed: int) -> None:
    log = invented_log(tmp_path, seed=seed, cases=CASES)
    draw = random.Random(seed)
    data = tmp_path / "data"
    shares = (draw.uniform(0.05, 0.45), draw.uniform(0.5, 0.95))

    for share in shares if SOAKING else shares[:1]:
        kill_everything_at(int(share * log.figures.events), data, log)
        print(f"FAULT_SEED={seed}: everything was killed at event {ledger_head(data)}", file=sys.stderr)

    with running_instance(data) as running:
        import_until_unchanged(running, log)
        assert_nothing_is_lost_or_doubled(running, log)


def start_import(running: RunningInstance, log: Log) -> "subprocess.Popen[bytes]":
    """Begin an import; it may fail when what it speaks to is killed."""
    return subprocess.Popen(
        [*LABKIT, "import", "xes", str(log.path), "--data", str(running.data)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_at_random(running: RunningInstance, importing: "subprocess.Popen[bytes]", seed: int) -> list[str]:
    """Kill every role at least once, at random moments, and go on while the import lasts; return who was killed."""
    draw = random.Random(seed)
    waiting = list(ROLES) * KILLS_A_ROLE_MAX
    draw.shuffle(waiting)
    killed: list[str] = []
    while waiting and (importing.poll() is None or set(killed) != set(ROLES)):
        time.sleep(draw.uniform(0.05, PAUSE_S_MAX))
        role = waiting.pop()
        if lives(pid := running.pids()[role]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(role)
        elif set(killed) != set(ROLES):
            waiting.insert(0, role)
    return killed


def kill_everything_at(position: int, data: Path, log: Log) -> None:
    """Import until the ledger has reached a position, then end every process at once, the supervisor too."""
    cut = RunningInstance(data)
    try:
        cut.wait_until_ready()
        with start_import(cut, log) as importing:
            wait_for(lambda: ledger_head(data) >= position, IMPORT_TIMEOUT_S, cut.said)
            cut.kill_everything()
            importing.kill()
    finally:
        cut.kill_everything()


def ledger_head(data: Path) -> int:
    with closing(sqlite3.connect(f"{(data / 'ledger.db').as_uri()}?mode=ro", uri=True)) as database:
        position: int = database.execute("SELECT position FROM ledger_head").fetchone()[0]
        return position


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0]
    except OSError:
        return False
    return state not in "ZX"


def import_until_unchanged(running: RunningInstance, log: Log) -> None:
    """Import again until the ledger knows every command of the log."""
    wait_for(lambda: running.get("/status").status == 200, RECOVERY_TIMEOUT_S, running.said)
    told = {}
    for _ in range(IMPORTS_MAX):
        ended = running.labkit("import", "xes", str(log.path), "--json")
        if ended.returncode == ExitCode.OK:
            told = json.loads(ended.stdout)
            if not told["accepted"]:
                break
    assert (told["accepted"], told["refused"], told["cases"]) == (0, 0, log.figures.cases)


def assert_nothing_is_lost_or_doubled(running: RunningInstance, log: Log) -> None:
    running.wait_until_views_reach(log.figures.events)
    assert_the_ledger_is_whole(running.data, log)
    assert_the_stream_is_the_ledger(running)
    assert_the_figures_are_those_of_the_log(running, log)
    assert_every_view_is_its_rebuild(running, log)


def assert_the_ledger_is_whole(data: Path, log: Log) -> None:
    events = ledger_events(data)
    assert [position for position, _ in events] == list(range(1, log.figures.events + 1))
    assert len({event_id for _, event_id in events}) == len(events)
    with closing(sqlite3.connect(f"{(data / 'ledger.db').as_uri()}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT position FROM ledger_head").fetchall() == [(len(events),)]
        opened = database.execute(
            "SELECT count(*), count(DISTINCT originator_id) FROM ledger_event WHERE topic = 'case-opened.v1'"
        ).fetchone()
        broken = database.execute(
            "SELECT count(*) FROM (SELECT max(originator_version) AS last, count(*) AS held FROM ledger_event"
            " GROUP BY originator_id HAVING last != held)"
        ).fetchone()
    assert opened == (log.figures.cases, log.figures.cases)
    assert broken == (0,)


def assert_the_stream_is_the_ledger(running: RunningInstance) -> None:
    streamed = [
        (message.sequence, UUID(json.loads(message.data)["id"]).bytes) for message in read_stream(running.reader_url())
    ]
    assert streamed == ledger_events(running.data)


def assert_the_figures_are_those_of_the_log(running: RunningInstance, log: Log) -> None:
    overview = running.get(f"/views/overview?at_least={log.figures.events}").json
    by_channel = {row["channel"]: row["cases"] for row in overview["channels"] if row["cases"]}
    figures = tuple(overview[name] for name in ("cases", "steps", "closed", "late"))
    assert (*figures, by_channel) == log.figures
    assert overview["interactions"] == log.figures.cases


def assert_every_view_is_its_rebuild(running: RunningInstance, log: Log) -> None:
    ended = running.labkit("rebuild", "--all", "--json")
    assert ended.returncode == ExitCode.OK, ended.stderr
    rebuilt = {view["name"]: (view["position"], view["identical"]) for view in json.loads(ended.stdout)}
    assert rebuilt == dict.fromkeys(rebuilt, (log.figures.events, True))
    assert rebuilt.keys() == {view["name"] for view in running.get("/views").json}
