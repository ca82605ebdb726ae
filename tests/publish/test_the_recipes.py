"""What stands beside a published file: how to start it, a unit for systemd, the recipe of a container."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from labkit.prototype.failures import BrokenProject
from labkit.prototype.project import Project
from labkit.publish.contents import Content
from labkit.publish.failures import NotPublished, OutputIsProject
from labkit.publish.publishing import _notes, publish, put_in_place
from labkit.publish.single_file import built_here


@pytest.fixture
def notes(project: Path) -> dict[str, str]:
    built = built_here("essai", "0.1.0")
    return {note.place: note.data.decode() for note in _notes(Project(project), built, "container")}


def test_nothing_is_left_to_fill_in(notes: dict[str, str]) -> None:
    assert set(notes) == {"README.md", "essai.service", "Containerfile"}
    assert not [text for text in notes.values() if "$" in text]


def test_the_container_is_nobodys_and_says_how_it_is(notes: dict[str, str]) -> None:
    recipe = notes["Containerfile"]

    assert re.search(r"^FROM python:3\.\d+-slim$", recipe, re.MULTILINE)
    assert re.search(r"^USER (?!root)", recipe, re.MULTILINE)
    assert "HEALTHCHECK" in recipe
    assert "VOLUME /data" in recipe
    assert built_here("essai", "0.1.0").file_name in recipe


def test_systemd_understands_the_unit(notes: dict[str, str], tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze")
    unit = tmp_path / "essai.service"
    unit.write_text(notes["essai.service"])
    said = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "essai.service" not in said.stderr


def test_french_punctuation_stays_with_its_word(notes: dict[str, str]) -> None:
    french = re.sub(r"```.*?```", "", notes["README.md"].partition("## English")[0], flags=re.DOTALL)
    assert not re.search(r" [:;!?»]|« ", french)


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    output = tmp_path / "out"
    put_in_place(output, [Content(place="a", data=b"old"), Content(place="wheels/w", data=b"old")])

    with pytest.raises(NotPublished):
        put_in_place(output, [Content(place="a", data=b"new"), Content(place="a/b", data=b"new")])
    assert sorted(entry.name for entry in output.iterdir()) == ["a", "wheels"]
    assert (output / "a").read_bytes() == b"old"
    with pytest.raises(NotPublished):
        put_in_place(tmp_path / "x" / "y", [Content(place="a", data=b""), Content(place="a/b", data=b"")])
    assert not (tmp_path / "x").exists()


def test_what_is_published_again_is_replaced_as_a_whole(tmp_path: Path) -> None:
    put_in_place(tmp_path, [Content(place="wheels/old", data=b"")])
    put_in_place(tmp_path, [Content(place="wheels/new", data=b""), Content(place="a", data=b"", executable=True)])

    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")) == [
        "a",
        "wheels",
        "wheels/new",
    ]
    assert (tmp_path / "a").stat().st_mode & 0o111


def test_a_folder_that_nobody_asked_to_lose_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "kept").touch()

    with pytest.raises(NotPublished):
        put_in_place(tmp_path, [Content(place="a", data=b""), Content(place="z", data=b"")])

    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")) == ["z", "z/kept"]


def test_a_project_is_not_published_over_itself(project: Path) -> None:
    before = (project / "README.md").read_bytes()

    with pytest.raises(OutputIsProject):
        publish(Project(project), project / "src" / "..", "single-file")

    assert (project / "README.md").read_bytes() == before


def test_a_project_that_does_not_run_is_not_published(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "casse"
    shutil.copytree(project, folder)
    (folder / "src" / "essai").rename(folder / "src" / "casse")
    manifest = folder / "labkit.toml"
    manifest.write_text(manifest.read_text().replace('package = "essai"', 'package = "casse"'))
    (folder / "src" / "casse" / "service.py").write_text("this is no Python\n")

    with pytest.raises(BrokenProject):
        publish(Project(folder), tmp_path / "out", "single-file")
    assert not (tmp_path / "out").exists()
