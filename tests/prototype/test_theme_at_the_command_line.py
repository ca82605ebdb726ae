"""What `labkit theme` answers to people and to programs."""

import json
from pathlib import Path

import pytest

from labkit.cli import main
from labkit.exit_codes import ExitCode
from labkit.prototype.look.contrast import PAIRS
from labkit.prototype.look.theme import THEMES, read_theme

NEUTRAL = THEMES / "neutral.toml"


@pytest.fixture
def faint(tmp_path: Path) -> Path:
    file = tmp_path / "theme.toml"
    file.write_text(NEUTRAL.read_text("utf-8").replace("#4b5a65", "#9aa8b2"), "utf-8")
    return file


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LABKIT_LANG", "en")
    return Run(capsys)


class Run:
    """Runs `labkit theme` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["theme", *(str(argument) for argument in arguments)])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err


def test_a_theme_that_can_be_read_passes(run: Run) -> None:
    code, out, _ = run("check", NEUTRAL)
    assert code == ExitCode.OK
    assert f"all {2 * len(PAIRS)} pairs can be read" in out


def test_a_theme_that_cannot_be_read_is_found_out_and_mended(run: Run, faint: Path) -> None:
    code, out, _ = run("check", faint, "--lang", "fr")
    assert code == ExitCode.FOUND
    assert "De jour : muted sur ground fait 2,2" in out
    assert 'Dans [light], écrivez muted = "#' in out
    mended = out.partition('muted = "')[2][:7]
    faint.write_text(faint.read_text("utf-8").replace("#9aa8b2", mended), "utf-8")
    assert run("check", faint)[0] == ExitCode.OK


def test_programs_read_the_problems(run: Run, faint: Path) -> None:
    code, out, _ = run("check", faint, "--json")
    assert code == ExitCode.FOUND
    assert {problem["token"] for problem in json.loads(out)} == {"muted"}


def test_every_pair_is_shown_with_its_verdict(run: Run, faint: Path) -> None:
    code, out, _ = run("show", faint)
    assert code == ExitCode.FOUND
    assert (out.count("can be read"), out.count("cannot be read")) == (2 * len(PAIRS) - 3, 3)
    assert len(json.loads(run("show", NEUTRAL, "--json")[1])) == 2 * len(PAIRS)


def test_a_theme_is_made_from_one_colour(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("new", "--accent", "#0B6E4F", "--name", "Valmarsan")
    assert (code, read_theme(tmp_path / "theme.toml").light.accent) == (ExitCode.OK, "#0b6e4f")
    assert "has its place" not in out
    assert run("check")[0] == ExitCode.OK


def test_a_colour_that_had_to_move_is_told(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("new", tmp_path / "jaune.toml", "--accent", "#ffd500", "--name", "Jaune")
    assert "Text could not be read on #ffd500" in out


def test_no_theme_is_written_over_unasked(run: Run, faint: Path) -> None:
    before = faint.read_text("utf-8")
    code, _, err = run("new", faint, "--accent", "#0b6e4f", "--name", "Valmarsan")
    assert (code, faint.read_text("utf-8")) == (ExitCode.BAD_INPUT, before)
    assert "--force" in err
    assert run("new", faint, "--accent", "#0b6e4f", "--name", "Valmarsan", "--force")[0] == ExitCode.OK


def test_a_theme_has_a_name_and_a_place_that_can_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert run("new", tmp_path / "x.toml", "--accent", "#0b57d0", "--name", " ")[0] == ExitCode.USAGE
    assert run("new", tmp_path / "file" / "x.toml", "--accent", "#0b57d0", "--name", "X")[0] == ExitCode.STORAGE
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_what_is_no_colour_is_refused(run: Run, tmp_path: Path) -> None:
    code, _, err = run("new", tmp_path / "theme.toml", "--accent", "green", "--name", "Vert")
    assert code == ExitCode.BAD_INPUT
    assert "#rrggbb" in err
    assert not (tmp_path / "theme.toml").exists()
