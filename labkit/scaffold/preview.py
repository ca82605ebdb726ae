"""What a new project holds, and how it differs from what is already in a folder."""

import os
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

from msgspec import Struct
from rich.tree import Tree

from labkit.messages import Texts


class Written(Struct, frozen=True):
    """One file of a project, by its path inside it."""

    path: str
    size_bytes: int


def files_of(project: Path) -> tuple[Written, ...]:
    """Return every file of a project, by their paths."""
    found = (path for path in project.rglob("*") if path.is_file())
    written = (Written(path.relative_to(project).as_posix(), path.stat().st_size) for path in found)
    return tuple(sorted(written, key=lambda file: file.path))


def tree_of(project: Path, files: Iterable[Written], say: Texts) -> Tree:
    """Return the files as a tree of folders, each with its size."""
    folders = {Path(): Tree(f"{project}{os.sep}")}
    for file in files:
        path = Path(file.path)
        for folder in reversed(path.parents):
            if folder not in folders:
                folders[folder] = folders[folder.parent].add(f"{folder.name}{os.sep}")
        folders[path.parent].add(say("new.file", name=path.name, size=say.number(file.size_bytes)))
    return folders[Path()]


def difference(project: Path, *, existing: Path) -> str:
    """Return, as `diff -u` writes it, what a project would change in a folder; its other files are left out."""
    return "".join(line for file in files_of(project) for line in _difference(file.path, project, existing))


def _difference(path: str, project: Path, existing: Path) -> Iterator[str]:
    old, new = existing / path, project / path
    try:
        before, after = (_lines(file) for file in (old, new))
    except UnicodeDecodeError:
        if not old.is_file() or old.read_bytes() != new.read_bytes():
            yield f"Binary files a/{path} and b/{path} differ\n"
        return
    source = f"a/{path}" if old.is_file() else "/dev/null"
    for line in unified_diff(before, after, source, f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines(keepends=True) if file.is_file() else []
