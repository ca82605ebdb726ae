"""The reference pages of events, in both languages: one an event, and one of all with what they share.

English meanings are docstrings, French ones are those of the contract. Nothing here knows what an event means.
"""

import msgspec
from msgspec import Struct

from labkit.contract.samples import samples
from labkit.reference_attempts import commands_to, recorded_by
from labkit.reference_fields import fields_table, meaning
from labkit.reference_texts import table, texts
from ledger.domain.case import Placement
from ledger.domain.events import BY_TAG, Attachment, Event, Stamp
from ledger.domain.vocabulary import Language, Term
from ledger.publishing.contract.structs import PARTICULARS, VOCABULARIES
from ledger.publishing.contract.texts import texts as contract
from ledger.publishing.published import TYPE_PREFIX, compose
from ledger.publishing.subjects import ROOT, event_of, subject_of
from ledger.settings import SOURCE_DEFAULT

ABOVE = "../events.md"


def events_page(language: Language) -> str:
    """Return the page of everything that the ledger publishes, and of what events share."""
    page = {name: said.to(language).strip() for name, said in texts().page.items()}
    blocks = [f"# {page['events']}", page["generated"], page["events-intro"].replace("{prefix}", TYPE_PREFIX)]
    blocks += [table([page["event"], page["meaning"]], [_entry(tag, language) for tag in BY_TAG])]
    blocks += [page["events-contract"]]
    blocks += [f"## {page['shared']}", fields_table(Event, language)]
    blocks += [f"## {page['attributes']} {{ #attributes }}", _attributes(language)]
    blocks += [f"## {page['parts']}", *_part(Stamp, language), *_part(Attachment, language)]
    blocks += [f"## {page['particulars']} {{ #particulars }}"]
    for part in PARTICULARS:
        blocks += _part(part, language)
    blocks += [f"## {page['words']}"]
    for vocabulary in VOCABULARIES:
        blocks += _vocabulary(vocabulary, language)
    return "\n\n".join(blocks) + "\n"


def event_page(tag: str, language: Language) -> str:
    """Return the page of one event: what it means, holds and looks like, who records it, and how to see one."""
    page = {name: said.to(language).strip() for name, said in texts().page.items()}
    example = msgspec.json.format(compose(samples()[tag], SOURCE_DEFAULT), indent=2).decode()
    sections = {
        "fields": [fields_table(BY_TAG[tag], language, above=ABOVE), page["fields-note"]],
        "example": [f"```json\n{example}\n```"],
        "recorded-by": [_commands(tag, language)],
        "published": [_subjects(tag, language)],
        "versions": [_versions(tag, language)],
        "attempt": [page["attempt-text"], f"```sh\n{_attempt(tag)}\n```", page["attempt-after"]],
    }
    blocks = [f"# `{tag}`", page["generated"], _told(tag, language)]
    for name, section in sections.items():
        blocks += [f"## {page[name]} {{ #{name} }}", *section]
    return "\n\n".join(blocks) + "\n"


def _entry(tag: str, language: Language) -> list[str]:
    return [f"[`{tag}`](events/{tag}.md){{ #{tag.replace('.', '-')} }}", _told(tag, language)]


def _told(tag: str, language: Language) -> str:
    said = contract().event[tag]
    name = f"*{said.name}*. " if language == "fr" else ""
    return name + meaning(BY_TAG[tag], said.fr, language)


def _attributes(language: Language) -> str:
    rows = [[f"`{name}`", said.to(language)] for name, said in contract().attribute.items()]
    return table([texts().page[column].to(language) for column in ("attribute", "meaning")], rows)


def _commands(tag: str, language: Language) -> str:
    rows = [[f"`{name}`", f"`POST {path}`"] for name, path in recorded_by(tag).items()]
    return table([texts().page[column].to(language) for column in ("command", "address")], rows)


def _subjects(tag: str, language: Language) -> str:
    event, about = event_of(tag), samples()[tag].metadata
    example = subject_of(Placement(about.authority, about.service, about.channel), tag)
    schema = f"[`schemas/{tag}.json`](../contract/schemas/{tag}.json)"
    told = {
        "subject": f"`{ROOT}.<authority>.<service>.<channel>.{event}`",
        "for-example": f"`{example}`",
        "filter": f"`{ROOT}.*.*.*.{event}`",
        "type": f"`{TYPE_PREFIX}{tag}`",
        "schema": schema,
    }
    rows = [[texts().page[name].to(language), value] for name, value in told.items()]
    return table([texts().page[column].to(language) for column in ("what", "value")], rows)


def _versions(tag: str, language: Language) -> str:
    every = [other for other in BY_TAG if event_of(other) == event_of(tag)]
    rows = [
        [f"`{other}`" if other == tag else f"[`{other}`]({other}.md)", contract().event[other].since] for other in every
    ]
    return table([texts().page[column].to(language) for column in ("version", "since")], rows)


def _attempt(tag: str) -> str:
    address = "http://127.0.0.1:8420/commands"
    return f"curl -s {address} -H 'Content-Type: application/json' -d @- <<'END'\n{commands_to(tag)}\nEND"


def _part(part: type[Struct], language: Language) -> list[str]:
    return [
        f"### {part.__name__} {{ #{part.__name__.lower()} }}",
        meaning(part, contract().part[part.__name__], language),
        fields_table(part, language),
    ]


def _vocabulary(vocabulary: type[Term], language: Language) -> list[str]:
    rows = [[f"`{term.value}`", term.label("en"), term.label("fr")] for term in vocabulary]
    return [
        f"### {vocabulary.__name__} {{ #{vocabulary.__name__.lower()} }}",
        meaning(vocabulary, contract().word[vocabulary.__name__], language),
        table([texts().page[column].to(language) for column in ("code", "english", "french")], rows),
    ]
