"""What `labkit doctor` sees of a machine, a project and a data directory, and what it says to do."""

import fcntl
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkit import doctor
from labkit.doctor import Doctor, Line, is_held
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE, Answers, read_answers, write_answers
from labkit.scaffold.git import git_in
from labkit.scaffold.render import render
from labkit.verbs.doctor import build
from ledger.domain.vocabulary import Language

if TYPE_CHECKING:
    from tests.lab.conftest import FakeInstance

PACKAGE = "demande_auscultee"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = render("base", {"project_slug": "demande", "package_name": PACKAGE}, tmp_path)
    branch.start(folder, folder, "labkit new base")
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def lines(folder: Path, data: Path | None = None, language: Language = "en") -> list[Line]:
    return Doctor(Texts(language), folder=folder, data=data or folder / ".collectivilab").lines()


def states(found: list[Line], containing: str) -> list[str]:
    return [line.state for line in found if containing in line.what]


def test_a_new_project_is_well(project: Path) -> None:
    found = lines(project)

    assert "bad" not in {line.state for line in found}
    assert states(found, "Made from base by the kit") == ["ok"]
    assert states(found, "labkit/template is there") == ["ok"]
    assert states(found, "Votre demande: 1 pages, channels web, phase prototype") == ["ok"]
    assert states(found, "No data yet") == ["ok"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_folder_without_a_project_is_told_with_the_rest(tmp_path: Path, language: Language) -> None:
    found = lines(tmp_path, language=language)

    (line,) = [line for line in found if "labkit.toml" in line.what]
    assert (line.state, "labkit new" in line.mend) == ("warn", True)
    assert states(found, "Python") == ["ok"]


@pytest.mark.parametrize(
    ("kit", "state", "mend"), [("2020.1.0", "warn", "labkit update"), ("2999.1.0", "bad", "that kit or a later one")]
)
def test_the_kit_of_a_project_is_compared_with_this_one(project: Path, kit: str, state: str, mend: str) -> None:
    answers = read_answers(project / ANSWERS_FILE)
    write_answers(project / ANSWERS_FILE, Answers(answers.template, kit, answers.answers))

    (line,) = [line for line in lines(project) if f"by the kit {kit}" in line.what]

    assert (line.state, mend in line.mend) == (state, True)


def spoil_answers(project: Path) -> None:
    (project / ANSWERS_FILE).write_text("nonsense", encoding="utf-8")


def spoil_code(project: Path) -> None:
    (project / "src" / PACKAGE / "rules.py").write_text("def", encoding="utf-8")


def spoil_words(project: Path) -> None:
    (project / "src" / PACKAGE / "texts/en.toml").write_text('[service]\ntitle = "Your request"\n', encoding="utf-8")


def spoil_file_of_words(project: Path) -> None:
    (project / "src" / PACKAGE / "texts/fr.toml").write_bytes(b"\xff")


def spoil_theme(project: Path) -> None:
    theme = project / "theme.toml"
    theme.write_text(theme.read_text("utf-8").replace('text = "#15212a"', 'text = "#eeeeee"'), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_answers, "answers"),
        (spoil_code, "service"),
        (spoil_words, "missing"),
        (spoil_file_of_words, "fr.toml"),
        (spoil_theme, "Neutral"),
    ],
)
def test_what_is_broken_is_bad_and_the_rest_is_still_looked_at(
    project: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(project)

    found = lines(project)

    assert any(line.state == "bad" and said in line.what for line in found)
    assert states(found, "No data yet") == ["ok"]


def test_a_project_without_its_pristine_branch_is_warned(project: Path) -> None:
    git_in(project)("update-ref", "-d", branch.REF)

    assert states(lines(project), "labkit/template is missing") == ["warn"]


def test_little_room_on_the_disk_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK_WARN_BYTES", 10**18)
    assert states(lines(project), "GB free") == ["warn"]

    monkeypatch.setattr(doctor, "DISK_BAD_BYTES", 10**18)
    assert states(lines(project), "GB free") == ["bad"]


def test_a_data_directory_is_held_free_or_left_behind(tmp_path: Path, data: Path) -> None:
    assert not is_held(data)
    assert states(lines(tmp_path, data), "without tidying up") == ["warn"]

    with (data / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert is_held(data)
        found = lines(tmp_path, data)
    assert states(found, "is held by process 1") == ["ok"]
    assert states(found, "The ledger answers, at position 0") == ["ok"]
    assert states(found, "inbox: 0 behind") == ["ok"]

    (data / "run.json").unlink()
    assert states(lines(tmp_path, data), "Nobody holds") == ["ok"]


def test_an_instance_that_does_not_answer_is_bad(tmp_path: Path, data: Path, instance: "FakeInstance") -> None:
    instance.stop()
    with (data / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert "bad" in {line.state for line in lines(tmp_path, data)}


def test_the_verb_ends_with_its_code_for_people_and_for_programs(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ran(*arguments: str) -> tuple[object, str]:
        with pytest.raises(SystemExit) as ended:
            build(Texts("en")).main(["--project", str(project), "--data", str(project / "data"), *arguments])
        return ended.value.code, capsys.readouterr().out

    code, out = ran()
    assert (code, out.splitlines()[0].startswith("✓ Python")) == (ExitCode.OK, True)

    spoil_words(project)
    code, out = ran("--json")
    assert code == ExitCode.FOUND
    assert {"state", "what", "mend"} == set(json.loads(out)[0])
