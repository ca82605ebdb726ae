"""Pages that hold every component of the look, in both languages, dressed by any theme; for the browser's tests."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from types import SimpleNamespace as Given
from typing import Any, cast

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from labkit.prototype import look
from labkit.prototype.look.contrast import measures_of
from labkit.prototype.look.theme import Theme, css_of
from labkit.prototype.questions import Question
from labkit.prototype.texts import Texts
from ledger.domain.vocabulary import Channel, Language

HERE = Path(__file__).parent
LOOK = Path(look.__file__).parent
PAGES = tuple(
    f"{page}-{language}" for page in ("form", "errors", "parts", "desk", "letter") for language in ("fr", "en")
)
NOW = datetime(2026, 11, 22, 9, 41, tzinfo=UTC)


def environment(*folders: Path) -> Environment:
    """Return the templates of the look, and those of the folders before them."""
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*folders, LOOK / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_pages(folder: Path, theme: Theme) -> None:
    """Write every page in both languages, with the theme and the style sheet beside them."""
    (folder / "theme.css").write_text(css_of(theme), encoding="utf-8")
    copy(LOOK / "static/prototype.css", folder)
    pairs: dict[str, list[tuple[str, str]]] = {}
    for measure in measures_of(theme):
        pairs.setdefault(measure.mode, []).append(measure.colours)
    (folder / "pairs.json").write_bytes(msgspec.json.encode(pairs))
    templates = environment(HERE / "look")
    for name in PAGES:
        page, _, language = name.partition("-")
        template = templates.get_template("form.html" if page == "errors" else f"{page}.html")
        (folder / f"{name}.html").write_text(template.render(_given(page, language, theme)), encoding="utf-8")


def _given(page: str, language: str, theme: Theme) -> dict[str, Any]:
    words = tomllib.loads((HERE / f"look/{language}.toml").read_text("utf-8"))
    asked = words.pop("questions")
    moments = words.pop("moments")
    messages, lines = words.pop("messages"), words.pop("lines")
    return {
        "lang": language,
        "t": Texts(cast("Language", language), {}),
        "project": {"name": words["service"], "authority_name": f"Commune de {theme.name.fr}", "is_prototype": True},
        "path_in": lambda other: f"{page}-{other}.html",
        "theme_href": "theme.css",
        "css_href": "prototype.css",
        "lab_bar": page in ("form", "errors"),
        "logo": theme.logo,
        "words": words,
        "questions": [Question(**_question(given)) for given in asked],
        "values": words["values"] if page == "errors" else {},
        "errors": words["errors"] if page == "errors" else {},
        "rows": [(label, value, "#content") for label, value in words["rows"]],
        "channels": list(Channel),
        "moments": [_moment(given) for given in moments],
        "messages": [Given(**message) for message in messages],
        "lines": [Given(**line) for line in lines],
        "letter": Given(**words["text"], is_prototype=True),
    }


def _question(given: dict[str, Any]) -> dict[str, Any]:
    options = tuple((code, label) for code, label in given.pop("options", {}).items())
    return given | {"options": options}


def _moment(given: dict[str, Any]) -> Given:
    channel = Channel(given.pop("channel")) if "channel" in given else None
    answers = [tuple(answer) for answer in given.pop("answers", [])]
    return Given(**({"text": "", "by": "", "at": NOW} | given), channel=channel, answers=answers)
