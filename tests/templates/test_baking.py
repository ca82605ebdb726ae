"""Every template, with its defaults and with each pair of other answers: whole, clean, and the same every time."""

from hashlib import sha256
from pathlib import Path

import pytest
from allpairspy import AllPairs

from labkit.prototype.checking import missing_texts
from labkit.prototype.project import Project
from labkit.scaffold.render import render
from tests.templates.baking import IN_PYTHON, LAYERED, NAMES, Bake, files_of, imported, own_check

FILES = Path(__file__).with_name("files")
CHANNELS = ["web", "guichet, telephone", "courriel, courrier, reseaux", "mobile, agent-conversationnel"]
ANSWERS = {
    "project_name": ["Demande", "L’été à Pau : « ça y est » & co"],
    "package_name": ["demande", "d2"],
    "service_code": ["demande", "demande-2-bis"],
    "authority": ["216404459", "200067254"],
    "authority_name": ["Ville de Pau", "Pau Béarn Pyrénées"],
    "channels": CHANNELS,
}
PAIRWISE = [dict(zip(ANSWERS, chosen, strict=True)) for chosen in AllPairs(list(ANSWERS.values()))]


def digest(project: Path) -> str:
    """One value for a whole tree: names, contents, and who may run what."""
    whole = sha256()
    for name in files_of(project):
        file = project / name
        whole.update(f"{name} {file.stat().st_mode & 0o111:o}\n".encode() + file.read_bytes())
    return whole.hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_a_template_gives_exactly_its_files(name: str, bake: Bake) -> None:
    expected = (FILES / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert files_of(bake(name)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_template_is_left_in_a_project(name: str, bake: Bake) -> None:
    project = bake(name)

    for file in files_of(project):
        assert "cookiecutter" not in file
        if not file.endswith(".html"):
            text = (project / file).read_text(encoding="utf-8")
            assert "{{" not in text.replace("`{{", ""), file
            assert "cookiecutter." not in text, file


@pytest.mark.parametrize("name", NAMES)
def test_the_same_answers_give_the_same_project_byte_for_byte(name: str, bake: Bake, tmp_path: Path) -> None:
    assert digest(render(name, {}, tmp_path)) == digest(bake(name))


@pytest.mark.parametrize("name", IN_PYTHON)
def test_a_project_passes_its_own_lint_and_types_at_birth(name: str, bake: Bake, type_cache: str) -> None:
    project = bake(name)

    for command in (("ruff", "check", "--no-cache", "."), ("ruff", "format", "--check", "--no-cache", ".")):
        checked = own_check(project, *command)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    checked = own_check(project, "mypy", "--cache-dir", type_cache)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", IN_PYTHON)
def test_a_project_passes_its_own_tests_at_birth(name: str, bake: Bake) -> None:
    run = own_check(bake(name), "pytest", "-q", "-p", "no:cacheprovider")

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", LAYERED)
def test_other_answers_give_projects_that_are_as_clean(name: str, tmp_path: Path) -> None:
    projects = [render(name, answers, tmp_path / str(rank)) for rank, answers in enumerate(PAIRWISE)]

    checked = own_check(tmp_path, "ruff", "check", "--no-cache", ".")
    formatted = own_check(tmp_path, "ruff", "format", "--check", "--no-cache", ".")
    assert checked.returncode + formatted.returncode == 0, checked.stdout + formatted.stdout
    for project, answers in zip(projects, PAIRWISE, strict=True):
        with imported(answers["package_name"]):
            assert missing_texts(Project(project)) == [], answers
