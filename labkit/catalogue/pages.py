"""The catalogue's page, in both languages, made from the signed entries in `docs/catalogue/`.

`python -m labkit.catalogue.pages` writes both. An entry whose signature is not its own is shown nowhere.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

import msgspec

from labkit.catalogue.entry import ENTRY_FILE, SIGNATURE_FILE, Entry, WrittenEvent
from labkit.catalogue.unpack import verify
from labkit.messages import LANGUAGES
from labkit.reference_texts import Said, table, typeset
from ledger.domain.vocabulary import Language

FOLDER = Path("docs") / "catalogue"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]|#])")


def pages(root: Path) -> dict[str, str]:
    """Return each page by its path from the root of the project.

    Raises:
        BrokenPack: an entry is not what was signed.
    """
    known = [_read(folder) for folder in sorted((root / FOLDER).iterdir()) if folder.is_dir()]
    return {f"docs/{language}/catalogue.md": _page(known, language) for language in LANGUAGES}


def write(root: Path) -> None:
    """Write both pages."""
    for path, text in pages(root).items():
        (root / path).write_text(text, encoding="utf-8")


def _read(folder: Path) -> tuple[Entry, str]:
    entry, signature = ((folder / name).read_bytes() for name in (ENTRY_FILE, SIGNATURE_FILE))
    read, vouched = verify(entry, signature, folder)
    return read, vouched.fingerprint


def _page(known: list[tuple[Entry, str]], language: Language) -> str:
    say = {name: said.to(language) for name, said in _words().items()}
    blocks = [f"# {say['title']}", say["intro"]]
    for entry, fingerprint in known:
        blocks += _entry(entry, fingerprint, say, language)
    blocks += [f"## {say['take-up']} {{ #take-up }}", say["take-up-text"]]
    blocks += ["```console\nlabkit new NAME-DATE.labkit --trust FINGERPRINT\n```", say["trust"]]
    blocks += [f"## {say['give']} {{ #give }}", "```console\nlabkit publish --catalogue\n```", say["give-text"]]
    return "\n\n".join(blocks) + "\n"


def _entry(entry: Entry, fingerprint: str, say: dict[str, str], language: Language) -> Iterator[str]:
    yield f"## {_plain(_to(entry.title.to(language), language))} {{ #{entry.name} }}"
    yield _plain(_to(entry.lead.to(language), language))
    colon = typeset(" :") if language == "fr" else ":"
    yield "\n".join(
        f"- **{say[key]}**{colon} {value}" for key, value in _facts(entry, fingerprint, say, language) if value
    )
    yield f"### {say['writes']} {{ #{entry.name}-writes }}"
    yield say["writes-text"]
    rows = [[f"`{e.name}`", _plain(_to(e.title.to(language), language)), _fields(e)] for e in entry.events]
    yield table([say["event"], say["meaning"], say["fields"]], rows)
    yield f"### {say['reads']} {{ #{entry.name}-reads }}"
    yield ", ".join(f"[`{tag}`](reference/events.md#{tag.replace('.', '-')})" for tag in entry.ledger_events) + "."


def _facts(entry: Entry, fingerprint: str, say: dict[str, str], language: Language) -> Iterator[tuple[str, str]]:
    yield "for-whom", _plain(_to(entry.for_whom, language))
    yield "authority", f"{_plain(entry.authority_name)} ({_plain(entry.authority)})"
    yield "author", _plain(entry.author) if entry.author != entry.authority_name else ""
    yield "contact", _plain(entry.contact)
    yield "phase", _plain(entry.phase)
    yield "channels", ", ".join(channel.label(language) for channel in entry.channels)
    yield "made-from", f"`{entry.template}`, {say['kit']} {_plain(entry.kit)}"
    yield "licence", _plain(entry.licence)
    yield "made-on", f"{entry.made_at:%Y-%m-%d}"
    yield "fingerprint", f"`{fingerprint}`"
    values = (
        f"{_plain(name)} {say['unmeasured'] if value is None else value}" for name, value in entry.measures.items()
    )
    yield "measures", ", ".join(values)
    yield "screenshots", ", ".join(_plain(file.place.rpartition("/")[2]) for file in entry.screenshots)


def _fields(event: WrittenEvent) -> str:
    return ", ".join(f"**`{field.name}`**" if field.personal else f"`{field.name}`" for field in event.fields)


def _to(text: str, language: Language) -> str:
    return typeset(text) if language == "fr" else text


def _plain(text: str) -> str:
    """Return a text of an entry as words alone: neither Markdown nor HTML."""
    return _MARKDOWN.sub(r"\\\1", escape(text, quote=False))


@cache
def _words() -> dict[str, Said]:
    return msgspec.toml.decode(
        files("labkit.catalogue").joinpath("pages.toml").read_bytes(), type=dict[str, dict[str, Said]]
    )["page"]


if __name__ == "__main__":
    write(Path.cwd())
