"""A recording as one page that plays it: no server, no network, nothing but the file itself.

What was shown is shown again in a frame that runs nothing and asks nothing; what the page itself may run and wear is
named by its hash, so that nothing recorded can ever be either.
"""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from labkit.messages import Texts
from labkit.prototype.look.theme import Theme, css_of
from labkit.prototype.rendering import LOOK, STATIC_FOLDERS
from labkit.reference_texts import typeset
from labkit.replay.entries import Said, began, cases_of, clock_of, json_of, played, shown
from labkit.replay.recorded import PageShown, Recording
from ledger.domain.vocabulary import Language

HERE = Path(__file__).parent
_SHEETS = re.compile(r'href="/static/([\w-]+\.css)')
_WORDS = (
    *("player.recording", "player.warning", "player.language", "player.title", "player.when", "player.lasted"),
    *("player.pages", "player.events", "player.cases", "player.full", "player.list", "player.controls"),
    *("player.play", "player.pause", "player.previous", "player.next", "player.speed", "player.line", "player.keys"),
    *("player.key-space", "player.key-space-does", "player.key-arrows-do", "player.key-home", "player.key-end"),
    *("player.key-home-does", "player.page", "player.nothing", "player.story", "player.go", "player.kind-page"),
    *("player.kind-form", "player.citizen", "player.desk", "player.made-with"),
)
_SAID_BY_SCRIPT = ("citizen", "desk")


def page_of(recording: Recording, theme: Theme) -> str:
    """Return the whole page."""
    header, authority = recording.header, recording.header.authority_name
    words = {key.partition(".")[2]: _said(key, header.languages) for key in _WORDS}
    entries = shown(recording)
    data = {**played(recording, entries), "words": {name: words[name] for name in _SAID_BY_SCRIPT}}
    look = f"{css_of(theme)}\n{_sheets(recording)}"
    own_style, script = (HERE.joinpath(name).read_text(encoding="utf-8") for name in ("player.css", "player.js"))
    return _template().render(
        header=header,
        languages=header.languages,
        words=words,
        entries=entries,
        policy=_policy(script, look, own_style),
        look=_raw(look),
        own_style=_raw(own_style),
        script=_raw(script),
        data=_raw(json_of(data)),
        letters=theme.logo.text or authority[:1],
        began=began(recording),
        lasted=clock_of(recording.entries[-1].offset - recording.entries[0].offset if recording.entries else 0.0),
        pages_count=sum(isinstance(entry, PageShown) for entry in recording.entries),
        events_count=len(recording.events()),
        cases=cases_of(entries),
        steps_count=max(1, sum(entry.kind != "form" for entry in entries)),
        full=recording.full,
    )


def _template() -> Template:
    folders = [HERE, LOOK / "templates"]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("player.html")


def _said(key: str, languages: tuple[Language, ...]) -> Said:
    return {one: typeset(Texts(one)(key)) if one == "fr" else Texts(one)(key) for one in languages}


def _sheets(recording: Recording) -> str:
    """Return the style sheets of the kit that the pages named, the first of them always."""
    pages = (entry.html for entry in recording.entries if isinstance(entry, PageShown))
    named = dict.fromkeys(["prototype.css", *(name for html in pages for name in _SHEETS.findall(html))])
    files = (folder / name for name in named for folder in STATIC_FOLDERS)
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


def _policy(script: str, *styles: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {' '.join(map(_hash, styles))}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _raw(text: str) -> Markup:
    """Let a text of our own stand in the page as it is; no other may hold what would end its element."""
    if "</" in text:
        raise ValueError("this would end the element that holds it")
    return Markup(text)  # noqa: S704  # style sheets and script of the kit, and JSON without any «<»
