"""What a template asks: defaults that follow, answers that are checked, and a person at a real terminal."""

from pathlib import Path

import pytest

from labkit.exit_codes import ExitCode
from labkit.scaffold.catalogue import find_template
from labkit.scaffold.failures import BadAnswer, UnknownAnswer
from labkit.scaffold.questions import checked, completed, normal
from tests.scaffold.making import (
    CLEAR,
    ENTER,
    INTERRUPT,
    labkit_at_a_terminal,
    small_templates,
    tree,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_templates(tmp_path)


GOOD = [
    ("project_name", "L’été à Pau : « cantine » & goûter"),
    ("project_name", "Cantine\N{NO-BREAK SPACE}: midi"),
    ("project_slug", "cantine-2026_v1.0"),
    ("package_name", "_cantine2"),
    ("service_code", "cantine-2"),
    ("authority", "356000000"),
    ("channels", "x,z"),
]
BAD = [
    ("project_name", "", "one line", "une ligne"),
    ("project_name", "deux\nlignes", "one line", "une ligne"),
    ("project_name", 'la "cantine"', "without the characters", "sans les caractères"),
    ("authority_name", "{{ 6 * 7 }}", "without the characters", "sans les caractères"),
    ("project_slug", "../ailleurs", "between them", "entre eux"),
    ("project_slug", "collectivilab", "belongs to Collectivilab", "appartient à Collectivilab"),
    ("package_name", "2-abonnés", "no digit first", "sans chiffre au début"),
    ("package_name", "été", "without accents", "sans accent"),
    ("package_name", "class", "belongs to Python", "appartient à Python"),
    ("package_name", "json", "belongs to Python", "appartient à Python"),
    ("package_name", "ledger", "belongs to Collectivilab", "appartient à Collectivilab"),
    ("package_name", "labkit", "belongs to Collectivilab", "appartient à Collectivilab"),
    ("service_code", "Cantine Scolaire", "separated by “-”", "séparés par « - »"),
    ("service_code", "a" * 65, "at most 64", "64 signes au plus"),
    ("authority", "216404458", "not a SIREN", "pas un SIREN"),
    ("authority", "21640445", "nine digits", "neuf chiffres"),
    ("channels", "x, pigeon", "channels are x, z", "les canaux sont x, z"),
    ("channels", "x,", "channels are x, z", "les canaux sont x, z"),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_good_answer_is_taken(root: Path, name: str, value: str) -> None:
    assert checked(find_template("base", root), {name: value}) == {name: normal(name, value)}


@pytest.mark.parametrize(("name", "value", "english", "french"), BAD)
def test_a_bad_answer_is_named_with_what_is_allowed(
    root: Path, name: str, value: str, english: str, french: str
) -> None:
    with pytest.raises(BadAnswer) as refused:
        checked(find_template("base", root), {name: value})

    for message, why in ((refused.value.message("en"), english), (refused.value.message("fr"), french)):
        assert name in message
        assert normal(name, value) in message
        assert why in message.replace("\N{NO-BREAK SPACE}", " ")


def test_an_answer_to_nothing_is_named_with_what_is_asked(root: Path) -> None:
    with pytest.raises(UnknownAnswer) as refused:
        checked(find_template("alone", root), {"projet": "x"})

    assert str(refused.value) == "alone does not ask projet. It asks: project_name, project_slug, licence, remark."


def test_a_choice_is_one_of_its_choices(root: Path) -> None:
    with pytest.raises(BadAnswer) as refused:
        checked(find_template("alone", root), {"licence": "gpl"})

    assert "choices are etalab-2.0, apache-2.0" in str(refused.value)


def test_a_question_that_no_rule_knows_is_only_asked_not_to_be_empty(root: Path) -> None:
    template = find_template("alone", root)

    assert checked(template, {"remark": 'tout "va"'}) == {"remark": 'tout "va"'}
    with pytest.raises(BadAnswer):
        checked(template, {"remark": " "})


def test_defaults_follow_from_earlier_answers(root: Path) -> None:
    answers = completed(find_template("base", root), {"project_name": "Été à Pau"})

    assert answers["project_slug"] == answers["service_code"] == "ete-a-pau"
    assert answers["package_name"] == "ete_a_pau"


def test_an_answer_is_never_read_as_a_template(root: Path) -> None:
    assert completed(find_template("alone", root), {"remark": "{{ 6 * 7 }}"})["remark"] == "{{ 6 * 7 }}"


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("authority", " 216 404 459 ", "216404459"),
        ("channels", "counter,Web , web", "guichet, web"),
        ("project_name", "  Cantine ", "Cantine"),
    ],
)
def test_answers_have_one_form(name: str, typed: str, kept: str) -> None:
    assert normal(name, typed) == kept


def test_a_person_is_asked_each_question_and_told_at_once_what_is_wrong(tmp_path: Path) -> None:
    code, said = labkit_at_a_terminal(
        *("new", "base", "--lang", "fr", "--no-git", "--no-source", "channels=web"),
        cwd=tmp_path,
        keys=[
            ("Nom de la démarche", f"{CLEAR}Été à Pau{ENTER}"),
            ("ete-a-pau", ENTER),
            ("ete_a_pau", f"{CLEAR}json{ENTER}"),
            ("appartient à Python", f"{CLEAR}ete{ENTER}"),
            ("Code de la démarche", ENTER),
            ("SIREN de la collectivité", f"{CLEAR}123456789{ENTER}"),
            ("pas un SIREN", f"{CLEAR}216 404 459{ENTER}"),
            ("Nom de la collectivité", ENTER),
        ],
    )

    assert code == ExitCode.OK, said
    assert "cd ete-a-pau" in said
    assert 'package_name = "ete"' in (tmp_path / "ete-a-pau" / ".labkit" / "answers.toml").read_text(encoding="utf-8")


def test_a_person_who_names_no_template_chooses_one_and_ticks_channels(tmp_path: Path) -> None:
    code, said = labkit_at_a_terminal(
        *("new", "--dry-run", "project_name=Essai", "project_slug=essai", "package_name=essai", "service_code=essai"),
        *("authority=216404459", "authority_name=Pau"),
        cwd=tmp_path,
        keys=[("What do you want to make?", ENTER), ("Space to tick", ENTER)],
    )

    assert code == ExitCode.OK, said
    assert "answers.toml" in said
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_at_a_question_leaves_nothing(tmp_path: Path) -> None:
    code, said = labkit_at_a_terminal("new", "base", cwd=tmp_path, keys=[("Name of the service", INTERRUPT)])

    assert (code, tree(tmp_path)) == (ExitCode.INTERRUPTED, {}), said


def test_a_folder_that_is_taken_is_said_at_its_question(tmp_path: Path) -> None:
    (tmp_path / "pris").mkdir()
    (tmp_path / "pris" / "lettre.txt").write_text("à garder", encoding="utf-8")

    code, said = labkit_at_a_terminal(
        *("new", "abonne-python", "project_name=Pris"),
        cwd=tmp_path,
        keys=[("pris", ENTER), ("is not empty", f"{INTERRUPT}")],
    )

    assert code == ExitCode.INTERRUPTED, said
    assert tree(tmp_path) == {"pris/lettre.txt": "à garder".encode()}
