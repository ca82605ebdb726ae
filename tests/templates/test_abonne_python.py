"""The subscriber template: baked by plain cookiecutter, complete, and green at birth."""

import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FILES = {
    "README.md",
    "pyproject.toml",
    "src/suivi_du_travail/__init__.py",
    "src/suivi_du_travail/__main__.py",
    "src/suivi_du_travail/work.py",
    "tests/test_work.py",
}


def bake(folder: Path, **answers: str) -> Path:
    return Path(
        cookiecutter(
            str(TEMPLATES),
            directory="abonne-python",
            no_input=True,
            output_dir=str(folder),
            extra_context=answers,
            default_config={"cookiecutters_dir": str(folder / "cookiecutters"), "replay_dir": str(folder / "replay")},
        )
    )


def test_a_baked_project_holds_exactly_its_files_and_no_mark_of_the_template(tmp_path: Path) -> None:
    project = bake(tmp_path)

    files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}

    assert files == FILES
    assert not [name for name in files if "{{" in name + (project / name).read_text(encoding="utf-8")]


def test_the_same_answers_give_the_same_project(tmp_path: Path) -> None:
    one, other = bake(tmp_path / "one"), bake(tmp_path / "other")

    assert {name: (one / name).read_bytes() for name in FILES} == {name: (other / name).read_bytes() for name in FILES}


def test_a_baked_project_passes_its_own_test(tmp_path: Path) -> None:
    project = bake(tmp_path)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def test_a_name_that_is_no_package_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FailedHookException):
        bake(tmp_path, package_name="2-abonnés")

    assert not [path for path in tmp_path.iterdir() if path.name.startswith("suivi")]
