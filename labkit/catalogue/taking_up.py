"""A prototype of the catalogue taken up by another authority: its own answers, its own colours, the same code.

Asked is only what differs from one territory to the next; the Python package keeps its name, so that what was written
for it still runs. `labkit.toml` remembers where it came from, and `labkit update` goes on from the original template.
"""

import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from labkit.catalogue.entry import PRISTINE, PROJECT
from labkit.catalogue.failures import BrokenPack
from labkit.catalogue.pack import Pack
from labkit.prototype.look.theme import THEMES
from labkit.prototype.project import MANIFEST, Manifest
from labkit.scaffold.answers import ANSWERS_FILE, Answers
from labkit.scaffold.catalogue import Template, find_template
from labkit.scaffold.failures import BadAnswer
from labkit.scaffold.questions import checked
from labkit.scaffold.words import Words
from labkit.simulate.territory import find_authority

# The folder follows from the name that the project gets here, as it does in any template.
_DERIVED = "project_slug"
ASKED = ("project_name", "project_slug", "service_code", "authority", "authority_name")
THEME = "theme.toml"
_PHASE = "prototype"
_UNREADABLE = (OSError, UnicodeDecodeError, TOMLKitError, msgspec.DecodeError)


def questions_of(pack: Pack, file: Path) -> Template:
    """Return what is asked of whoever takes a prototype up: the archive's own values are the defaults.

    Raises:
        BrokenPack: those could not be answers; they would be filled in by a template's language.
    """
    base = find_template("base")
    answers = _answers(pack, file).answers
    asked = [question for question in base.questions if question.name in ASKED]
    given = {question.name: answers.get(question.name, "") for question in asked}
    try:
        safe = checked(base, given)
    except BadAnswer as error:
        raise BrokenPack("pack.bad-answers", pack=file, name=error.name) from error
    return msgspec.structs.replace(
        base,
        name=pack.entry.name,
        kind="service",
        title=Words(pack.entry.title.fr, pack.entry.title.en),
        description=Words("", ""),
        kit=pack.entry.kit,
        layers=None,
        questions=tuple(
            question if question.name == _DERIVED else msgspec.structs.replace(question, default=safe[question.name])
            for question in asked
        ),
    )


def write_tree(tree: Mapping[str, bytes], folder: Path) -> Path:
    """Write files whose places were found safe."""
    for place, data in tree.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def pristine(pack: Pack, answers: Mapping[str, str], into: Path, *, file: Path) -> Path:
    """Write what the template alone would have given this authority: updates begin there.

    Raises:
        BrokenPack: the archive holds no prototype.
    """
    folder = write_tree(pack.under(PRISTINE), into / "pristine")
    _rename(folder, answers, file)
    return folder


def settle(pack: Pack, answers: Mapping[str, str], project: Path, *, file: Path, keep_theme: bool) -> None:
    """Replace what a template gave by what its makers made of it, and remember where that came from.

    Raises:
        BrokenPack: the archive holds no prototype.
    """
    # The whole folder goes: where its makers put a file in the place of a folder, an empty one would be in the way.
    shutil.rmtree(project)
    write_tree(pack.under(PROJECT), project)
    _rename(project, answers, file)
    entry, known = pack.entry, find_authority(answers["authority"])
    origin = {"name": entry.name, "from": entry.authority_name, "fingerprint": pack.signature.fingerprint}
    with _edited(project / MANIFEST) as manifest:
        manifest["project"]["phase"] = _PHASE
        manifest["origin"] = {**origin, "made_at": entry.made_at, "licence": entry.licence}
        if known:
            manifest["service"]["authority_kind"] = known.kind.value
    if not keep_theme:
        (project / THEME).write_bytes((THEMES / "neutral.toml").read_bytes())


def _rename(folder: Path, answers: Mapping[str, str], file: Path) -> None:
    """Let a project speak of another authority wherever its makers' answers are written."""
    try:
        before = msgspec.toml.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        if not before.project.package.isidentifier():
            # It is part of the places written below: nothing else may be in it.
            raise BrokenPack("pack.no-prototype", pack=file)
        _write_names(folder, before, answers)
    except (*_UNREADABLE, KeyError, TypeError, AttributeError) as error:
        # Keys may be missing, and tables may be something else, wherever the files are not what a template gave.
        raise BrokenPack("pack.no-prototype", pack=file) from error


def _write_names(folder: Path, before: Manifest, answers: Mapping[str, str]) -> None:
    names = {before.project.name: answers["project_name"], before.service.authority_name: answers["authority_name"]}
    with _edited(folder / MANIFEST) as manifest:
        manifest["project"]["name"] = answers["project_name"]
        manifest["service"]["code"] = answers["service_code"]
        manifest["service"].update({name: answers[name] for name in ("authority", "authority_name")})
    with _edited(folder / ANSWERS_FILE) as kept:
        kept["answers"].update(answers)
    with _edited(folder / "pyproject.toml") as distribution:
        about = distribution["project"]
        about.update({"name": answers["project_slug"], "description": _renamed(about.get("description", ""), names)})
    package = folder / "src" / before.project.package
    for words in sorted((package / "texts").glob("*.toml")):
        with _edited(words) as texts:
            if texts.get("service", {}).get("title") == before.project.name:
                texts["service"]["title"] = answers["project_name"]
    for told in (folder / "README.md", package / "__init__.py"):
        if told.is_file():
            told.write_text(_renamed(told.read_text(encoding="utf-8"), names), encoding="utf-8")


@contextmanager
def _edited(file: Path) -> Iterator[Any]:
    """Give what a TOML file says, to be changed; its comments stay."""
    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    yield document
    file.write_text(tomlkit.dumps(document), encoding="utf-8")


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for before, after in names.items():
        text = text.replace(before, after) if before else text
    return text


def _answers(pack: Pack, file: Path) -> Answers:
    """Return what the makers answered when their project was made."""
    tree = pack.under(PROJECT)
    try:
        return msgspec.convert(tomllib.loads(tree[ANSWERS_FILE.as_posix()].decode()), Answers)
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BrokenPack("pack.no-prototype", pack=file) from error
