import json
import os
import signal
import socket
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from labkit.broker import free_port
from labkit.controls import cast, commands
from labkit.exit_codes import ExitCode
from ledger.application import CaseLedger
from ledger.settings import Settings
from projections import VIEWS
from tests.running import RunningInstance, labkit, processes_of, running_instance, wait_for

START_AT_MOST_S = 30.0
LOOPBACK_IN_PROC = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
LISTENING = "0A"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """An instance that all tests share: each leaves it running and answering."""
    data = tmp_path_factory.mktemp("up") / "data"
    data.mkdir(mode=0o755)
    with running_instance(data) as running:
        for command in (commands.register_authority(), commands.publish_service()):
            assert statuses(running, to_builtins(command)) == ["accepted"]
        running.wait_until_views_reach(2)
        yield running


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an instance that made its directory itself, wrote an event and was stopped."""
    data = tmp_path_factory.mktemp("ended") / "data"
    with running_instance(data) as running:
        assert statuses(running, to_builtins(commands.register_authority())) == ["accepted"]
    return data


def up(data: Path, *options: str, **environment: str) -> tuple[int, str]:
    ended = labkit("up", "--empty", "--no-browser", "--data", str(data), *options, **environment)
    return ended.returncode, ended.stdout + ended.stderr


def test_it_starts_answers_and_stops_within_a_bound(tmp_path: Path) -> None:
    began_s = time.monotonic()

    with running_instance(tmp_path / "data") as running:
        assert running.get("/").status == 200
        assert running.url in running.said()

    assert time.monotonic() - began_s < START_AT_MOST_S


def test_its_status_says_how_far_ledger_stream_and_views_are(instance: RunningInstance) -> None:
    told = json.loads(instance.labkit("status", "--json").stdout)

    assert told["ledger"] == {"position": told["stream"]["position"]}
    assert [view["name"] for view in told["views"]] == [view.name for view in VIEWS]
    assert {view["position"] for view in told["views"]} == {told["ledger"]["position"]}


@pytest.mark.parametrize(("language", "words"), [("en", "Another `labkit up`"), ("fr", "Un autre `labkit up`")])
def test_a_second_run_on_the_same_data_is_refused(instance: RunningInstance, language: str, words: str) -> None:
    code, said = up(instance.data, "--port", str(free_port()), "--lang", language)

    assert code == ExitCode.PORT_TAKEN
    assert words in said
    assert str(instance.data) in said
    assert instance.get("/status").status == 200


@pytest.mark.parametrize(
    ("language", "words"), [("en", "is taken by another program"), ("fr", "est pris par un autre")]
)
def test_a_port_that_is_taken_is_named(tmp_path: Path, language: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = up(tmp_path / "data", "--port", str(port), "--lang", language)

    assert code == ExitCode.PORT_TAKEN
    assert f"{port} {words}" in said


def test_the_data_of_a_newer_version_are_left_untouched(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with CaseLedger(Settings(data=data)) as ledger:
        ledger.execute(commands.register_authority(), cast.stamp(cast.at(1, "09:00")))
    with closing(sqlite3.connect(data / "ledger.db")) as database:
        database.execute("PRAGMA user_version = 99")
    before = contents(data)

    code, said = up(data, "--port", str(free_port()))

    assert code == ExitCode.NEWER_DATA
    assert f"{data} was written by a newer Collectivilab" in said
    assert contents(data) == before


def test_a_nats_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    port, nobody = free_port(), free_port()

    code, said = up(tmp_path / "data", "--port", str(port), NATS_URL=f"nats://ledger:hunter2@127.0.0.1:{nobody}")

    assert code == ExitCode.NATS_UNREACHABLE
    assert f"No NATS server answers at 127.0.0.1:{nobody}" in said
    assert "hunter2" not in said
    assert processes_of(tmp_path / "data") == {}


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7"])  # 192.0.2.0/24 is for examples.
def test_it_refuses_to_listen_where_other_machines_could_reach_it(tmp_path: Path, address: str) -> None:
    code, said = up(tmp_path / "data", "--port", str(free_port()), COLLECTIVILAB_HOST=address)

    assert code == ExitCode.USAGE
    assert f"on this machine only, not on {address}" in said
    assert not (tmp_path / "data").exists()


def test_every_socket_listens_on_this_machine_only(instance: RunningInstance) -> None:
    listening = {name: listening_addresses(pid) for name, pid in instance.pids().items()}

    assert listening["site"]
    assert listening["nats-server"]
    assert {address for addresses in listening.values() for address in addresses} <= LOOPBACK_IN_PROC


def test_what_it_writes_is_its_owners_alone_even_in_a_directory_open_to_others(instance: RunningInstance) -> None:
    modes = {
        path.relative_to(instance.data).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in instance.data.rglob("*")
    }

    secrets = ("keys/master.key", "keys/keys.db", "nats/credentials.json", "nats/server.conf")
    assert {name: modes[name] for name in secrets} == dict.fromkeys(secrets, 0o600)
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_a_data_directory_that_it_makes_is_its_owners_alone(ended: Path) -> None:
    assert stat.S_IMODE(ended.stat().st_mode) == 0o700


def test_a_stopped_ledger_is_one_whole_file(ended: Path) -> None:
    assert [path.name for path in ended.glob("ledger.db*")] == ["ledger.db"]


def test_keys_that_others_may_read_are_not_used(ended: Path) -> None:
    key = ended / "keys" / "master.key"
    key.chmod(0o644)

    code, said = up(ended, "--port", str(free_port()))
    key.chmod(0o600)

    assert code == ExitCode.STORAGE
    assert f"chmod 600 {key}" in said
    assert processes_of(ended) == {}


def test_a_request_under_another_machines_name_is_refused(instance: RunningInstance) -> None:
    paths = ("/", "/status", "/views/overview", "/events", "/inbox")

    answers = {path: instance.request("GET", path, Host="town.example").status for path in paths}
    posted = instance.request("POST", "/commands", [], Host="town.example").status

    assert {**answers, "posted": posted} == {**dict.fromkeys(paths, 421), "posted": 421}


def test_no_personal_text_is_in_the_logs(instance: RunningInstance) -> None:
    secret = "Mme Brûlé-Çelik, 06 39 98 12 34"
    opening = {**to_builtins(commands.open_case()), "title": secret, "summary": secret, "contact": secret}
    call = {**to_builtins(commands.record_phone_call()), "summary": secret, "contact": secret}

    assert statuses(instance, opening, call) == ["accepted", "accepted"]
    refused = [
        instance.post("/commands", [{**call, "direction": secret}]),
        instance.post("/commands", [{**call, "summary": secret * 10_000}]),
        instance.post("/commands", [{**call, secret: 1}]),
        instance.request("POST", "/commands", raw=f'[{{"summary": "{secret}"'.encode()),
        instance.request("GET", "/cases/nobody?who=06%2039%2098%2012%2034"),
    ]
    instance.wait_until_views_reach(instance.ledger_position())

    logs = b"".join(path.read_bytes() for path in (instance.data / "logs").iterdir())
    assert [answer.status // 100 for answer in refused] == [4, 4, 4, 4, 4]
    assert [part for part in ("Brûlé", "06 39 98 12 34", "12%2034") if part.encode() in logs] == []


@pytest.mark.parametrize("role", ["site", "relay", "views", "nats-server"])
def test_a_process_that_is_killed_is_started_again_and_answers(instance: RunningInstance, role: str) -> None:
    killed = instance.pids()[role]
    another = replace(commands.publish_service(), command_id=cast.command_id(f"after {role}"), service=f"after-{role}")

    os.kill(killed, signal.SIGKILL)

    wait_for(lambda: instance.pids()[role] != killed, 20, instance.said)
    wait_for(lambda: instance.get("/status").status == 200, 30, instance.said)
    assert statuses(instance, to_builtins(another)) == ["accepted"]
    instance.wait_until_views_reach(instance.ledger_position())
    assert instance.get("/status").json["stream"] == {"position": instance.ledger_position(), "reachable": True}


def statuses(running: RunningInstance, *sent: object) -> list[str]:
    answer = running.post("/commands", list(sent))
    assert answer.status == 200, answer.text
    return [result["status"] for result in answer.json["results"]]


def contents(data: Path) -> dict[str, str]:
    files = [path for path in data.rglob("*") if path.is_file() and path.name != "lock"]
    return {path.relative_to(data).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def listening_addresses(pid: int) -> set[str]:
    """The addresses of a process's listening TCP sockets, as /proc writes them."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = str(descriptor.readlink())
        if target.startswith("socket:["):
            sockets.add(target.removeprefix("socket:[").removesuffix("]"))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTENING and columns[9] in sockets:
                found.add(columns[1].partition(":")[0])
    return found
