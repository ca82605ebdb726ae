"""The entries of a recording as the player shows them: what its list says, and the steps that it goes through. Pure."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct

from labkit.prototype.texts import Texts
from labkit.replay.recorded import Entry, EventTold, FormSent, PageShown, Recording, Words
from labkit.replay.still import still
from ledger.domain.vocabulary import Channel, Language

Said = dict[Language, str]
_DESK = re.compile(r"/(fr|en)/desk(/|$)")
_CASE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOWHERE = -1


class Shown(Struct, frozen=True, kw_only=True):
    """One entry as the list shows it; `title` is in the language of a page, or in both."""

    id: str
    kind: str
    clock: str
    said: Said = {}
    title: str = ""
    language: Language | None = None
    path: str = ""
    reference: str = ""
    channel: Channel | None = None
    channel_label: Said = {}
    by: Said = {}
    words: dict[Language, Words] = {}


class Found(Struct, frozen=True):
    """Where a case begins in the list."""

    reference: str
    entry: str


def shown(recording: Recording) -> list[Shown]:
    """Return the entries as the list shows them; what all pages say in their titles is left out of each."""
    header, zero = recording.header, recording.entries[0].offset if recording.entries else 0.0
    ending = re.compile(f"( · {re.escape(header.project)})?( – {re.escape(header.authority_name)})?$")
    return [_shown(f"entry-{rank}", entry, zero, ending) for rank, entry in enumerate(recording.entries)]


def _shown(place: str, entry: Entry, zero: float, ending: re.Pattern[str]) -> Shown:
    clock = clock_of(entry.offset - zero)
    match entry:
        case PageShown(path=path, title=title, language=language):
            said = ending.sub("", title, count=1) or title
            return Shown(id=place, kind="page", clock=clock, title=said, language=language, path=_short(path))
        case FormSent(path=path):
            return Shown(id=place, kind="form", clock=clock, path=_short(path))
        case EventTold(words=words, channel=channel):
            return Shown(
                id=place,
                kind="event",
                clock=clock,
                said={language: said.title for language, said in words.items()},
                reference=entry.reference,
                channel=channel,
                channel_label={language: channel.label(language) for language in words} if channel else {},
                by={language: said.by for language, said in words.items()},
                words={language: said for language, said in words.items() if said.text or said.answers},
            )


def cases_of(entries: Sequence[Shown]) -> list[Found]:
    """Return every case with the entry that it begins with."""
    found: dict[str, str] = {}
    for entry in entries:
        if entry.reference:
            found.setdefault(entry.reference, entry.id)
    return [Found(reference, place) for reference, place in found.items()]


def played(recording: Recording, entries: Sequence[Shown]) -> dict[str, Any]:
    """Return the pages, and the steps: each page and each event, with the page that is in sight then."""
    languages, zero = recording.header.languages, recording.entries[0].offset if recording.entries else 0.0
    pages: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    for entry, told in zip(recording.entries, entries, strict=True):
        if isinstance(entry, PageShown):
            pages.append(_page(entry))
        if not isinstance(entry, FormSent):
            title = told.said or dict.fromkeys(languages, told.title)
            sight = len(pages) - 1 if pages else _NOWHERE
            steps.append(
                {"kind": told.kind, "entry": told.id, "offset": entry.offset - zero, "page": sight, "title": title}
            )
    return {"pages": pages, "steps": steps}


def json_of(data: object) -> str:
    """Return JSON that can stand in a page: nothing in it ends the element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def clock_of(offset: float) -> str:
    """Return how far into a recording something is, as 1:07 or 1:00:07."""
    minutes, seconds = divmod(int(offset), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def began(recording: Recording) -> Said:
    """Return when a recording really begins, in words: with its first entry."""
    first = recording.entries[0].offset if recording.entries else 0.0
    at = recording.header.began_at + timedelta(seconds=first)
    return {language: Texts(language, {}).moment(at) for language in recording.header.languages}


def _short(path: str) -> str:
    """Return an address without the case that it names: the list says which it is."""
    return _CASE.sub("…", path)


def _page(entry: PageShown) -> dict[str, Any]:
    kept = still(entry.html)
    return {
        "path": entry.path,
        "title": entry.title,
        "language": entry.language,
        "desk": bool(_DESK.match(entry.path)),
        "mode": kept.mode,
        "body": kept.body,
    }
