"""How a log is told in the ledger's words: the default mapping, and what a team's own file changes in it.

It says which attribute holds what, and what the log's words for channels mean; `cases.py` applies it.
"""

from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from labkit.failures import BadMapping, InvalidAuthority, UnreadableFile
from labkit.simulate.territory import find_authority
from ledger.domain.identifiers import Label, ServiceCode, Siren, is_siren
from ledger.domain.vocabulary import AuthorityKind, Channel

_DEFAULT = "default.toml"
_OVER_IT = {"xes": (), "ocel": ("ocel.toml",)}


class MappedAuthority(Struct, frozen=True, forbid_unknown_fields=True):
    """The authority that answers for the cases of the log."""

    siren: Siren
    name: Label
    kind: AuthorityKind


class MappedService(Struct, frozen=True, forbid_unknown_fields=True):
    """The service that the cases of the log ask for."""

    code: ServiceCode
    name: Label
    answer_days: int | None = None


class TraceAttributes(Struct, frozen=True, forbid_unknown_fields=True):
    """Which attribute of a trace says what."""

    channel: str
    unit: str
    deadline: str
    closed_at: str
    opened_at: str
    reference: str = ""


class EventAttributes(Struct, frozen=True, forbid_unknown_fields=True):
    """Which attribute of an event says what."""

    activity: str
    agent: str
    unit: str
    occurred_at: str


class ObjectTypes(Struct, frozen=True, forbid_unknown_fields=True):
    """What only an object-centric log needs to be told: what a case is in it, and what ends one."""

    case: str = "case"
    agent: str = "agent"
    closing: tuple[str, ...] = ()
    reopening: tuple[str, ...] = ()
    log: str = ""


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """How a log is told in the ledger's words."""

    authority: MappedAuthority
    service: MappedService
    trace: TraceAttributes
    event: EventAttributes
    channels: dict[str, Channel]
    ocel: ObjectTypes = ObjectTypes()


def read_mapping(path: Path | None = None, *, siren: str | None = None, of: Literal["xes", "ocel"] = "xes") -> Mapping:
    """Read a mapping file over those that come with a format; `siren` puts another authority in charge."""
    tree: dict[str, dict[str, object]] = {}
    for name in (_DEFAULT, *_OVER_IT[of]):
        _lay_over(tree, _tables(files("labkit.imports").joinpath(name).read_bytes(), name))
    if siren is not None:
        known = find_authority(siren)
        tree["authority"] |= {"siren": siren} | ({"name": known.name, "kind": known.kind} if known else {})
    if path is not None:
        _lay_over(tree, _tables(_bytes_of(path), path))
    try:
        mapping = msgspec.convert(tree, Mapping)
    except msgspec.ValidationError as error:
        raise BadMapping(path=path or _DEFAULT, reason=error) from error
    if not is_siren(mapping.authority.siren):
        raise InvalidAuthority(siren=mapping.authority.siren)
    return mapping


def _lay_over(tree: dict[str, dict[str, object]], tables: dict[str, dict[str, object]]) -> None:
    for table, lines in tables.items():
        tree[table] = tree.get(table, {}) | lines


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=path, reason=error.strerror) from error


def _tables(text: bytes, path: Path | str) -> dict[str, dict[str, object]]:
    try:
        return msgspec.toml.decode(text, type=dict[str, dict[str, object]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMapping(path=path, reason=error) from error
