"""Which distributions a prototype needs to run: those that its project and the kit ask for, and what these ask for.

They are found where this process found them. What a marker leaves out on this machine is simply not installed, so that
no marker has to be understood but those of extras.
"""

import re
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from labkit.prototype.failures import BrokenProject
from labkit.publish.failures import NotInstalled
from labkit.scaffold import kit

KIT = "collectivilab"
REQUIREMENTS_MAX = 10_000
# It becomes part of the names of files: nothing in it leads to another folder.
Word = Annotated[str, Meta(pattern=r"^\w[\w.+!-]*$(?!\n)")]
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_OF_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


class Requirement(Struct, frozen=True, kw_only=True):
    """What something asks for: a distribution, some of its extras, and whether it may be missing here."""

    name: str
    extras: frozenset[str]
    only_with: frozenset[str]
    conditional: bool
    by: str


class Declared(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What a project says of itself in its `pyproject.toml`."""

    name: Word
    version: Word = "0"
    requires_python: str = ">=3.11"
    description: str = ""
    dependencies: tuple[str, ...] = ()
    license: str | dict[str, str] = ""


def declared_in(folder: Path, otherwise: str) -> Declared:
    """Return what the `pyproject.toml` of a folder declares, or as much as can be said of a folder without one.

    Raises:
        BrokenProject: it is not such a file.
    """
    file = folder / "pyproject.toml"
    if not file.is_file():
        return Declared(name=otherwise)
    try:
        told = msgspec.toml.decode(file.read_bytes(), type=dict[str, Any]).get("project", {})
        return msgspec.convert({"name": otherwise} | told, Declared)
    except (OSError, ValueError, TypeError, msgspec.DecodeError) as error:
        raise BrokenProject(file=file, reason=error) from error


def kit_declared() -> Declared:
    """Return what the kit itself declares, from its source tree or from what is installed."""
    source = kit.source()
    if source is not None and source.is_dir():
        return declared_in(source, KIT)
    installed = metadata.metadata(KIT)
    return Declared(
        name=KIT,
        version=installed["Version"],
        requires_python=installed["Requires-Python"],
        description=installed["Summary"],
        dependencies=tuple(metadata.requires(KIT) or ()),
    )


def needed(declared: Sequence[Declared]) -> list[metadata.Distribution]:
    """Return every distribution that is needed, by name; the kit is not among them, for it is where it runs from.

    Raises:
        NotInstalled: one that is needed is not there, or not as files of its own.
    """
    waiting = [ask for one in declared for ask in _asked(one.dependencies, by=one.name)]
    found: dict[str, metadata.Distribution] = {}
    taken: set[tuple[str, frozenset[str]]] = set()
    for _ in range(REQUIREMENTS_MAX):
        if not waiting:
            break
        ask = waiting.pop()
        if ask.name == KIT or ask.only_with or (ask.name, ask.extras) in taken:
            continue
        taken.add((ask.name, ask.extras))
        distribution = _installed(ask)
        if distribution is not None:
            found[ask.name] = distribution
            waiting += _asked(distribution.requires or (), by=ask.name, extras=ask.extras)
    return [found[name] for name in sorted(found)]


def plain(name: str) -> str:
    """Return a distribution's name as names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(lines: Iterable[str], *, by: str, extras: frozenset[str] = frozenset()) -> list[Requirement]:
    return [_requirement(line, by=by, extras=extras) for line in lines]


def _requirement(line: str, *, by: str, extras: frozenset[str]) -> Requirement:
    """Read a requirement of something that was itself asked for with some extras."""
    wanted, _, marker = line.partition(";")
    read = _REQUIREMENT.match(wanted)
    if read is None:
        raise NotInstalled(name=line, by=by)
    of_extras = {plain(extra) for extra in _OF_EXTRA.findall(marker)}
    return Requirement(
        name=plain(read[1]),
        extras=frozenset(plain(extra) for extra in (read[2] or "").split(",") if extra.strip()),
        only_with=frozenset() if of_extras & extras else frozenset(of_extras),
        conditional=bool(marker.strip()),
        by=by,
    )


def _installed(ask: Requirement) -> metadata.Distribution | None:
    try:
        distribution = metadata.distribution(ask.name)
    except metadata.PackageNotFoundError as error:
        if ask.conditional:
            return None
        raise NotInstalled(name=ask.name, by=ask.by) from error
    # An editable one is a mere pointer to somebody's folder.
    code = [file for file in distribution.files or () if file.suffix != ".pth" and ".dist-info" not in file.parts[0]]
    if not code:
        raise NotInstalled(name=ask.name, by=ask.by)
    return distribution
