"""`labkit webhook` as an operator uses it, beside no run and beside a running one."""

import json
import os
import signal
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import to_builtins

from labkit import cli
from labkit.controls import cast, commands
from labkit.exit_codes import ExitCode
from labkit.integrators.credentials import fresh_secrets, integrator_of
from ledger.access.grants import Grant
from ledger.access.registry import Registry
from ledger.store.database import StoreIsNewer
from ledger.webhooks import database
from ledger.webhooks.database import AnotherSender, only_sender, open_database
from tests.running import running_instance, wait_for
from tests.webhooks.town_post import Clock, Post, Receiver

Labkit = Callable[..., tuple[int, Any]]


@pytest.fixture
def labkit(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Labkit:
    monkeypatch.chdir(tmp_path)
    Registry(tmp_path).add(integrator_of("kiosk", Grant(authority=cast.PAU), fresh_secrets(), datetime.now(UTC)))

    def run(*arguments: str, data: Path = tmp_path) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as end:
            cli.main(["webhook", *arguments, "--data", str(data), "--json"])
        said = capsys.readouterr()
        return int(str(end.value.code)), json.loads(said.out or said.err)

    return run


def add(labkit: Labkit, url: str = "https://kiosk.example/in") -> tuple[int, Any]:
    return labkit("add", "kiosk", url)


def test_the_secret_is_in_two_files_that_their_owner_alone_may_read(labkit: Labkit, tmp_path: Path) -> None:
    code, told = add(labkit)

    assert (code, told["after"]) == (ExitCode.OK, 0)
    handed = json.loads(Path(told["credentials"]).read_bytes())
    assert handed.keys() == {"name", "url", "secret"}
    assert handed["secret"].startswith("whsec_")
    assert "secret" not in told
    kept = [path for path in tmp_path.iterdir() if handed["secret"].encode() in path.read_bytes()]
    assert {path.name.partition("-")[0] for path in kept} <= {"kiosk.webhook.json", database.FILE}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*webhook*")} == {0o600}


def test_what_cannot_be_added_leaves_nothing_behind(labkit: Labkit, tmp_path: Path) -> None:
    assert labkit("add", "nobody", "https://kiosk.example/")[1]["error"] == "unknown-integrator"
    assert add(labkit, "http://kiosk.example/")[1]["error"] == "bad-webhook-address"
    assert labkit("list") == (ExitCode.OK, [])
    assert not (tmp_path / database.FILE).exists()

    add(labkit)
    assert add(labkit)[1]["error"] == "credentials-exist"
    assert labkit("add", "kiosk", "https://kiosk.example/", "--output", "other.json")[1]["error"] == "webhook-exists"
    assert not (tmp_path / "other.json").exists()


@pytest.mark.parametrize("asked", [["remove"], ["dead"], ["enable"], ["replay", "--all"]])
def test_an_integrator_without_a_webhook_is_named(labkit: Labkit, tmp_path: Path, asked: list[str]) -> None:
    code, told = labkit(asked[0], "kiosk", *asked[1:])

    assert (code, told["error"]) == (ExitCode.REFUSED, "unknown-webhook")
    assert not (tmp_path / database.FILE).exists()


def test_what_was_removed_can_be_added_anew(labkit: Labkit) -> None:
    add(labkit)

    assert labkit("remove", "kiosk") == (ExitCode.OK, {"name": "kiosk", "removed": True})
    assert labkit("list") == (ExitCode.OK, [])
    assert labkit("add", "kiosk", "https://kiosk.example/", "--output", "other.json")[0] == ExitCode.OK


def test_dead_letters_are_listed_replayed_and_told_by_the_exit_code(
    labkit: Labkit, post: Post, receiver: Receiver
) -> None:
    integrator = post.registry.get("kiosk")
    post.endpoints.add(integrator, receiver.url, secret=receiver.secret, after=0, at=post.clock.now)
    event = post.log.add(str(UUID(int=1)))
    assert labkit("list")[0] == ExitCode.OK
    receiver.answer = lambda _: 500
    post.deliver()
    assert labkit("list")[0] == ExitCode.OK
    post.live(days=4)

    code, (listed,) = labkit("list")
    assert (code, listed["dead"], listed["state"]) == (ExitCode.FOUND, 1, "failing")
    code, (letter,) = labkit("dead", "kiosk")
    assert (code, letter["event_id"], letter["outcome"]) == (ExitCode.FOUND, str(event.event_id), "500")
    assert labkit("replay", "kiosk", "nothing")[1]["error"] == "unknown-dead-letter"
    assert labkit("replay", "kiosk", letter["event_id"]) == (ExitCode.OK, {"name": "kiosk", "replayed": 1})
    assert labkit("dead", "kiosk") == (ExitCode.OK, [])


def test_an_endpoint_that_is_off_is_told_by_the_exit_code(labkit: Labkit, post: Post, receiver: Receiver) -> None:
    integrator = post.registry.get("kiosk")
    post.endpoints.add(integrator, receiver.url, secret=receiver.secret, after=0, at=post.clock.now)
    post.log.add(str(UUID(int=1)))
    receiver.answer = lambda _: 410
    post.deliver()

    code, (listed,) = labkit("list")
    assert (code, listed["state"], listed["off_reason"], listed["waiting"]) == (ExitCode.FOUND, "off", "gone", 1)
    assert labkit("enable", "kiosk")[0] == ExitCode.OK
    assert labkit("list")[0] == ExitCode.OK

    post.registry.remove("kiosk")
    code, (listed,) = labkit("list")
    assert (code, listed["state"]) == (ExitCode.FOUND, "revoked")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_people_are_shown_where_to_and_how_it_goes(
    labkit: Labkit, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    add(labkit)

    with pytest.raises(SystemExit):
        cli.main(["webhook", "list", "--data", str(tmp_path), "--lang", language])

    assert "https://kiosk.example/in" in capsys.readouterr().out


def test_two_senders_never_deliver_from_one_directory(tmp_path: Path) -> None:
    with only_sender(tmp_path), pytest.raises(AnotherSender), only_sender(tmp_path):
        pass


def test_the_file_of_a_newer_version_is_left_alone(tmp_path: Path, labkit: Labkit) -> None:
    newer = open_database(tmp_path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()

    with pytest.raises(StoreIsNewer):
        open_database(tmp_path)
    assert labkit("list")[1]["error"] == "newer-data"


def test_a_run_begins_to_deliver_when_somebody_is_added_and_goes_on_when_it_is_killed(
    labkit: Labkit, receiver: Receiver, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    with running_instance(data) as running:
        Registry(data).add(integrator_of("kiosk", Grant(authority=cast.PAU), fresh_secrets(), datetime.now(UTC)))
        running.post("/commands", [to_builtins(commands.register_authority())])
        assert "webhooks" not in running.pids()

        clock.now = datetime.now(UTC)
        handed = labkit("add", "kiosk", receiver.url, "--since", "0", data=data)[1]["credentials"]
        receiver.secret = json.loads(Path(handed).read_bytes())["secret"]
        wait_for(lambda: len(receiver.seen) == 1, 20, running.said)
        os.kill(running.pids()["webhooks"], signal.SIGKILL)
        running.post("/commands", [to_builtins(commands.publish_service())])
        wait_for(lambda: len({each.event_id for each in receiver.seen}) == 2, 20, running.said)

        receiver.answer = lambda _: 410
        running.post("/commands", [to_builtins(commands.open_case())])
        wait_for(lambda: labkit("list", data=data)[0] == ExitCode.FOUND, 20, running.said)
        with pytest.raises(SystemExit):
            cli.main(["status", "--data", str(data)])
        assert "webhook kiosk: off since" in capsys.readouterr().out

    assert [each.event["type"] for each in receiver.accepted()][-1].endswith("service-published.v1")
