"""What a person or a script meets at the command line: answers, messages, exit codes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from labkit.cli import VERBS, main
from labkit.controls.commands import close_case, hand_over_case, reopen_case
from labkit.exit_codes import ExitCode
from labkit.simulate.residents import Life
from labkit.simulate.territory import load_territory
from ledger.domain.commands import OpenCase
from ledger.domain.identifiers import CommandId

if TYPE_CHECKING:
    from tests.lab.conftest import FakeInstance

LOG = """<log><trace><string key="concept:name" value="case-1"/>
<event><string key="concept:name" value="Receive"/><date key="time:timestamp" value="2024-03-01T09:00:00Z"/></event>
</trace>"""


class Said:
    """What a run of `labkit` wrote, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self.out)
        return answer


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LABKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> "Run":
    return Run(capsys)


class Run:
    """Runs `labkit` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)


@pytest.fixture
def opened(instance: "FakeInstance") -> OpenCase:
    """Let some residents live; return how one of their cases was opened."""
    life = Life(3, load_territory(), lambda: datetime.now(UTC))
    commands = [*life.foundation(), *life.past()]
    for command in commands:
        instance.submit(command)
    return next(c for c in commands if isinstance(c, OpenCase) and c.citizen is not None)


@pytest.mark.parametrize("verb", [(), *((module.__name__.rpartition(".")[2],) for module in VERBS)])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_is_there_in_both_languages(run: Run, verb: tuple[str, ...], language: str) -> None:
    typed = {"imports": "import xes", "exporting": "export ocel", "listing": "list", "add": "add event"}
    name = [word for module in verb for word in typed.get(module, module).split()]
    said = run(*name, "--help", "--lang", language)
    assert said.code == ExitCode.OK
    assert ("Show this help" if language == "en" else "Afficher cette aide") in said.out


def test_the_help_lists_every_exit_code(run: Run) -> None:
    shown = run("--help").out
    assert all(f" {code.value}  " in shown for code in ExitCode)


def test_nothing_is_coloured_when_piped(run: Run, data: Path, opened: OpenCase) -> None:
    for verb in (("--help",), ("status", "--data", data), ("tail", "--once", "--data", data)):
        assert "\x1b" not in run(*verb).out


@pytest.mark.parametrize("verb", [("status",), ("tail", "--once"), ("history", "x"), ("forget", UUID(int=1), "--yes")])
def test_nothing_running_has_its_own_exit_code(run: Run, tmp_path: Path, verb: tuple[object, ...]) -> None:
    said = run(*verb, "--data", tmp_path)
    assert (said.code, said.out) == (ExitCode.NOTHING_RUNNING, "")
    assert "labkit up" in said.err


def test_an_instance_that_died_is_nothing_running(run: Run, data: Path, instance: "FakeInstance") -> None:
    instance.stop()
    assert run("status", "--data", data).code == ExitCode.NOTHING_RUNNING


def test_a_failure_is_json_when_json_was_asked_for(run: Run, tmp_path: Path) -> None:
    said = run("status", "--json", "--data", tmp_path, "--lang", "fr")
    told = json.loads(said.err)
    assert (told["error"], told["exit_code"], said.out) == ("nothing-running", 3, "")
    assert told["message"].startswith("Rien ne tourne")


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("status", "--colour"), ("--lang", "de", "status"), ("up", "--port", "0"), ("forget", "me")],
)
def test_a_wrong_command_line_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == ExitCode.USAGE


def test_status_shows_the_positions(run: Run, data: Path, opened: OpenCase, instance: "FakeInstance") -> None:
    shown = run("status", "--data", data).out
    assert shown.splitlines()[0].split() == ["ledger", f"{len(instance.events):,}"]
    assert "view inbox" in shown


def test_status_in_json_is_what_the_instance_says(run: Run, data: Path) -> None:
    whole = {"ledger": {"position": 0}, "stream": {"position": 0}, "views": [{"name": "inbox", "position": 0}]}
    assert run("status", "--json", "--data", data).json == whole


def test_tail_shows_the_last_events_and_stops(run: Run, data: Path, opened: OpenCase, instance: "FakeInstance") -> None:
    shown = run("tail", "--once", "--data", data).out.splitlines()
    assert len(shown) == 10
    assert shown[-1].split()[0] == str(len(instance.events))


def test_tail_begins_after_a_position(run: Run, data: Path, opened: OpenCase, instance: "FakeInstance") -> None:
    shown = run("tail", "--once", "--since", "3", "--data", data, "--lang", "fr").out.splitlines()
    assert len(shown) == len(instance.events) - 3
    assert "collectivité inscrite" in shown[0]


def test_tail_in_json_is_one_object_a_line(run: Run, data: Path, opened: OpenCase) -> None:
    lines = run("tail", "--once", "--json", "--data", data).out.splitlines()
    assert len({json.loads(line)["position"] for line in lines}) == 10


def test_tail_of_an_empty_ledger_says_nothing(run: Run, data: Path) -> None:
    assert run("tail", "--once", "--data", data).out == ""


def test_history_tells_the_story_of_a_case(run: Run, data: Path, opened: OpenCase) -> None:
    shown = run("history", opened.case_id, "--data", data).out.splitlines()
    assert "case opened" in shown[0]
    assert len(shown) > 3


def test_history_knows_a_case_by_its_reference(run: Run, data: Path, opened: OpenCase) -> None:
    told = run("history", opened.reference, "--json", "--data", data).json
    rows = told["rows"]
    assert told["case"] == str(opened.case_id)
    assert isinstance(rows, list)
    assert rows[0]["event"] == "case-opened.v1"


def test_a_long_history_is_read_page_by_page(
    run: Run, data: Path, opened: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("history", opened.case_id, "--data", data).out
    monkeypatch.setattr("labkit.verbs.history.ROWS_A_PAGE", 2)
    assert run("history", opened.case_id, "--data", data).out == whole


@pytest.mark.parametrize("case", [UUID(int=5), "EC-NOBODY"])
def test_an_unknown_case_has_no_history(run: Run, data: Path, case: object) -> None:
    said = run("history", case, "--data", data)
    assert said.code == ExitCode.REFUSED
    assert str(case) in said.err


def test_personal_texts_are_never_shown(run: Run, data: Path, opened: OpenCase) -> None:
    assert opened.summary
    assert opened.summary not in run("history", opened.case_id, "--data", data).out


def test_why_a_case_was_closed_is_shown_and_why_it_goes_on_is_not(
    run: Run, data: Path, opened: OpenCase, instance: "FakeInstance"
) -> None:
    again = replace(close_case(), command_id=CommandId(uuid4()))
    for asked in (close_case(), reopen_case(), hand_over_case(), again):
        instance.submit(replace(asked, case_id=opened.case_id))
    reopened, handed_over, closed = run("history", opened.case_id, "--data", data).out.splitlines()[-3:]
    assert reopened.endswith("case reopened")
    assert handed_over.endswith(f"case handed over  {hand_over_case().to_unit} · {opened.authority}")
    assert closed.endswith(f"case closed  {close_case().reason}")


def test_an_import_ends_with_a_summary(run: Run, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.xes"
    log.write_text(f"{LOG}</log>")
    said = run("import", "xes", log, "--data", data)
    assert said.code == ExitCode.OK
    assert said.out.startswith("Cases in the ledger: 1. Commands: 4 accepted, 0 unchanged, 0 refused. Position 5")


def test_an_import_in_json_counts(run: Run, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.xes"
    log.write_text(f"{LOG}</log>")
    told = run("import", "xes", log, "--json", "--data", data).json
    expected = {"cases": 1, "accepted": 4, "unchanged": 0, "refused": 0, "position": 5, "refusals": []}
    assert {**told, "seconds": 0} == {**expected, "seconds": 0}


def test_an_import_for_another_authority(run: Run, data: Path, tmp_path: Path, instance: "FakeInstance") -> None:
    log = tmp_path / "log.xes"
    log.write_text(f"{LOG}</log>")
    assert run("import", "xes", log, "--authority", "216404459", "--data", data).code == ExitCode.OK
    assert instance.requests[0][0].stream_id != instance.requests[0][2].stream_id
    assert run("import", "xes", log, "--authority", "216404450", "--data", data).code == ExitCode.BAD_INPUT


def test_a_broken_log_says_where_and_that_mending_is_safe(run: Run, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.xes"
    log.write_text(f"{LOG}\n<trace><string key=")
    said = run("import", "xes", log, "--data", data)
    assert said.code == ExitCode.BAD_INPUT
    assert said.out.startswith("Cases in the ledger: 1.")
    assert "Line 4" in said.err
    assert "What came before it is in the ledger (cases: 1)." in said.err


@pytest.mark.parametrize("content", [b"", b"<html/>", b"\x1f\x8bjunk", b"<log/>"])
def test_a_file_that_is_no_log_is_bad_input(run: Run, data: Path, tmp_path: Path, content: bytes) -> None:
    log = tmp_path / "log.xes"
    log.write_bytes(content)
    said = run("import", "xes", log, "--data", data)
    assert (said.code, said.out) == (ExitCode.BAD_INPUT, "")
    assert said.err.startswith("Line ")


def test_a_missing_file_or_mapping_is_bad_input(run: Run, data: Path, tmp_path: Path) -> None:
    assert run("import", "xes", tmp_path / "no.xes", "--data", data).code == ExitCode.BAD_INPUT
    log = tmp_path / "log.xes"
    log.write_text(f"{LOG}</log>")
    assert run("import", "xes", log, "--mapping", tmp_path / "no.toml", "--data", data).code == ExitCode.BAD_INPUT


def test_refused_commands_are_shown_and_change_the_exit_code(
    run: Run, data: Path, tmp_path: Path, instance: "FakeInstance"
) -> None:
    log = tmp_path / "log.xes"
    ahead = f"{LOG}</log>".replace("2024", "2999")
    log.write_text(ahead)
    said = run("import", "xes", log, "--data", data)
    assert said.code == ExitCode.REFUSED
    assert "4 refused" in said.out
    assert "ahead of the ledger" in said.out


def test_a_full_disk_has_its_own_exit_code(run: Run, data: Path, tmp_path: Path, instance: "FakeInstance") -> None:
    log = tmp_path / "log.xes"
    log.write_text(f"{LOG}</log>")
    instance.answer_with = [(507, {"title": "disk full", "detail": "free some space"})]
    said = run("import", "xes", log, "--data", data)
    assert said.code == ExitCode.STORAGE
    assert "free some space" in said.err


def test_a_citizen_is_forgotten_once_confirmed(run: Run, data: Path, opened: OpenCase) -> None:
    said = run("forget", opened.citizen, "--yes", "--json", "--data", data)
    assert said.json["status"] == "accepted"
    again = run("forget", opened.citizen, "--yes", "--legal-basis", "RGPD art. 17.1.b", "--data", data)
    assert again.code == ExitCode.OK


def test_nobody_is_forgotten_unattended_by_mistake(run: Run, data: Path, instance: "FakeInstance") -> None:
    said = run("forget", uuid4(), "--data", data)
    assert said.code == ExitCode.USAGE
    assert "--yes" in said.err
    assert not instance.agents


def test_a_refusal_by_a_rule_has_its_own_exit_code(run: Run, data: Path, instance: "FakeInstance") -> None:
    instance.answer_with = [(404, {"title": "unknown citizen", "detail": "check the reference"})]
    said = run("forget", uuid4(), "--yes", "--data", data)
    assert said.code == ExitCode.REFUSED
    assert "check the reference" in said.err


def test_an_answer_of_something_else_is_strange(run: Run, data: Path, instance: "FakeInstance") -> None:
    instance.answer_with = [(200, {"hello": "world"})]
    assert run("forget", uuid4(), "--yes", "--data", data).code == ExitCode.NOTHING_RUNNING


@pytest.mark.parametrize("arguments", [(), ("inbox", "--all")])
def test_a_rebuild_names_views_or_all_of_them(run: Run, data: Path, arguments: tuple[str, ...]) -> None:
    assert run("rebuild", *arguments, "--data", data).code == ExitCode.USAGE


def test_an_interruption_has_its_own_exit_code(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("labkit.client.Client.get", interrupted)
    assert run("status", "--data", data).code == ExitCode.INTERRUPTED


def test_a_defect_is_shown_whole_and_has_its_own_exit_code(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defective(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("labkit.client.Client.get", defective)
    said = run("status", "--data", data)
    assert said.code == ExitCode.DEFECT
    assert "ZeroDivisionError" in said.err
