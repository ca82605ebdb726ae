"""Layers make one tree: in this process as under plain cookiecutter, the same bytes for the same answers."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from labkit.scaffold.answers import ANSWERS_FILE, read_answers
from labkit.scaffold.catalogue import TEMPLATES, templates
from labkit.scaffold.failures import BadAnswer, RenderingFailed
from labkit.scaffold.kit import version
from labkit.scaffold.render import render
from tests.scaffold.making import baked_plainly, plain_cookiecutter, small_templates, tree

LAYERED = sorted(name for name, template in templates().items() if template.layers is not None)
_SOMEBODY = ("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@town.example")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_templates(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_the_highest_layer_wins_and_every_layer_adds_its_own(root: Path, out: Path) -> None:
    files = tree(render("service-y", {"channels": "x, z"}, out, root=root))

    assert files["src/demarche_y/rules.py"] == b'RULES = "y"\n'
    assert {"base.md", "x.md", "z.md", "notes.txt"} <= set(files)
    assert "Démarche y" in files["base.md"].decode()


@pytest.mark.parametrize("name", ["base", "channel-z"])
def test_a_channel_lies_on_the_base_whichever_was_named(root: Path, out: Path, name: str) -> None:
    files = tree(render(name, {"channels": "x"}, out, root=root))

    assert files["src/votre_demande/rules.py"] == b'RULES = "x"\n'
    assert ("z.md" in files) == (name == "channel-z")


def test_each_layer_says_itself_what_of_it_is_rendered(root: Path, out: Path) -> None:
    files = tree(render("service-y", {}, out, root=root))

    assert files["page.html"].decode() == "<p>Démarche y, rendered by the service</p>\n"
    assert files["channel.html"].decode() == "<p>Démarche y, rendered by the channel</p>\n"
    assert files["notes.txt"] == b"{{ as it stands }}\n"
    assert (
        tree(render("base", {"channels": "z"}, out, root=root))["page.html"] == b"<p>{{ page.title }} of the base</p>\n"
    )


@pytest.mark.parametrize("name", ["base", "channel-x", "service-y", "alone"])
def test_a_project_keeps_what_it_was_made_from(root: Path, out: Path, name: str) -> None:
    project = render(name, {"project_name": "À moi"}, out, root=root)

    kept = read_answers(project / ANSWERS_FILE)

    assert (kept.template, kept.kit) == (name, version())
    assert kept.answers["project_slug"] == "a-moi"


def test_private_values_and_choices_are_rendered(root: Path, out: Path) -> None:
    files = tree(render("alone", {"licence": "apache-2.0", "remark": "{{ 6 * 7 }}"}, out, root=root))

    assert files["README.md"] == b"TOUT SEUL, apache-2.0, {{ 6 * 7 }}\n"


def test_the_same_answers_give_the_same_bytes(root: Path, tmp_path: Path) -> None:
    one, other = (render("service-y", {"project_name": "Deux"}, tmp_path / name, root=root) for name in ("a", "b"))

    assert tree(one) == tree(other)


@pytest.mark.parametrize("name", ["base", "channel-x", "channel-z", "service-y"])
def test_plain_cookiecutter_gives_the_same_tree(root: Path, out: Path, tmp_path: Path, name: str) -> None:
    answers = {"project_name": "L’école « Été » & Cie", "channels": "z, x", "authority_name": "Ville d’Aÿ"}

    ended = plain_cookiecutter(root, name, tmp_path / "plain", *(f"{key}={value}" for key, value in answers.items()))

    assert ended.returncode == 0, ended.stderr
    assert tree(tmp_path / "plain" / "lecole-ete-cie") == tree(render(name, {**answers}, out, root=root))


@pytest.mark.parametrize("name", LAYERED)
def test_plain_cookiecutter_gives_the_same_tree_of_a_template_of_ours(out: Path, tmp_path: Path, name: str) -> None:
    plain = baked_plainly(TEMPLATES, name, tmp_path / "plain", project_name="Essai")

    assert plain.name == "essai"
    assert tree(plain) == tree(render(name, {"project_name": "Essai"}, out))


def test_cruft_gives_the_same_files(root: Path, out: Path, tmp_path: Path) -> None:
    for command in (["git", "init", "-q"], ["git", "add", "-A"], [*_SOMEBODY, "commit", "-q", "-m", "Templates"]):
        subprocess.run(command, cwd=root, check=True, timeout=30)

    create = ("create", str(root), "--directory", "service-y", "--no-input", "--output-dir", str(tmp_path / "cruft"))
    ended = subprocess.run(
        [sys.executable, "-m", "cruft", *create],
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )

    files = tree(tmp_path / "cruft" / "demarche-y")
    assert files.pop(".cruft.json"), ended.stderr
    assert files == tree(render("service-y", {}, out, root=root))


def test_plain_cookiecutter_finds_the_layers_from_a_relative_path(root: Path, out: Path, tmp_path: Path) -> None:
    ended = plain_cookiecutter(root.name, "service-y", out, cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "base.md" in tree(out / "demarche-y")


def test_plain_cookiecutter_without_hooks_gives_the_top_layer_alone(root: Path, out: Path) -> None:
    plain_cookiecutter(root, "service-y", out, "--accept-hooks", "no")

    assert set(tree(out / "demarche-y")) == {"notes.txt", "page.html", "src/demarche_y/rules.py"}


def test_plain_cookiecutter_run_again_leaves_what_somebody_edited(root: Path, out: Path) -> None:
    plain_cookiecutter(root, "service-y", out)
    for name in ("base.md", "src/demarche_y/rules.py"):
        (out / "demarche-y" / name).write_text("mine", encoding="utf-8")

    ended = plain_cookiecutter(root, "service-y", out, "-f", "-s", "channels=z")

    files = tree(out / "demarche-y")
    assert ended.returncode == 0, ended.stderr
    assert (files["base.md"], files["src/demarche_y/rules.py"]) == (b"mine", b"mine")
    assert "z.md" in files


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("package_name", "2-abonnés", "no digit first"),
        ("package_name", "ledger", "belongs to Collectivilab"),
        ("authority", "123456789", "not a SIREN"),
        ("service_code", "Été", "separated by"),
        ("channels", "pigeon", "channels are x, z"),
        ("project_name", 'dite "y"', "without the characters"),
    ],
)
def test_plain_cookiecutter_refuses_in_one_sentence_and_leaves_nothing(
    root: Path, out: Path, name: str, value: str, why: str
) -> None:
    ended = plain_cookiecutter(root, "service-y", out, f"{name}={value}")

    said = next(line for line in ended.stderr.splitlines() if line.startswith(name))
    assert ended.returncode != 0
    assert f"« {value} »" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert f"“{value}”" in said
    assert why in said
    assert tree(out).keys() <= {name for name in tree(out) if name.startswith(".home/")}


def test_a_template_apart_from_its_layers_is_refused_before_anything(root: Path, out: Path) -> None:
    (root / "channel-x").rename(root / "elsewhere")

    ended = plain_cookiecutter(root, "service-y", out, "channels=z")

    assert ended.returncode != 0
    assert "channel-x: no such layer beside" in ended.stderr
    assert not (out / "demarche-y").exists()


def test_nothing_of_the_home_directory_is_touched(
    root: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".cookiecutterrc").write_text("default_context: {project_name: Ailleurs}", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))

    project = render("service-y", {}, out, root=root)

    assert project.name == "demarche-y"
    assert [path.name for path in home.rglob("*")] == [".cookiecutterrc"]


def test_a_bad_answer_is_refused_before_anything_is_written(root: Path, out: Path) -> None:
    with pytest.raises(BadAnswer):
        render("base", {"authority": "1"}, out, root=root)

    assert not out.exists()


def test_a_broken_template_is_named_with_what_breaks_it(root: Path, out: Path) -> None:
    (root / "base" / "{{cookiecutter.project_slug}}" / "bad.md").write_text(
        "{{ cookiecutter.nothing }}", encoding="utf-8"
    )

    with pytest.raises(RenderingFailed) as failed:
        render("base", {"channels": "z"}, out, root=root)

    assert "base" in failed.value.message("fr")
    assert "nothing" in failed.value.message("fr")


def test_rendering_leaves_the_process_where_it_was(root: Path, out: Path) -> None:
    before = Path.cwd()

    render("service-y", {}, out, root=root)

    assert Path.cwd() == before
    assert {file.suffix for file in (root / "service-y" / "hooks").iterdir()} == {".py"}


def test_what_a_project_keeps_is_toml_whatever_the_names(root: Path, out: Path) -> None:
    project = render("service-y", {"project_name": "L’été : c’est « bien » & bon"}, out, root=root)

    assert tomllib.loads((project / ANSWERS_FILE).read_text(encoding="utf-8"))["answers"]["channels"] == "x"
