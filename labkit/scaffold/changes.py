"""What became of each file in an update, told from the trees and the index: never from what `git` prints.

A tree is a mapping of paths to what they hold, as git names it. Three are compared with the index: the pristine tree
before, the user's (`ours`) and the pristine tree after (`theirs`).
"""

import os
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from labkit.scaffold.git import Git

Tree = Mapping[str, str]
Stages = Mapping[int, str]

OUR_STAGE = 2
DELETED_BY_US = {1, 3}
DELETED_BY_THEM = {1, 2}
LEFT_BY_BOTH = {1}
CHANGED_BY_BOTH = {2, 3}
_MARKS = re.compile(rb"^(?:<{7,}|>{7,})(?: |\r?$)", re.MULTILINE)


class Outcome(StrEnum):
    """What became of one file."""

    UPDATED = "updated"
    MERGED = "merged"
    RENAMED = "renamed"
    MOVED = "moved"
    ADDED = "added"
    DELETED = "deleted"
    STAYS_DELETED = "stays-deleted"
    KEPT = "kept"
    UNCHANGED = "unchanged"
    SETTLED = "settled"
    CONFLICT = "conflict"
    CHOICE = "choice"


UNSETTLED = (Outcome.CONFLICT, Outcome.CHOICE)


class FileChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file, by its name in the project, and the name that it had where that is another."""

    path: str
    outcome: Outcome
    was: str | None = None


class Sides(Struct, frozen=True, kw_only=True):
    """The trees that meet, and what each side renamed: new names by old ones."""

    before: Tree
    ours: Tree
    theirs: Tree
    renamed_by_us: Mapping[str, str]
    renamed_by_them: Mapping[str, str]


class Index(Struct, frozen=True, kw_only=True):
    """What the merge holds: the files that are settled, those that are not, and those that once were not."""

    files: Tree
    unmerged: Mapping[str, Stages]
    once_unmerged: Mapping[str, Stages]


def sides(git: Git, before: str, *, ours: str, theirs: str) -> Sides:
    """Read the three trees of a merge."""
    return Sides(
        before=_tree(git, before),
        ours=_tree(git, ours),
        theirs=_tree(git, theirs),
        renamed_by_us=_renames(git, before, ours),
        renamed_by_them=_renames(git, before, theirs),
    )


def index(git: Git) -> Index:
    """Read the index of a merge."""
    settled: dict[str, str] = {}
    unmerged: dict[str, dict[int, str]] = {}
    for path, stage, content in _staged(git, "--stage"):
        if stage:
            unmerged.setdefault(path, {})[stage] = content
        else:
            settled[path] = content
    once: dict[str, dict[int, str]] = {}
    for path, stage, content in _staged(git, "--resolve-undo"):
        once.setdefault(path, {})[stage] = content
    return Index(files=settled, unmerged=unmerged, once_unmerged=once)


def sort_changes(sides: Sides, index: Index, folder: Path) -> tuple[FileChange, ...]:
    """Say what became of every file that the merge changed, and of the template's changes that it did not bring in."""
    told = [*_disputed(sides, index, folder), *_changed(sides, index)]
    known = {change.path for change in told}
    told += [change for change in _left_as_ours(sides, index) if change.path not in known]
    return tuple(sorted((_shown(change) for change in told), key=lambda change: change.path))


def holds_marks(file: Path) -> bool:
    """Tell whether a file holds the marks of a conflict."""
    return file.is_file() and not file.is_symlink() and _MARKS.search(file.read_bytes()) is not None


def _disputed(sides: Sides, index: Index, folder: Path) -> Iterator[FileChange]:
    """Tell of the files that git could not merge by itself."""
    ours = {new: old for old, new in sides.renamed_by_us.items()}
    theirs = {new: old for old, new in sides.renamed_by_them.items()}
    for path in index.unmerged:
        yield FileChange(path=path, outcome=Outcome.CONFLICT if holds_marks(folder / path) else Outcome.CHOICE)
    for path, stages in index.once_unmerged.items():
        if stages.keys() == DELETED_BY_US and path not in index.files:
            yield FileChange(path=path, outcome=Outcome.STAYS_DELETED, was=theirs.get(path))
        elif stages.keys() == DELETED_BY_THEM and index.files.get(path) == sides.ours.get(path):
            yield FileChange(path=path, outcome=Outcome.KEPT, was=ours.get(path))
        elif stages.keys() != LEFT_BY_BOTH:
            yield FileChange(path=path, outcome=Outcome.SETTLED)


def _changed(sides: Sides, index: Index) -> Iterator[FileChange]:
    """Tell of the files that the merge changed by itself."""
    disputed = {*index.unmerged, *index.once_unmerged}
    moved = {new: old for old, new in sides.renamed_by_them.items() if old in sides.ours and old not in index.files}
    renamed = {new: old for old, new in sides.renamed_by_us.items()}
    for path in {*sides.ours, *index.files} - disputed - {old for new, old in moved.items() if new in index.files}:
        if sides.ours.get(path) == index.files.get(path):
            continue
        if path not in index.files:
            yield FileChange(path=path, outcome=Outcome.DELETED)
        elif path not in sides.ours:
            outcome = Outcome.MOVED if path in moved else Outcome.ADDED
            yield FileChange(path=path, outcome=outcome, was=moved.get(path))
        elif path in renamed:
            yield FileChange(path=path, outcome=Outcome.RENAMED, was=renamed[path])
        else:
            untouched = sides.ours[path] == sides.before.get(path)
            yield FileChange(path=path, outcome=Outcome.UPDATED if untouched else Outcome.MERGED)


def _left_as_ours(sides: Sides, index: Index) -> Iterator[FileChange]:
    """Tell of the files that the template changed and that stay as the user had them, by the user's own rules."""
    for path, content in sides.theirs.items():
        place = sides.renamed_by_us.get(path, path)
        ours = sides.ours.get(place)
        if content not in (sides.before.get(path), ours) and ours is not None and index.files.get(place) == ours:
            yield FileChange(path=place, outcome=Outcome.UNCHANGED)


def _tree(git: Git, commit: str) -> dict[str, str]:
    listed = (entry.partition("\t") for entry in git.names("ls-tree", "-r", "-z", "--full-tree", commit))
    return {path: _content(*about.split(" ")[::2]) for about, _, path in listed}


def _staged(git: Git, which: str) -> Iterator[tuple[str, int, str]]:
    for entry in git.names("ls-files", which, "-z"):
        about, _, path = entry.partition("\t")
        mode, content, stage = about.split(" ")
        yield path, int(stage), _content(mode, content)


def _content(mode: str, name: str) -> str:
    """Name what a path holds; whether it may be run is part of it."""
    return f"{mode} {name}"


def _renames(git: Git, before: str, after: str) -> dict[str, str]:
    found = git.names("diff-tree", "-r", "-z", "-M", "-l0", "--diff-filter=R", "--name-status", before, after)
    return dict(zip(found[1::3], found[2::3], strict=True))


def _shown(change: FileChange) -> FileChange:
    """Write names that are no UTF-8 so that they can be printed and put in JSON."""
    was = change.was and os.fsencode(change.was).decode(errors="replace")
    return FileChange(path=os.fsencode(change.path).decode(errors="replace"), outcome=change.outcome, was=was)
