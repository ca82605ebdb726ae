"""What can be told of a prototype from its own files: its title, its channels, the events that it writes and reads.

Only facts are taken: what it is for, and for whom, is said by those who made it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from labkit.catalogue.entry import Field, Said, WrittenEvent
from labkit.prototype.events import ServiceEvent, name_of, personal_names, stem_of
from labkit.prototype.kit_events import KIT_EVENTS
from labkit.prototype.project import Project
from labkit.prototype.texts import Texts
from ledger.domain import events
from ledger.domain.events import (
    BY_TAG,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    InteractionRecorded,
    ServiceEventRecorded,
)

# Every prototype folds these: `labkit.prototype.story` names them.
READ_BY_ALL = (CaseOpened, InteractionRecorded, ServiceEventRecorded, CaseClosed, CaseReopened)


def words_of(project: Project, key: str) -> Said:
    """Return a text of the project in both languages, on one line; one that it does not speak is said in its first."""
    first = project.texts(project.languages[0])
    said: dict[str, Texts] = {language: project.texts(language) for language in project.languages}
    return Said(*(" ".join((said.get(language, first).get(key) or "").split()) for language in ("fr", "en")))


def events_written(project: Project) -> tuple[WrittenEvent, ...]:
    """Return the service's own events, those of the kit left out."""
    kinds = [kind for kind in project.service().kinds.values() if kind not in KIT_EVENTS]
    return tuple(_written(project, kind) for kind in kinds)


def events_read(project: Project) -> tuple[str, ...]:
    """Return the ledger's events that the prototype reads: those of every prototype, and those that its code names."""
    known = {kind.__name__: tag for tag, kind in BY_TAG.items()}
    named = {known[name] for file in project.package.rglob("*.py") for name in _imported(file) if name in known}
    always = {known[kind.__name__] for kind in READ_BY_ALL}
    return tuple(tag for tag in BY_TAG if tag in always | named)


def _written(project: Project, kind: type[ServiceEvent]) -> WrittenEvent:
    personal = personal_names(kind)
    return WrittenEvent(
        name=name_of(kind),
        title=words_of(project, f"{stem_of(kind)}.title"),
        fields=tuple(Field(name, name in personal) for name in kind.__struct_fields__),
    )


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module == events.__name__:
            yield from (alias.name for alias in node.names)
