"""The files of a project as an addition would leave them: all are computed first, then all are written, or none."""

import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

from labkit.failures import UnreadableFile
from labkit.prototype.project import Project
from labkit.scaffold.additions.failures import AdditionNotWritten
from labkit.scaffold.additions.layout import WIDTH_DEFAULT


class Drafts:
    """What one addition makes of a project; nothing is written before `write`."""

    def __init__(self, project: Project) -> None:
        """Begin with the files as they are."""
        self.project = project
        self.width = _width(project.folder / "pyproject.toml")
        self._texts: dict[Path, str] = {}

    @property
    def package(self) -> str:
        """Return the name of the project's package."""
        return self.project.manifest.project.package

    def own(self, name: str) -> str:
        """Return a path inside the project's package."""
        return f"src/{self.package}/{name}"

    def has(self, path: str) -> bool:
        """Tell whether a file is there, or will be."""
        file = self.project.folder / path
        return file in self._texts or file.exists()

    def read(self, path: str) -> str:
        """Return a file as it is by now, empty if there is none.

        Raises:
            UnreadableFile: it is no text, or may not be read.
        """
        file = self.project.folder / path
        if file in self._texts:
            return self._texts[file]
        try:
            return file.read_text(encoding="utf-8") if file.exists() else ""
        except (OSError, ValueError) as error:
            raise UnreadableFile(path=file, reason=error) from error

    def change(self, path: str, text: str) -> None:
        """Let a file hold a text."""
        if text != self.read(path):
            self._texts[self.project.folder / path] = text

    def create(self, path: str, text: str) -> None:
        """Let a new file hold a text; one that is there stays as it is."""
        if not self.has(path):
            self.change(path, text)

    def changed(self) -> tuple[str, ...]:
        """Return the files that will be written, by their paths in the project."""
        return tuple(sorted(file.relative_to(self.project.folder).as_posix() for file in self._texts))

    def write(self) -> None:
        """Write every file; if one takes nothing, those before it are put back.

        Raises:
            AdditionNotWritten: the project is as it was.
        """
        before = {file: file.read_bytes() if file.exists() else None for file in self._texts}
        for file, text in self._texts.items():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                _replace(file, text.encode())
            except OSError as error:
                _restore(before)
                raise AdditionNotWritten(file=file, reason=error.strerror) from error


def _replace(file: Path, content: bytes) -> None:
    """Write beside a file and move it there: a full disk never leaves half of one."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        if file.exists():
            fresh.chmod(file.stat().st_mode)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def _restore(before: dict[Path, bytes | None]) -> None:
    for file, content in before.items():
        # What could not be written was not changed either: each file is put back as far as it can be.
        with suppress(OSError):
            if content is None:
                file.unlink(missing_ok=True)
            elif file.read_bytes() != content:
                _replace(file, content)


def _width(pyproject: Path) -> int:
    """Return how long the project lets its lines be."""
    try:
        tools: dict[str, Any] = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return WIDTH_DEFAULT
    return int(tools.get("ruff", {}).get("line-length", WIDTH_DEFAULT))
