"""What is personal in a project and is not treated so: fields, samples, names of events.

It judges by names and forms, so it may be wrong: what only might say something about somebody is a warning.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.checks.findings import Finding, Severity
from labkit.prototype.events import ServiceEvent, name_of, personal_names, stem_of
from labkit.prototype.kit_events import KIT_EVENTS
from labkit.prototype.project import Project
from labkit.prototype.questions import Kind, field_type, kind_of
from labkit.prototype.service import Service

_OPEN: tuple[Kind, ...] = ("text", "lines", "email", "phone", "date", "number", "decimal", "money")
_EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+33[ .-]?|0)[1-9](?:[ .-]?\d\d){4}(?![\w/-])")
_INVENTED = re.compile(r"(?:^|\.)(?:example|exemple)\.(?:org|com|net|fr)$|\.(?:example|test|invalid|localhost)$")
# Our own fictional town's, then those that Arcep keeps for fiction.
_INVENTED_NUMBERS = ("05590000", "019900", "026191", "035301", "046571", "053649", "063998")
_SAMPLES = ("personas.toml", "tests/**/*.py", "src/**/*.toml", "src/**/*.py", "src/**/*.html")
_FILE_SIZE_MAX_BYTES = 1_000_000


class PersonalWords(Struct, frozen=True, kw_only=True):
    """Words by which personal data is recognised in names of fields; sensitive ones in names of events, too."""

    fields: frozenset[str]
    words: frozenset[str]
    sensitive: frozenset[str]


@cache
def personal_words() -> PersonalWords:
    """Return the words that the kit knows."""
    return msgspec.toml.decode(files("labkit.data").joinpath("personal_words.toml").read_bytes(), type=PersonalWords)


def check_privacy(project: Project, service: Service) -> Iterator[Finding]:
    """Find what is personal and lies open."""
    own = [kind for kind in service.kinds.values() if kind not in KIT_EVENTS]
    for kind in own:
        yield from _open_fields(kind)
        yield from _told_by_name(kind)
    yield from _real_samples(project)


def _open_fields(kind: type[ServiceEvent]) -> Iterator[Finding]:
    for field in msgspec.structs.fields(kind):
        severity = _gravity(field.name, kind_of(field_type(kind, field.name)))
        if severity is None or field.name in personal_names(kind):
            continue
        yield Finding(
            severity=severity,
            where=f"events.py · {kind.__name__}.{field.name}",
            what="check.open-field",
            mend="check.seal-field",
            details={"field": field.name, "event": name_of(kind)},
        )


def _gravity(name: str, kind: Kind) -> Severity | None:
    """Return how grave it is to leave a field open, `None` if nothing is."""
    known, words = personal_words(), set(name.split("_"))
    if kind in _OPEN:
        return "error" if name in known.fields or known.words & words else None
    # Whether somebody gave an address is no address; whether they have an allergy says what it says.
    return "warning" if known.sensitive & words else None


def _told_by_name(kind: type[ServiceEvent]) -> Iterator[Finding]:
    words = sorted(personal_words().sensitive & set(stem_of(kind).split("-")))
    if words:
        yield Finding(
            severity="warning",
            where=f"events.py · {kind.__name__}",
            what="check.telling-name",
            mend="check.quieter-name",
            details={"event": name_of(kind), "word": words[0]},
        )


def _real_samples(project: Project) -> Iterator[Finding]:
    files = (file for pattern in _SAMPLES for file in sorted(project.folder.glob(pattern)))
    for file in files:
        if file.stat().st_size <= _FILE_SIZE_MAX_BYTES:
            yield from _real_ones(file, file.relative_to(project.folder).as_posix())


def _real_ones(file: Path, where: str) -> Iterator[Finding]:
    # An authority may well print its own number; nobody invented should have somebody's.
    severity: Severity = "error" if where == "personas.toml" else "warning"
    text = file.read_text(encoding="utf-8", errors="replace")
    emails = [found[0] for found in _EMAIL.finditer(text) if not _INVENTED.search(found[1].lower())]
    phones = [found[0] for found in _PHONE.finditer(text) if not _is_invented(found[0])]
    for sample in dict.fromkeys((*emails, *phones)):
        yield Finding(
            severity=severity,
            where=where,
            what="check.real-sample",
            mend="check.invent-sample",
            details={"sample": sample},
        )


def _is_invented(number: str) -> bool:
    digits = re.sub(r"\D", "", number.replace("+33", "0", 1))
    return digits.startswith(_INVENTED_NUMBERS)
