"""An instance that runs: it audits itself, tells of its health, and its stream is made anew under its feet."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from labkit.cli import main
from labkit.controls import commands
from labkit.exit_codes import ExitCode
from labkit.restreaming.run import rebuild_stream
from ledger.domain.identifiers import CaseId, CommandId, InteractionId
from tests.running import RunningInstance, running_instance, wait_for

KEYS = {"ledger", "stream", "views", "audit", "acknowledgement", "version"}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """A town with some cases."""
    with running_instance(tmp_path_factory.mktemp("audited") / "data") as running:
        tell(running, commands.register_authority(), commands.publish_service(), *(a_case() for _ in range(20)))
        yield running


@pytest.fixture(autouse=True)
def _of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the verbs look for the instance, and nowhere else."""
    for name in ("DATABASE_URL", "NATS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABKIT_LANG", "en")


def a_case() -> Any:
    return replace(
        commands.open_case(),
        command_id=CommandId(uuid4()),
        case_id=CaseId(uuid4()),
        interaction_id=InteractionId(uuid4()),
    )


def tell(running: RunningInstance, *told: Any) -> None:
    answer = running.post("/commands", to_builtins(told))
    assert {result["status"] for result in answer.json["results"]} == {"accepted"}, answer.text
    running.wait_until_views_reach(answer.json["position"])


def labkit(instance: RunningInstance, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--data", str(instance.data)])
    return int(str(ended.value.code))


def test_it_says_that_it_lives_and_is_ready(instance: RunningInstance) -> None:
    live, ready = instance.get("/health/live"), instance.get("/health/ready")

    assert (live.status, live.json["status"]) == (200, "live")
    assert (ready.status, ready.json["status"], ready.json["concerns"]) == (200, "ready", [])
    assert ready.json["position"] == instance.ledger_position()


def test_its_status_says_what_was_audited_and_what_an_acknowledgement_means(
    instance: RunningInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    wait_for(lambda: instance.get("/status").json["audit"]["checked"] > 0, 60, lambda: instance.get("/status").text)

    told = instance.get("/status").json
    assert set(told) == KEYS
    assert told["audit"]["findings"] == []
    assert told["acknowledgement"] == {"store": "sqlite", "ledger": "disk", "stream": "page-cache"}
    assert labkit(instance, "status") == ExitCode.OK
    assert "audited: the same up to position" in capsys.readouterr().out


def test_an_audit_of_what_runs_finds_nothing(instance: RunningInstance, capsys: pytest.CaptureFixture[str]) -> None:
    assert labkit(instance, "audit", "--deep", "--json") == ExitCode.OK

    told = json.loads(capsys.readouterr().out)
    assert (told["head"], told["findings"]) == (instance.ledger_position(), [])


@pytest.mark.parametrize(("new_epoch", "number"), [(False, 1), (True, 2)])
def test_a_stream_made_anew_while_all_runs_goes_on_for_relay_and_views(
    instance: RunningInstance, *, new_epoch: bool, number: int
) -> None:
    made = rebuild_stream(instance.data, new_epoch=new_epoch)
    tell(instance, a_case())

    assert (made.events, made.epoch) == (instance.ledger_position() - 2, number)
    assert labkit(instance, "audit") == ExitCode.OK


@pytest.mark.parametrize("arguments", [("stream", "inbox"), ("inbox", "--new-epoch"), ("stream", "--all")])
def test_the_stream_is_rebuilt_alone(instance: RunningInstance, arguments: tuple[str, ...]) -> None:
    assert labkit(instance, "rebuild", *arguments) == ExitCode.USAGE
