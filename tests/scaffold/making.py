"""What the tests of the scaffold share: a small tree of templates, plain cookiecutter, and `labkit` at a terminal."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

from cookiecutter.main import cookiecutter

from labkit.scaffold.catalogue import TEMPLATES

HERE = Path(__file__).parent
TERMINAL_TIMEOUT_S = 60.0
ENTER, CLEAR, INTERRUPT = "\r", "\x15", "\x03"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def small_templates(folder: Path) -> Path:
    """Copy the templates of the tests, with the hooks that every layered template has."""
    root = Path(shutil.copytree(HERE / "templates", folder / "templates"))
    for template in root.iterdir():
        if template.name.startswith(("base", "channel-", "service-")):
            shutil.copytree(TEMPLATES / "base" / "hooks", template / "hooks")
    return root


def tree(project: Path) -> dict[str, bytes]:
    """Return every file of a project, but those of git and what Python keeps of a module that it read."""
    passing = {".git", "__pycache__"}
    files = (path for path in project.rglob("*") if path.is_file() and not passing & {*path.relative_to(project).parts})
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}


def plain_cookiecutter(root: Path | str, name: str, into: Path, *more: str, cwd: Path | None = None) -> "Ended":
    """Run the command of cookiecutter itself, in a home of its own."""
    home = into / ".home"
    home.mkdir(parents=True, exist_ok=True)
    return _run(
        "cookiecutter.cli", str(root), "--directory", name, "--no-input", "-o", str(into), *more, home=home, cwd=cwd
    )


def baked_plainly(root: Path, name: str, into: Path, **answers: str) -> Path:
    """Bake with cookiecutter called as a library: the same files as its command gives, without starting Python."""
    places = {"cookiecutters_dir": str(into / ".cookiecutters"), "replay_dir": str(into / ".replay")}
    given = {"directory": name, "no_input": True, "extra_context": answers, "default_config": places}
    return Path(cookiecutter(str(root), output_dir=str(into), **given))


def labkit(*arguments: str, home: Path, cwd: Path) -> "Ended":
    """Run `labkit` in a process of its own, with nobody at the terminal."""
    return _run("labkit.cli", *arguments, home=home, cwd=cwd)


Ended = subprocess.CompletedProcess[str]


def _run(module: str, *arguments: str, home: Path, cwd: Path | None) -> Ended:
    return subprocess.run(
        [sys.executable, "-c", f"from {module} import main; main()", *arguments],
        cwd=cwd,
        env=_environment(home),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=TERMINAL_TIMEOUT_S,
    )


def labkit_at_a_terminal(*arguments: str, cwd: Path, keys: list[tuple[str, str]]) -> tuple[int, str]:
    """Run `labkit` at a real terminal and press keys each time a text has appeared; return its exit code and texts."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from labkit.cli import main; main()", *arguments],
        cwd=cwd,
        env=_environment(cwd) | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    deadline, said, answered = time.monotonic() + TERMINAL_TIMEOUT_S, "", 0
    try:
        while time.monotonic() < deadline and (more := _read(ours)) is not None:
            said += more
            seen = _ESCAPES.sub("", said[answered:])
            if keys and keys[0][0] in seen:
                answered = len(said)
                os.write(ours, keys.pop(0)[1].encode())
        return process.wait(timeout=10), _ESCAPES.sub("", said)
    finally:
        process.kill()
        os.close(ours)


def _read(terminal: int) -> str | None:
    """Return what came in the last moment, or None once the other side has hung up."""
    if not select.select([terminal], [], [], 0.2)[0]:
        return ""
    try:
        return os.read(terminal, 65536).decode(errors="replace") or None
    except OSError:
        return None


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "LABKIT_"))}
    return kept | {"HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "100"}
