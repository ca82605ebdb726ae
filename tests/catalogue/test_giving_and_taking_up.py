"""What one territory gives, another takes up: its own names, the same code, green tests, the template's updates."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from msgspec.structs import replace

from labkit.catalogue.entry import PROJECT, canonical, packed
from labkit.catalogue.pack import Pack, archive_of
from labkit.catalogue.signing import sign
from labkit.exit_codes import ExitCode
from labkit.prototype.look.theme import THEMES
from labkit.prototype.project import Project
from labkit.scaffold.render import render
from tests.catalogue.example import KEY, code_forgotten, example
from tests.scaffold.making import labkit, tree

RENNES = ("authority=243500139", "authority_name=Rennes Métropole", "project_name=Restauration scolaire")
TAKEN = "restauration-scolaire"
PINS = ".config/labkit/trusted.toml"


def resigned(made: Pack, file: Path, change: dict[str, bytes]) -> Path:
    """An archive with other files, signed as they are."""
    files = {**made.files, **change}
    entry = replace(made.entry, files=tuple(packed(place, files[place]) for place in sorted(files)))
    file.write_bytes(archive_of(Pack(entry=entry, signature=sign(canonical(entry), KEY), files=files)))
    return file


def git(project: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=project, capture_output=True, check=True, encoding="utf-8", timeout=30
    ).stdout


def test_the_same_project_moment_and_key_give_the_same_bytes(made: Pack, tmp_path: Path) -> None:
    assert archive_of(example(tmp_path)) == archive_of(made)


def test_an_entry_tells_what_is_recorded_and_what_of_it_is_personal(made: Pack) -> None:
    told = {event.name: {field.name: field.personal for field in event.fields} for event in made.entry.events}

    assert told["child-enrolled.v1"] == {"child": True, "born_on": True, "school": False}
    assert "request-submitted.v1" not in told
    assert "case-opened.v1" in made.entry.ledger_events


def test_what_one_gives_another_takes_up_and_its_tests_are_green(made: Pack, archive: Path, home: Path) -> None:
    taken = labkit("new", str(archive), *RENNES, home=home, cwd=home)

    assert taken.returncode == ExitCode.OK, taken.stderr
    assert made.signature.fingerprint in taken.stdout
    project = home / TAKEN
    manifest = tomllib.loads((project / "labkit.toml").read_text(encoding="utf-8"))
    assert manifest["project"]["name"] == "Restauration scolaire"
    assert manifest["service"]["authority_kind"] == "epci"
    assert manifest["origin"]["fingerprint"] == made.signature.fingerprint
    assert manifest["origin"]["name"] == "cantine-scolaire"
    assert (project / "src" / "cantine_scolaire" / "service.py").is_file()
    assert Project(project).texts("fr")("service.title") == "Restauration scolaire"
    green = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=110,
    )
    assert green.returncode == 0, green.stdout
    assert git(project, "status", "--porcelain") == ""
    again = labkit("update", "--no-checks", "--json", home=home, cwd=project)
    assert json.loads(again.stdout)["state"] == "nothing-new"


def test_updates_begin_where_the_template_alone_would_have_begun(archive: Path, home: Path, tmp_path: Path) -> None:
    labkit("new", str(archive), *RENNES, home=home, cwd=home)

    answers = tomllib.loads((home / TAKEN / ".labkit/answers.toml").read_text(encoding="utf-8"))
    template = render(answers["template"], answers["answers"], tmp_path / "rendered")
    pristine = git(home / TAKEN, "ls-tree", "-r", "labkit/template")
    git(template, "init", "--quiet")
    git(template, "add", "--all")
    assert pristine == git(template, "ls-tree", "-r", git(template, "write-tree").strip())


def test_a_change_of_the_makers_is_taken_up_as_a_commit_after_the_template(
    made: Pack, home: Path, tmp_path: Path
) -> None:
    rules = "project/src/cantine_scolaire/rules.py"
    file = resigned(made, tmp_path / "a.labkit", {rules: made.files[rules] + b"\n# Ours.\n"})

    labkit("new", str(file), *RENNES, "--no-source", home=home, cwd=home)

    assert (
        git(home / TAKEN, "log", "--format=%s").splitlines()[0].startswith("Take up cantine-scolaire of Ville de Pau")
    )
    changed = git(home / TAKEN, "diff", "--name-only", "labkit/template", "HEAD").split()
    assert changed == ["labkit.toml", "src/cantine_scolaire/rules.py"]


def test_the_colours_are_left_to_choose_unless_they_are_kept(made: Pack, home: Path, tmp_path: Path) -> None:
    theme = (THEMES / "valmarsan.toml").read_bytes()
    file = resigned(made, tmp_path / "a.labkit", {f"{PROJECT}theme.toml": theme})

    labkit("new", str(file), "--output", "neutral", home=home, cwd=home)
    labkit("new", str(file), "--output", "kept", "--keep-theme", home=home, cwd=home)

    neutral, kept = (home / name / "cantine-scolaire/theme.toml" for name in ("neutral", "kept"))
    assert neutral.read_bytes() == (THEMES / "neutral.toml").read_bytes()
    assert kept.read_bytes() == theme


def test_the_first_key_is_trusted_and_another_one_later_is_not(made: Pack, archive: Path, home: Path) -> None:
    labkit("new", str(archive), *RENNES, home=home, cwd=home)
    pinned = (home / PINS).read_text(encoding="utf-8")
    (home / PINS).write_text(pinned.replace(made.signature.fingerprint, "0000-" * 9 + "0000"), encoding="utf-8")

    refused = labkit("new", str(archive), "--output", "again", home=home, cwd=home)
    trusted = labkit(
        "new", str(archive), "--output", "again", "--trust", made.signature.fingerprint, home=home, cwd=home
    )

    assert refused.returncode == ExitCode.REFUSED
    assert made.signature.fingerprint in refused.stderr
    assert trusted.returncode == ExitCode.OK
    assert made.signature.fingerprint in (home / PINS).read_text(encoding="utf-8")


def test_another_key_than_the_one_given_is_refused_and_nothing_is_left(archive: Path, home: Path) -> None:
    refused = labkit("new", str(archive), "--trust", "0000-" * 9 + "0000", home=home, cwd=home)

    assert refused.returncode == ExitCode.REFUSED
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "data"),
    [
        ("project/.labkit/answers.toml", b"not toml ="),
        ("project/labkit.toml", b"[project]\nname = 1\n"),
        ("project/pyproject.toml", b"[tool]\n"),
    ],
)
def test_an_archive_that_holds_no_prototype_leaves_nothing(
    place: str, data: bytes, made: Pack, home: Path, tmp_path: Path
) -> None:
    file = resigned(made, tmp_path / "a.labkit", {place: data})

    refused = labkit("new", str(file), home=home, cwd=home)

    assert refused.returncode == ExitCode.BAD_INPUT, refused.stderr
    assert list(home.iterdir()) == []


def test_a_package_name_cannot_lead_out_of_the_project(made: Pack, home: Path, tmp_path: Path) -> None:
    manifest = made.files["project/labkit.toml"].replace(b'"cantine_scolaire"', b'"../../.."')

    refused = labkit(
        "new", str(resigned(made, tmp_path / "a.labkit", {"project/labkit.toml": manifest})), home=home, cwd=home
    )

    assert refused.returncode == ExitCode.BAD_INPUT
    assert list(home.iterdir()) == []


def test_an_answer_of_the_makers_is_never_run_as_a_template(made: Pack, home: Path, tmp_path: Path) -> None:
    answers = made.files["project/.labkit/answers.toml"].replace(b'"Ville de Pau"', b'"{{ 7 * 7 }}"')

    refused = labkit(
        "new",
        str(resigned(made, tmp_path / "a.labkit", {"project/.labkit/answers.toml": answers})),
        home=home,
        cwd=home,
    )

    assert refused.returncode == ExitCode.BAD_INPUT
    assert "authority_name" in refused.stderr


def test_a_dry_run_writes_nothing(archive: Path, home: Path) -> None:
    shown = labkit("new", str(archive), "--dry-run", "--json", *RENNES, home=home, cwd=home)

    files = [file["path"] for file in json.loads(shown.stdout)["files"]]
    assert "src/cantine_scolaire/service.py" in files
    assert list(home.iterdir()) == []


def test_publishing_makes_a_key_of_its_owner_alone_and_an_archive_without_this_machine(home: Path) -> None:
    labkit("new", "service-cantine", home=home, cwd=home)
    project = home / "cantine-scolaire"
    (project / ".collectivilab").mkdir()
    (project / ".collectivilab" / "ledger.db").write_text("secret", encoding="utf-8")

    given = labkit("publish", "--catalogue", "--for-whom", "Families", "--output", "..", home=home, cwd=project)

    assert given.returncode == ExitCode.OK, given.stderr
    key = home / ".config/labkit/signing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    with ZipFile(next(home.glob("*.labkit"))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name in held if ".collectivilab" in name or ".git/" in name]
    assert b"tool.uv.sources" not in held["project/pyproject.toml"]
    assert {n: d for n, d in held.items() if n.startswith("pristine/")} == {
        f"pristine/{name}": data for name, data in tree(render("service-cantine", {}, home / "rendered")).items()
    }


@pytest.mark.parametrize("options", [("--licence", "free for all!"), ("--measures", "none.json")])
def test_what_cannot_be_said_of_a_prototype_is_refused(options: tuple[str, str], home: Path) -> None:
    labkit("new", "base", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent

    refused = labkit("publish", "--catalogue", *options, home=home, cwd=project)

    assert refused.returncode == ExitCode.BAD_INPUT
    assert not (project / "catalogue").exists()


def test_a_file_that_nobody_decided_about_stops_publishing(home: Path) -> None:
    labkit("new", "base", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    (project / "answers.csv").write_text("what somebody typed", encoding="utf-8")

    refused = labkit("publish", "--catalogue", home=home, cwd=project)

    assert refused.returncode == ExitCode.BAD_INPUT
    assert "answers.csv" in refused.stderr


def test_what_the_repository_around_a_project_ignores_stays_with_its_makers(home: Path) -> None:
    labkit("new", "base", "--no-git", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    git(home, "init", "--quiet")
    (home / ".gitignore").write_text("private/\n", encoding="utf-8")
    (project / "private").mkdir()
    (project / "private" / "people.csv").write_text("who came", encoding="utf-8")
    git(home, "add", "--all")

    given = labkit("publish", "--catalogue", "--output", str(home / "out"), home=home, cwd=project)

    assert given.returncode == ExitCode.OK, given.stderr
    with ZipFile(next(home.glob("out/*.labkit"))) as archive:
        assert "project/labkit.toml" in archive.namelist()
        assert not [name for name in archive.namelist() if "people" in name]


def test_without_git_a_recording_stays_with_those_who_made_it(home: Path) -> None:
    labkit("new", "base", "--no-git", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    for name in ("trial.jsonl", "replay.html", "catalogue/earlier.txt"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("what somebody typed", encoding="utf-8")

    labkit("publish", "--catalogue", "--output", str(home / "out"), home=home, cwd=project)

    with ZipFile(next(home.glob("out/*.labkit"))) as archive:
        assert not [name for name in archive.namelist() if archive.read(name) == b"what somebody typed"]


@pytest.mark.parametrize("name", ["a:b.py", "aux.py", "\udcff.py"])
def test_an_archive_that_nobody_could_open_is_not_made(name: str, home: Path) -> None:
    labkit("new", "base", "--no-git", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    (project / name).touch()

    refused = labkit("publish", "--catalogue", home=home, cwd=project)

    assert refused.returncode == ExitCode.BAD_INPUT, refused.stderr
    assert not (project / "catalogue").exists()


def test_lines_end_for_those_who_take_up_as_the_template_ended_them(home: Path) -> None:
    labkit("new", "base", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    git(project, "config", "core.autocrlf", "true")

    labkit("publish", "--catalogue", "--output", str(home / "out"), home=home, cwd=project)

    with ZipFile(next(home.glob("out/*.labkit"))) as archive:
        assert b"\r\n" not in archive.read("pristine/theme.toml")


def test_a_project_that_cannot_be_read_is_said(home: Path) -> None:
    labkit("new", "base", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    (project / "pyproject.toml").write_text("[project\n", encoding="utf-8")

    refused = labkit("publish", "--catalogue", home=home, cwd=project)

    assert refused.returncode == ExitCode.BAD_INPUT
    assert "pyproject.toml cannot be used" in refused.stderr


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("project/pyproject.toml", "project = 1\n"),
        ("project/pyproject.toml", "[project]\ndescription = 1\n"),
        ("project/src/cantine_scolaire/texts/fr.toml", "service = 1\n"),
        ("pristine/.labkit/answers.toml", "answers = 1\n"),
    ],
)
def test_tables_that_are_something_else_are_no_prototype(
    made: Pack, home: Path, tmp_path: Path, file: str, text: str
) -> None:
    archive = resigned(made, tmp_path / "odd.labkit", {file: text.encode()})

    refused = labkit("new", str(archive), "--no-git", *RENNES, home=home, cwd=home)

    assert (refused.returncode, list(home.iterdir())) == (ExitCode.BAD_INPUT, [])
    assert "holds no prototype" in refused.stderr


def test_a_file_may_be_where_the_template_had_a_folder(made: Pack, home: Path, tmp_path: Path) -> None:
    files = {name: data for name, data in made.files.items() if not name.startswith("project/tests/")}
    archive = resigned(replace(made, files=files), tmp_path / "other.labkit", {"project/tests": b"by hand\n"})

    taken = labkit("new", str(archive), "--no-git", *RENNES, home=home, cwd=home)

    assert taken.returncode == ExitCode.OK, taken.stderr
    assert (home / TAKEN / "tests").read_bytes() == b"by hand\n"


def test_trust_that_cannot_be_kept_is_said(archive: Path, home: Path) -> None:
    (home / ".config").touch()

    said = labkit("new", str(archive), "--no-git", *RENNES, home=home, cwd=home)

    assert said.returncode == ExitCode.BAD_INPUT
    assert "trusted.toml" in said.stderr


def test_a_private_key_in_a_project_stops_publishing(home: Path) -> None:
    labkit("new", "base", "--no-git", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    (project / "notes.txt").write_text("-----BEGIN PRIVATE KEY-----\n", encoding="utf-8")

    refused = labkit("publish", "--catalogue", home=home, cwd=project)

    assert refused.returncode == ExitCode.BAD_INPUT
    assert "notes.txt" in refused.stderr


def test_a_key_that_others_may_read_is_not_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labkit("new", "base", home=home, cwd=home)
    project = next(home.glob("*/labkit.toml")).parent
    labkit("publish", "--catalogue", home=home, cwd=project)
    (home / ".config/labkit/signing.key").chmod(0o644)

    refused = labkit("publish", "--catalogue", home=home, cwd=project)

    assert refused.returncode == ExitCode.BAD_INPUT
    assert "0600" in refused.stderr


def test_a_project_made_from_the_catalogue_is_read_as_any_other(archive: Path, home: Path) -> None:
    labkit("new", str(archive), *RENNES, home=home, cwd=home)

    with code_forgotten():
        assert Project(home / TAKEN).offer().authority == "243500139"
