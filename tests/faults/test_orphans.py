"""What becomes of the processes when the one that watches over them is killed, or its terminal closed."""

import signal
from pathlib import Path

from labkit.broker import free_port
from labkit.exit_codes import ExitCode
from tests.running import RunningInstance, processes_of, running_instance, wait_for


def test_what_a_killed_run_left_behind_is_ended_by_the_next(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    killed = RunningInstance(data, port=port)
    try:
        killed.wait_until_ready()
        left = {"site", "relay", "views", "nats-server"}
        assert killed.pids().keys() == left
        orphans = set(killed.pids().values())
        killed.process.kill()
        killed.process.wait()
        assert orphans == processes_of(data).keys()

        with running_instance(data, port=port) as running:
            assert running.pids().keys() == left
            assert not orphans & processes_of(data).keys()
    finally:
        killed.kill_everything()


def test_what_was_killed_while_it_started_is_ended_by_the_next(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    killed = RunningInstance(data, port=port)
    try:
        wait_for(lambda: len(processes_of(data)) > 3, 30, killed.said)
        killed.process.kill()
        killed.process.wait()
        orphans = processes_of(data)

        with running_instance(data, port=port):
            assert orphans
            assert not orphans.keys() & processes_of(data).keys()
    finally:
        killed.kill_everything()


def test_a_closed_terminal_stops_everything(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_instance(data) as running:
        running.process.send_signal(signal.SIGHUP)

        assert running.process.wait(30) == ExitCode.OK
        running.ended = True

    assert not running.run_file.exists()
