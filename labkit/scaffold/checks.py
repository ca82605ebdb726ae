"""The project's own checks, run as its team would: its tests, with its own Python if it has one.

They leave nothing in the project: no cache, no compiled file. What they said is kept in a file of git's own folder.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from labkit.scaffold.obstacles import ChecksUnavailable

TIMEOUT_S = 900.0
ASKING_TIMEOUT_S = 60.0
LINES_SHOWN_MAX = 20
_ARGUMENTS = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
_NO_TESTS = 5
_TIMED_OUT = 124


class Checks(Struct, frozen=True, kw_only=True):
    """How the checks ended; `output` is the end of what they said, `log` the file that has it all."""

    passed: bool
    exit_code: int
    command: str
    log: str
    output: str


def require_checks(project: Path) -> None:
    """Refuse to begin what could not be checked.

    Raises:
        ChecksUnavailable: the Python of the project has no pytest.
    """
    python = _python(project)
    try:
        asked = subprocess.run(  # noqa: S603  # The project's own Python.
            [python, "-c", "import pytest"], cwd=project, capture_output=True, check=False, timeout=ASKING_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChecksUnavailable(python=python) from error
    if asked.returncode:
        raise ChecksUnavailable(python=python)


def run_checks(project: Path, log: Path, *, timeout_s: float = TIMEOUT_S) -> Checks:
    """Run the tests of a project to their end, or to the end of the time that they have."""
    command = [_python(project), *_ARGUMENTS]
    with log.open("wb") as said:
        code = _ended(command, project, said.fileno(), timeout_s)
    lines = log.read_bytes().decode(errors="replace").splitlines()
    return Checks(
        passed=code in (0, _NO_TESTS),
        exit_code=code,
        command=" ".join(command),
        log=str(log),
        output="\n".join(lines[-LINES_SHOWN_MAX:]),
    )


def _python(project: Path) -> str:
    own = project / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def _ended(command: list[str], project: Path, said: int, timeout_s: float) -> int:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(  # noqa: S603  # The project's own tests.
        command,
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        os.write(said, f"\nstopped after {timeout_s:.0f} s\n".encode())
        return _TIMED_OUT
    finally:
        # Also when the user gives up: nothing that the tests started may outlive them.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
