"""`labkit add` in a canteen: what it adds is whole, twice is once, and what it cannot do it leaves alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import labkit
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.scaffold.answers import ANSWERS_FILE, read_answers
from labkit.scaffold.render import render
from labkit.verbs.add import build
from ledger.domain.vocabulary import Language
from tests.scaffold.making import tree

ADDITIONS = (
    (
        "event",
        "ALLERGY-SEEN",
        *(
            "--field",
            "severity:choice=mild,severe:personal",
            "--field",
            "seen_on:date",
            "--field",
            "note:lines:optional",
        ),
        *("--field", "cost:money:personal", "--field", "photo:file"),
    ),
    ("event", "kitchen_closed"),
    (
        "page",
        "Vacances d’été",
        *("--field", "starts_on:date", "--field", "days:choices=monday,tuesday:personal", "--field", "number:number"),
        *("--field", "email:email", "--after", "days"),
    ),
    ("page", "remark"),
    ("page", "visit", "--like", "condition"),
    ("page", "sport", "--like", "choices", "--after", "family"),
    ("page", "music", "--like", "choices"),
    ("page", "proof", "--like", "document"),
    ("page", "offer", "--like", "letter"),
    ("page", "control", "--desk", "--field", "clean:yes_no"),
    ("page", "doctor", "--desk", "--event", "kitchen-informed"),
    ("page", "tasting", "--event", "MealTasted", "--field", "meal:text"),
    ("variant", "price", "before", "after"),
    ("kpi", "sent-share"),
    ("channel", "courriel"),
    ("channel", "chatbot"),
)
NAMES = ["-".join(addition[:2]) for addition in ADDITIONS]


class Said:
    """What a run wrote, and how it ended."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Said]


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    answers = {"project_slug": "cantine", "package_name": "cantine_ajoutee"}
    return render("service-cantine", answers, tmp_path_factory.mktemp("baked"))


@pytest.fixture
def project(baked: Path, tmp_path: Path) -> Path:
    return copied(baked, tmp_path / "cantine")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def ran(*arguments: object, language: Language = "en") -> Said:
        with pytest.raises(SystemExit) as ended:
            build(Texts(language)).main([str(argument) for argument in arguments], prog_name="add")
        out, err = capsys.readouterr()
        return Said(ended.value.code, out, err)

    return ran


def copied(project: Path, to: Path) -> Path:
    for name, content in tree(project).items():
        file = to / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return to


def own_check(project: Path, *command: str) -> str:
    """Run one of the project's own checks; return what it says if it fails."""
    kit = str(Path(labkit.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=os.environ | {"PYTHONPATH": kit, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.timeout(900)
def test_whatever_is_added_the_project_stays_green_and_asking_twice_is_asking_once(
    project: Path, run: Run, type_cache: str
) -> None:
    for addition in ADDITIONS:
        added = json.loads(run(*addition, "--project", project, "--json").out)
        assert added["files"], addition
        assert any(file.startswith("tests/test_") for file in added["files"]), addition
        once = tree(project)
        again = run(*addition, "--project", project)
        assert (again.code, tree(project)) == (ExitCode.OK, once), addition
        assert "already there" in again.out

    assert own_check(project, "ruff", "check", "--no-cache", ".") == ""
    assert own_check(project, "ruff", "format", "--check", "--no-cache", ".") == ""
    assert own_check(project, "mypy", "--cache-dir", type_cache) == ""
    assert own_check(project, "pytest", "-q", "-p", "no:cacheprovider") == ""


def test_nothing_that_is_there_is_overwritten_by_a_channel(project: Path, run: Run) -> None:
    own = project / "src/cantine_ajoutee/channels/email.toml"
    own.write_text('address = "ours@example.org"\n', encoding="utf-8")

    run("channel", "email", "--project", project)

    assert own.read_text(encoding="utf-8") == 'address = "ours@example.org"\n'
    assert (project / "tests/test_email.py").exists()
    assert read_answers(project / ANSWERS_FILE).answers["channels"].endswith(", courriel")


def test_a_page_like_another_keeps_the_event_of_the_gallery_or_is_named_after_the_page(project: Path, run: Run) -> None:
    run("page", "sport", "--like", "choices", "--project", project)
    run("page", "music", "--like", "choices", "--project", project)

    events = (project / "src/cantine_ajoutee/events.py").read_text(encoding="utf-8")
    assert 'tag="activity-chosen.v1"' in events
    assert 'tag="music-chosen.v1"' in events
    assert 'Day = Literal["monday", "tuesday", "thursday", "friday"]' in events
    assert "days: tuple[ActivityChosenDay, ...]" in events


def test_a_field_never_gives_a_type_of_the_kit_another_meaning(project: Path, run: Run) -> None:
    run("event", "proof", "--field", "document:choice=passport,card", "--project", project)
    run("event", "scan", "--field", "page:file", "--project", project)

    events = (project / "src/cantine_ajoutee/events.py").read_text(encoding="utf-8")
    assert 'ProofDocument = Literal["passport", "card"]' in events
    assert "document: ProofDocument" in events
    assert "page: Document | None = None" in events


def test_words_are_made_from_names_and_keep_their_accents(project: Path, run: Run) -> None:
    run("page", "Vacances d’été", "--field", "first_name:text:personal", "--project", project)

    french = (project / "src/cantine_ajoutee/texts/fr.toml").read_text(encoding="utf-8")
    assert '[vacances-d-ete-given]\ntitle = "Vacances d été"\nfirst_name.label = "Prénom"\n' in french


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("event", "3-times"), ExitCode.USAGE, "letters first"),
        (("event", "import"), ExitCode.USAGE, "letters first"),
        (("event", "none"), ExitCode.USAGE, "letters first"),
        (("event", "document"), ExitCode.BAD_INPUT, "something else"),
        (("event", "x", "--field", "date:date"), ExitCode.USAGE, "not a field"),
        (("event", "x", "--field", "size:enormous"), ExitCode.USAGE, "not a field"),
        (("event", "x", "--field", "size:choice"), ExitCode.USAGE, "not a field"),
        (("event", "x", "--field", "size", "--field", "Size:number"), ExitCode.USAGE, "not a field"),
        (("event", "school"), ExitCode.BAD_INPUT, "something else"),
        (("page", "check"), ExitCode.BAD_INPUT, "something else"),
        (("page", "x", "--event", "nothing-there"), ExitCode.BAD_INPUT, "family-introduced"),
        (("page", "x", "--after", "nowhere"), ExitCode.BAD_INPUT, "family, child, days"),
        (("page", "x", "--like", "nothing"), ExitCode.USAGE, "short-answers"),
        (("page", "x", "--like", "choices", "--field", "a"), ExitCode.USAGE, "--like"),
        (("page", "x", "--event", "invoice-issued"), ExitCode.BAD_INPUT, "month of invoice-issued"),
        (("variant", "price", "before"), ExitCode.USAGE, "two variants"),
        (("variant", "price", "before", "BEFORE"), ExitCode.USAGE, "two variants"),
        (("kpi", "sum"), ExitCode.BAD_INPUT, "something else"),
        (("kpi", "follow"), ExitCode.BAD_INPUT, "something else"),
        (("channel", "carrier-pigeon"), ExitCode.USAGE, "guichet"),
        (("kpi",), ExitCode.USAGE, "what to call it"),
    ],
)
def test_what_cannot_be_added_is_said_and_changes_nothing(
    project: Path, run: Run, arguments: tuple[str, ...], code: ExitCode, said: str
) -> None:
    before = tree(project)

    ended = run(*arguments, "--project", project)

    assert (ended.code, tree(project)) == (code, before)
    assert said in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("src/cantine_ajoutee/service.py", "SERVICE = Service(", "OURS = Service("),
        ("src/cantine_ajoutee/service.py", "    pages=(", "    pages=PAGES + ("),
        ("src/cantine_ajoutee/service.py", "SERVICE = ", "SERVICE == "),
        ("src/cantine_ajoutee/service.py", "    DaysChosen,\n", "    DaysChosen,  # which days\n"),
        ("src/cantine_ajoutee/events.py", "class DaysChosen", "klass DaysChosen"),
        ("src/cantine_ajoutee/texts/fr.toml", "[service]", "[service"),
        ("personas.toml", "[nadia]", "[nadia"),
    ],
)
def test_a_project_edited_beyond_recognition_is_left_alone(
    project: Path, run: Run, file: str, old: str, new: str
) -> None:
    text = (project / file).read_text(encoding="utf-8")
    (project / file).write_text(text.replace(old, new), encoding="utf-8")
    before = tree(project)

    for language, advice in (("en", "Add by hand, in"), ("fr", "Ajoutez à la main, dans")):
        ended = run("page", "remark", "--project", project, language=language)
        assert (ended.code, tree(project)) == (ExitCode.BAD_INPUT, before)
        assert f"{advice} {file}" in ended.err


def test_a_file_that_cannot_be_read_is_said(project: Path, run: Run) -> None:
    (project / "src/cantine_ajoutee/kpis.py").write_bytes(b"# \xff")
    before = tree(project)

    ended = run("kpi", "sent-share", "--project", project)

    assert (ended.code, tree(project)) == (ExitCode.BAD_INPUT, before)


def test_a_file_that_takes_nothing_leaves_the_project_as_it_was(project: Path, run: Run) -> None:
    shutil.rmtree(project / "tests")
    (project / "tests").write_text("in the way", encoding="utf-8")
    before = tree(project)

    ended = run("kpi", "sent-share", "--project", project)

    assert (ended.code, tree(project)) == (ExitCode.STORAGE, before)
    assert "nothing was changed" in ended.err
