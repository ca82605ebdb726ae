"""What the tests of the templates share: their names, the files of a project, and its own checks."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.scaffold.catalogue import templates

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 110.0
NAMES = sorted(templates())
IN_PYTHON = sorted(name for name, template in templates().items() if not list(template.folder.glob("*/package.json")))
LAYERED = sorted(name for name in NAMES if name == "base" or name.startswith(("channel-", "service-")))

Bake = Callable[..., Path]


def files_of(project: Path) -> list[str]:
    """The files of a project, without what its own checks left behind."""
    left = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "node_modules"}
    return sorted(
        str(path.relative_to(project))
        for path in project.rglob("*")
        if path.is_file() and not left & set(path.relative_to(project).parts)
    )


def own_check(project: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the project's own checks, as its makers would."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


@contextmanager
def imported(package: str) -> Iterator[None]:
    """Let a project's package be imported, and forget it afterwards: the next project has one of the same name."""
    path = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = path
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
