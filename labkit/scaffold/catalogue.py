"""The templates that this kit offers, read from their own `cookiecutter.json`; nothing is rendered here."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from msgspec import Struct

from labkit.scaffold.failures import NewerTemplate, UnknownTemplate
from labkit.scaffold.kit import is_newer, version
from labkit.scaffold.words import Words

Kind = Literal["base", "channel", "service", "integrator", "lab"]
KINDS: dict[str, Kind] = {"base": "base", "channel-": "channel", "service-": "service", "abonne-": "integrator"}
KIND_TEXTS: dict[Kind, str] = {
    "base": "kind.base",
    "channel": "kind.channel",
    "service": "kind.service",
    "integrator": "kind.integrator",
    "lab": "kind.lab",
}
_IN_WHEEL = Path(__file__).resolve().parents[1] / "templates"
TEMPLATES = _IN_WHEEL if _IN_WHEEL.is_dir() else Path(__file__).resolve().parents[2] / "templates"

# A channel's code in the ledger, and how its template is called, without `channel-`.
CHANNEL_NAMES = {
    "counter": "guichet",
    "telephone": "telephone",
    "web": "web",
    "mobile": "mobile",
    "email": "courriel",
    "post": "courrier",
    "social": "reseaux",
    "chatbot": "agent-conversationnel",
}


class Question(Struct, frozen=True, kw_only=True):
    """One thing that a template asks; its default may rest on earlier answers, as Jinja writes it."""

    name: str
    text: Words
    default: str
    choices: tuple[str, ...] = ()


class Template(Struct, frozen=True, kw_only=True):
    """What a project can be made from; `layers` are those below it, None where it stands alone."""

    name: str
    kind: Kind
    title: Words
    description: Words
    folder: Path
    kit: str
    layers: tuple[str, ...] | None
    questions: tuple[Question, ...]


def templates(root: Path = TEMPLATES) -> dict[str, Template]:
    """Return every template by its name, in the order of their list."""
    listed = json.loads((root / "cookiecutter.json").read_text(encoding="utf-8"))["templates"]
    return {name: _read(name, entry, root / entry["path"]) for name, entry in listed.items()}


def find_template(name: str, root: Path = TEMPLATES) -> Template:
    """Return one template.

    Raises:
        UnknownTemplate: none has this name.
        NewerTemplate: it is of a kit that came after this one.
    """
    known = templates(root)
    if name not in known:
        raise UnknownTemplate(name=name, near=", ".join(_nearest(name, list(known))))
    found = known[name]
    if is_newer(found.kit, version()):
        raise NewerTemplate(name=name, needs=found.kit, kit=version())
    return found


def channels_beside(template: Template) -> tuple[str, ...]:
    """Return the channels that a project of this template may have, by the names of their templates."""
    return tuple(sorted(folder.name.removeprefix("channel-") for folder in template.folder.parent.glob("channel-*")))


def _nearest(name: str, known: Sequence[str]) -> list[str]:
    holding = [one for one in known if name in one]
    return holding or get_close_matches(name, known, cutoff=0.5) or list(known)


def _read(name: str, entry: Mapping[str, str], folder: Path) -> Template:
    asked = json.loads((folder / "cookiecutter.json").read_text(encoding="utf-8"))
    prompts = asked.get("__prompts__", {})
    return Template(
        name=name,
        kind=next((kind for start, kind in KINDS.items() if name.startswith(start)), "lab"),
        title=Words.parse(entry.get("title", name)),
        description=Words.parse(entry.get("description", "")),
        folder=folder.resolve(),
        kit=asked.get("_kit", "0"),
        layers=tuple(asked["_layers"]) if "_layers" in asked else None,
        questions=tuple(
            _question(key, default, prompts.get(key, key)) for key, default in asked.items() if not key.startswith("_")
        ),
    )


def _question(name: str, default: str | list[str], prompt: str | Mapping[str, str]) -> Question:
    text = prompt if isinstance(prompt, str) else prompt.get("__prompt__", name)
    choices = tuple(default) if isinstance(default, list) else ()
    return Question(name=name, text=Words.parse(text), default=choices[0] if choices else str(default), choices=choices)
