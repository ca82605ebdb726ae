"""The list between a prototype and production: what is checked, what people settle, and when a phase may begin."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import labkit
from labkit.checks.overdue import overdue_trials
from labkit.exit_codes import ExitCode
from labkit.failures import StorageFailed
from labkit.graduate import Graduate, Graduation, Item, markdown, set_phase
from labkit.graduate_tasks import PHASES, TASKS
from labkit.messages import Texts
from labkit.prototype.cases import Cases
from labkit.prototype.kit_events import TrialBegun, TrialPrepared
from labkit.prototype.passwords import Passwords
from labkit.prototype.project import Project
from labkit.prototype.trials import KEPT, begin, erase, prepare
from labkit.scaffold.render import render
from labkit.verbs.graduate import build
from ledger.application import CaseLedger
from ledger.domain.vocabulary import Channel, Language
from ledger.settings import Settings

PACKAGE = "demande_diplomee"
Run = Callable[..., tuple[object, str]]


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render("base", {"project_slug": "demande", "package_name": PACKAGE}, tmp_path_factory.mktemp("baked"))


@pytest.fixture
def project(baked: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("PYTHONPATH", str(Path(labkit.__file__).parents[1]))
    monkeypatch.delenv("LABKIT_PASSWORD", raising=False)
    yield baked
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def run(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def ran(*arguments: object, language: Language = "en") -> tuple[object, str]:
        given = ["--project", str(project), "--data", str(tmp_path / "data"), *map(str, arguments)]
        with pytest.raises(SystemExit) as ended:
            build(Texts(language)).main(given, prog_name="graduate")
        return ended.value.code, capsys.readouterr().out

    return ran


def test_every_task_of_people_has_its_words_in_both_languages() -> None:
    for language in ("en", "fr"):
        say = Texts(language)
        assert all(say(task.what) and say(task.why) and say(task.who) for task in TASKS)
    assert {task.before for task in TASKS} == set(PHASES[1:])


@pytest.mark.timeout(300)
def test_a_new_project_is_judged_and_its_phase_left_alone(project: Path, tmp_path: Path) -> None:
    Passwords(tmp_path).add("Atelier")
    before = (project / "labkit.toml").read_bytes()

    graduation = Graduate(Texts("en"), folder=project, data=tmp_path).graduation()

    states = {item.what: item.state for item in graduation.items if item.who == "labkit"}
    assert states["`labkit check` finds nothing that must be mended"] == "done"
    assert states["The project’s tests pass"] == "done"
    assert states["A password opens the prototype"] == "done"
    assert states["Search engines are told to stay away"] == "done"
    assert states["The service has a KPI of its own"] == "open"
    assert states["axe finds nothing by the criteria of the RGAA that it can check"] == "unknown"
    assert [item.what for item in graduation.open_until("experiment")] == ["The service has a KPI of its own"]
    assert len([item for item in graduation.items if item.state == "person"]) == len(TASKS)
    assert (project / "labkit.toml").read_bytes() == before


@pytest.mark.timeout(300)
def test_a_phase_begins_only_when_nothing_that_was_checked_stands_against_it(project: Path, run: Run) -> None:
    before = (project / "labkit.toml").read_text(encoding="utf-8")

    code, out = run("--phase", "experiment", "--json")
    assert (code, json.loads(out)["phase"]) == (ExitCode.FOUND, "prototype")
    assert (project / "labkit.toml").read_text(encoding="utf-8") == before


@pytest.mark.timeout(300)
def test_the_list_is_written_as_a_page_to_be_ticked(tmp_path: Path, run: Run) -> None:
    code, out = run("--output", tmp_path / "graduation.md", language="fr")

    page = (tmp_path / "graduation.md").read_text(encoding="utf-8")
    assert (code, "graduation.md" in out) == (ExitCode.OK, True)
    assert page.startswith("# Votre demande : vers la production\n")
    assert "- [x] **Les tests du projet réussissent** (labkit)" in page
    assert "- [ ] **Le traitement est au registre** (délégué à la protection des données). RGPD art. 30." in page


@pytest.mark.timeout(300)
def test_the_data_are_those_of_the_project_and_a_page_that_cannot_be_written_is_said(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Passwords(project / ".collectivilab").add("Mairie")
    (tmp_path / "file").touch()

    with pytest.raises(SystemExit) as ended:
        build(Texts("en")).main(["--project", str(project), "--output", "file/page.md", "--json"])

    told = json.loads(capsys.readouterr().out)["items"]
    (password,) = [item for item in told if item["what"] == Texts("en")("graduate.password")]
    assert (ended.value.code, password["state"]) == (ExitCode.STORAGE, "done")
    shutil.rmtree(project / ".collectivilab")


def test_a_page_has_each_phase_and_each_line_once() -> None:
    items = tuple(
        Item(before=phase, state="done", what=f"What {phase}", why="Why.", who="labkit") for phase in PHASES[1:]
    )

    page = markdown(Graduation(project="P", phase="prototype", items=items), Texts("en"))

    assert [page.count(f"- [x] **What {phase}** (labkit). Why.") for phase in PHASES[1:]] == [1, 1, 1]
    assert page.count("\n## Before ") == len(PHASES) - 1


def test_a_phase_is_written_among_the_comments_of_the_manifest(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "labkit.toml"
    copy.write_bytes((project / "labkit.toml").read_bytes())

    set_phase(Project(tmp_path), "construction")

    assert Project(tmp_path).manifest.project.phase == "construction"
    changed = copy.read_text(encoding="utf-8")
    assert 'phase = "construction" # then:' in changed
    before = changed.replace('phase = "construction"', 'phase = "prototype"')
    assert before == (project / "labkit.toml").read_text(encoding="utf-8")


def test_a_trial_kept_longer_than_its_participant_was_told_is_counted_until_it_is_erased(
    project: Path, tmp_path: Path
) -> None:
    opened, now = Project(project), datetime.now(UTC)
    with CaseLedger(Settings(data=tmp_path)) as ledger:
        cases = Cases(ledger, opened.service(), opened.offer())
        cases.publish()
        trials = [prepare(cases, cases.open(Channel.WEB).id, TrialPrepared(label=f"P{rank}")) for rank in (1, 2)]
        begun = [begin(cases, trial, "fr.1") for trial in trials]
        cases.open(Channel.WEB)
        erase(cases, begun[0])
    assert begun[1].case.latest(TrialBegun) is not None

    assert overdue_trials(tmp_path, now) == 0
    assert overdue_trials(tmp_path, now + KEPT + timedelta(minutes=1)) == 1
    assert overdue_trials(tmp_path / "elsewhere", now) == 0
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "ledger.db").write_text("no ledger", encoding="utf-8")
    with pytest.raises(StorageFailed):
        overdue_trials(tmp_path / "broken", now)
    assert not (tmp_path / "elsewhere").exists()
