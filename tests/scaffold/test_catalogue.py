"""Every template is listed, says what it is in both languages, and is of this kit."""

import json
from pathlib import Path

import pytest

from labkit.cli import main
from labkit.exit_codes import ExitCode
from labkit.scaffold.catalogue import CHANNEL_NAMES, TEMPLATES, find_template, templates
from labkit.scaffold.failures import NewerTemplate, UnknownTemplate
from labkit.scaffold.kit import is_newer, version
from ledger.domain.vocabulary import Channel
from tests.scaffold.making import small_templates

KNOWN = templates()
LAYERED = sorted(name for name, template in KNOWN.items() if template.layers is not None)


def test_every_folder_of_a_template_is_listed() -> None:
    folders = {file.parent.name for file in TEMPLATES.glob("*/cookiecutter.json")}

    assert folders == {template.folder.name for template in KNOWN.values()}


@pytest.mark.parametrize("name", KNOWN)
def test_a_template_says_what_it_is_in_both_languages(name: str) -> None:
    listed = json.loads((TEMPLATES / "cookiecutter.json").read_text(encoding="utf-8"))["templates"][name]

    assert " · " in listed["title"]
    assert " · " in listed["description"]


@pytest.mark.parametrize("name", LAYERED)
def test_a_layered_template_is_of_this_kit_and_names_layers_that_exist(name: str) -> None:
    template = KNOWN[name]

    assert template.kit == version()
    assert set(template.layers or ()) <= set(KNOWN)
    assert [question.name for question in template.questions] == [question.name for question in KNOWN["base"].questions]


@pytest.mark.parametrize("name", LAYERED)
def test_a_layered_template_asks_in_both_languages(name: str) -> None:
    prompts = json.loads((TEMPLATES / name / "cookiecutter.json").read_text(encoding="utf-8"))["__prompts__"]

    assert list(prompts) == [question.name for question in KNOWN[name].questions]
    assert all(" · " in prompt for prompt in prompts.values())


def test_a_template_without_layers_is_read_as_it_is() -> None:
    template = KNOWN["abonne-python"]

    assert (template.kind, template.layers) == ("integrator", None)
    assert [question.name for question in template.questions] == ["project_name", "project_slug", "package_name"]


def test_the_kind_of_a_template_is_in_its_name(tmp_path: Path) -> None:
    kinds = {name: template.kind for name, template in templates(small_templates(tmp_path)).items()}

    assert kinds == {
        "base": "base",
        "channel-x": "channel",
        "channel-z": "channel",
        "service-y": "service",
        "alone": "lab",
    }


@pytest.mark.parametrize(("typed", "near"), [("y", "service-y"), ("chanel-x", "channel-x"), ("qqq", "base, channel-x")])
def test_an_unknown_template_is_answered_with_the_nearest(tmp_path: Path, typed: str, near: str) -> None:
    with pytest.raises(UnknownTemplate) as refused:
        find_template(typed, small_templates(tmp_path))

    assert f"Try: {near}" in refused.value.message("en")
    assert f"Essayez : {near}" in refused.value.message("fr")


def test_a_template_of_a_newer_kit_is_refused(tmp_path: Path) -> None:
    root = small_templates(tmp_path)
    file = root / "base" / "cookiecutter.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"_kit": "2026', '"_kit": "2126'), encoding="utf-8")

    with pytest.raises(NewerTemplate) as refused:
        find_template("base", root)

    assert "2126.11.0" in refused.value.message("fr")
    assert version() in refused.value.message("fr")


def test_versions_are_compared_by_their_numbers() -> None:
    assert is_newer("2026.11.10", "2026.11.9")
    assert not is_newer("2026.11.0", "2026.11.0")
    assert not is_newer("2025.12.3", "2026.1.0")


def test_the_names_of_channels_are_those_of_the_ledger() -> None:
    assert set(CHANNEL_NAMES) <= {channel.value for channel in Channel}
    assert {name.removeprefix("channel-") for name in KNOWN if name.startswith("channel-")} <= set(
        CHANNEL_NAMES.values()
    )


@pytest.mark.parametrize(
    ("language", "kind", "heading"), [("en", "integrator", "What for"), ("fr", "socle", "Pour quoi")]
)
def test_list_shows_every_template_without_colour_when_piped(
    capsys: pytest.CaptureFixture[str], language: str, kind: str, heading: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["list", "--lang", language])

    shown = capsys.readouterr().out
    assert ended.value.code == ExitCode.OK
    assert "\x1b" not in shown
    assert {kind, *KNOWN} <= set(shown.split())
    assert heading in shown


def test_list_in_json_says_what_each_template_asks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["list", "--json", "--lang", "fr"])

    listed = {template["name"]: template for template in json.loads(capsys.readouterr().out)}
    assert listed.keys() == KNOWN.keys()
    assert listed["base"]["kind"] == "base"
    assert "authority" in listed["base"]["questions"]
