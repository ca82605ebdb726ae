"""One archive, `NAME-DATE.labkit`: the entry, its signature, the project, what its template gave, and pictures.

The same project, particulars, moment and key give the same bytes.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from labkit.catalogue.describing import events_read, events_written, words_of
from labkit.catalogue.entry import (
    ENTRY_FILE,
    PRISTINE,
    PROJECT,
    SCREENSHOTS,
    SIGNATURE_FILE,
    Entry,
    canonical,
    packed,
    read_entry,
)
from labkit.catalogue.failures import BadParticular
from labkit.catalogue.gathering import Tree, pristine_tree, project_tree
from labkit.catalogue.signing import Signature, encoded, sign
from labkit.prototype.project import Project
from labkit.publish.archive import write_archive
from labkit.publish.contents import Content
from labkit.scaffold.answers import ANSWERS_FILE, read_answers

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Measures = dict[str, float | int | None]


class Particulars(Struct, frozen=True, kw_only=True):
    """What the files of a project do not say, and its makers do."""

    for_whom: str = ""
    licence: str = "Apache-2.0"
    measures: Measures = {}
    screenshots: Tree = {}
    author: str = ""
    contact: str = ""


class Pack(Struct, frozen=True, kw_only=True):
    """What an archive holds: the entry, who vouches for it, and every file by its place."""

    entry: Entry
    signature: Signature
    files: Tree

    @property
    def name(self) -> str:
        """Return how the archive is called."""
        return f"{self.entry.name}-{self.entry.made_at:%Y-%m-%d}.labkit"

    def under(self, place: str) -> Tree:
        """Return the files of one of its folders, by their paths inside it."""
        return {name.removeprefix(place): data for name, data in self.files.items() if name.startswith(place)}


def pack(project: Project, given: Particulars, *, key: "Ed25519PrivateKey", made_at: datetime) -> Pack:
    """Describe, gather and sign a project.

    Raises:
        LabkitFailure: the project cannot be read, or something in it must not go out.
    """
    folder = project.folder
    files = {
        **_below(PRISTINE, pristine_tree(folder)),
        **_below(PROJECT, project_tree(folder)),
        **_below(SCREENSHOTS, given.screenshots),
    }
    entry = _described(project, given, made_at)
    entry = replace(entry, files=tuple(packed(place, files[place]) for place in sorted(files)))
    try:
        read_entry(canonical(entry))
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise BadParticular(option="--catalogue", value=entry.name, expected=error) from error
    return Pack(entry=entry, signature=sign(canonical(entry), key), files=files)


def archive_of(made: Pack) -> bytes:
    """Return the archive's bytes."""
    target = io.BytesIO()
    first = ((ENTRY_FILE, canonical(made.entry)), (SIGNATURE_FILE, encoded(made.signature)))
    write_archive(target, (Content(place=place, data=data) for place, data in (*first, *sorted(made.files.items()))))
    return target.getvalue()


def _below(place: str, tree: Mapping[str, bytes]) -> Tree:
    return {place + name: data for name, data in tree.items()}


def _described(project: Project, given: Particulars, made_at: datetime) -> Entry:
    about, service = project.manifest.project, project.manifest.service
    answers = read_answers(project.folder / ANSWERS_FILE)
    return Entry(
        name=answers.answers.get("project_slug", about.package),
        title=words_of(project, "service.title"),
        lead=words_of(project, "service.lead"),
        for_whom=given.for_whom,
        authority=service.authority,
        authority_name=service.authority_name,
        service_code=service.code,
        phase=about.phase,
        channels=tuple(project.channels()),
        template=answers.template,
        kit=answers.kit,
        events=events_written(project),
        ledger_events=events_read(project),
        licence=given.licence,
        measures={**dict.fromkeys(project.service().measures), **given.measures},
        author=given.author or service.authority_name,
        contact=given.contact,
        made_at=made_at.replace(microsecond=0),
        files=(),
    )
