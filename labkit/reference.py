"""The reference pages, in both languages: here those of events and refusals, made from the structs themselves.

`python -m labkit.reference` writes them all under `docs/`. English meanings are docstrings; every other word
is in `reference.toml`. Nothing here knows what an event means.
"""

from pathlib import Path
from string import Formatter
from typing import get_args

import msgspec
from msgspec import Struct, inspect

from labkit.controls.histories import a_whole_story, an_event_of_every_kind, sealed
from labkit.reference_cli import cli_page
from labkit.reference_texts import table, texts, typeset
from ledger.domain.case import placement, replay
from ledger.domain.citizen import personal_fields
from ledger.domain.errors import REFUSALS
from ledger.domain.events import Attachment, CaseEvent, Event, LedgerEvent, Particulars, Stamp, tag_of
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Language, Outcome, Term
from ledger.publishing.cloudevents import TYPE_PREFIX
from ledger.publishing.subjects import subject_of

LANGUAGES: tuple[Language, ...] = get_args(Language)
PARTICULARS: tuple[type[Struct], ...] = get_args(Particulars)
VOCABULARIES: tuple[type[Term], ...] = (Channel, Direction, AuthorityKind, Outcome, ClosingReason)


def pages() -> dict[str, str]:
    """Return each page by its path from the root of the project."""
    return {
        f"docs/{language}/reference/{name}.md": page(language)
        for language in LANGUAGES
        for name, page in (("events", events_page), ("refusals", refusals_page), ("cli", cli_page))
    }


def write(root: Path) -> None:
    """Write all pages."""
    for path, text in pages().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def events_page(language: Language) -> str:
    """Return the page of everything that the ledger publishes."""
    page = {name: said.to(language).strip() for name, said in texts().page.items()}
    blocks = [f"# {page['events']}", page["generated"], page["events-intro"].replace("{prefix}", TYPE_PREFIX)]
    blocks += [f"## {page['shared']}", _fields(Event, language)]
    for event in an_event_of_every_kind():
        blocks += _event(event, language)
    blocks += [f"## {page['parts']}", *_part(Stamp, language), *_part(Attachment, language)]
    blocks += [f"## {page['particulars']} {{ #particulars }}"]
    for part in PARTICULARS:
        blocks += _part(part, language)
    blocks += [f"## {page['words']}"]
    for vocabulary in VOCABULARIES:
        blocks += _vocabulary(vocabulary, language)
    return "\n\n".join(blocks) + "\n"


def refusals_page(language: Language) -> str:
    """Return the page of every rule that may say no."""
    page = {name: said.to(language).strip() for name, said in texts().page.items()}
    blocks = [f"# {page['refusals']}", page["generated"], page["refusals-intro"]]
    for code, refusal in REFUSALS.items():
        messages = f"- {_named(refusal.en)}\n- {_named(typeset(refusal.fr))}"
        blocks += [
            f"## `{code}` {{ #{code} }}",
            _meaning(refusal, texts().refusal[code], language),
            messages if language == "en" else "\n".join(reversed(messages.splitlines())),
        ]
    return "\n\n".join(blocks) + "\n"


def _event(event: LedgerEvent, language: Language) -> list[str]:
    tag, kind = tag_of(event), type(event)
    said, subject = texts().event[tag], texts().page["subject"].to(language)
    name = f"*{said.name}*. " if language == "fr" else ""
    example = msgspec.json.format(msgspec.json.encode(sealed(event)), indent=2).decode()
    return [
        f"## `{tag}` {{ #{tag.replace('.', '-')} }}",
        name + _meaning(kind, said.fr, language),
        f"{subject} `{subject_of(placement(replay(_before(event)), event), tag)}`",
        _fields(kind, language, but=("event", *Event.__struct_fields__)),
        f"```json\n{example}\n```",
    ]


def _before(event: LedgerEvent) -> list[LedgerEvent]:
    if not isinstance(event, CaseEvent):
        return []
    return [earlier for earlier in a_whole_story() if earlier.version < event.version]


def _part(part: type[Struct], language: Language) -> list[str]:
    return [
        f"### {part.__name__} {{ #{part.__name__.lower()} }}",
        _meaning(part, texts().part[part.__name__], language),
        _fields(part, language),
    ]


def _vocabulary(vocabulary: type[Term], language: Language) -> list[str]:
    rows = [[f"`{term.value}`", term.label("en"), term.label("fr")] for term in vocabulary]
    return [
        f"### {vocabulary.__name__} {{ #{vocabulary.__name__.lower()} }}",
        _meaning(vocabulary, texts().word[vocabulary.__name__], language),
        table([texts().page[column].to(language) for column in ("code", "english", "french")], rows),
    ]


def _fields(kind: type[Struct], language: Language, *, but: tuple[str, ...] = ()) -> str:
    shape = inspect.type_info(kind)
    if not isinstance(shape, inspect.StructType):
        raise TypeError(f"{kind.__name__} has no fields")
    rows = [_tag_row(shape, language)] if shape.tag_field and shape.tag_field not in but else []
    rows += [_row(kind, field, language) for field in shape.fields if field.name not in but]
    return table([texts().page[column].to(language) for column in ("field", "type", "meaning")], rows)


def _tag_row(shape: inspect.StructType, language: Language) -> list[str]:
    tag = _type(inspect.StrType(), language) if shape.cls is Event else f"`{shape.tag}`"
    return [f"`{shape.tag_field}`", tag, texts().page["tag"].to(language)]


def _row(kind: type[Struct], field: inspect.Field, language: Language) -> list[str]:
    said = texts().field
    meaning = said.get(f"{kind.__name__}.{field.name}") or said[field.name]
    marks = (
        *(() if field.required else (texts().mark["optional"].to(language),)),
        *((f"**{texts().mark['personal'].to(language)}**",) if field.name in personal_fields(kind) else ()),
    )
    return [
        f"`{field.encode_name}`",
        ", ".join((_type(field.type, language), *marks)),
        meaning.to(language),
    ]


def _type(kind: inspect.Type, language: Language) -> str:
    said = texts().type
    match kind:
        case inspect.Metadata():
            return _type(kind.type, language)
        case inspect.EnumType() | inspect.StructType():
            return f"[{kind.cls.__name__}](#{kind.cls.__name__.lower()})"
        case inspect.VarTupleType():
            return said["list"].to(language).format(of=_type(kind.item_type, language))
        case inspect.UnionType():
            some = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return _type(some[0], language) if len(some) == 1 else said["particulars"].to(language)
        case inspect.StrType(pattern=str() as pattern):
            return said["pattern"].to(language).format(pattern=pattern.replace("|", "\\|"))
        case _:
            return said[type(kind).__name__].to(language)


def _meaning(thing: type, french: str, language: Language) -> str:
    """Return the docstring, or the French text."""
    if language == "fr":
        return typeset(french)
    return thing.__doc__ or ""


def _named(message: str) -> str:
    """Return a message with the names of its details in italics."""
    return "".join(text + (f"*{name}*" if name else "") for text, name, _, _ in Formatter().parse(message))


if __name__ == "__main__":
    write(Path.cwd())
