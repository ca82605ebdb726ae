"""From nothing to the first page of a prototype: ours, and the kits that people know, one after the other.

Ours is made and run offline; the others come from their package registry each time, as their manuals say.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.clients import Figures
from bench.failures import NotMeasured
from bench.servers import free_port

GOVUK_KIT = "govuk-prototype-kit@13.20.3"
NOW_KIT = "nowprototypeit@0.14.2"
FIRST_PAGE_TIMEOUT_S = 240
LOOK_EVERY_S = 0.02


def labkit_first_page(*, seconds: float) -> Figures:
    """Return the seconds from `labkit new` to the first page of the canteen, with git, without a network."""
    python = [sys.executable, "-c", "from labkit.cli import main; main()"]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        subprocess.run([*python, "new", "service-cantine", "--no-input", "--output", folder], check=True, **_QUIET)
        project = next(Path(folder).iterdir())
        run = [*python, "run", "--no-browser", "--port", str(port)]
        return {"value": _until_first_page(run, project, f"http://127.0.0.1:{port}/fr", {}) - started}


def govuk_first_page(*, seconds: float) -> Figures:
    """Return the seconds that the GOV.UK Prototype Kit takes for the same."""
    return {"value": _npm_first_page(GOVUK_KIT, ["create", "--version", GOVUK_KIT.rpartition("@")[2]])}


def nowprototypeit_first_page(*, seconds: float) -> Figures:
    """Return the seconds that Now Prototype It takes for the same."""
    return {"value": _npm_first_page(NOW_KIT, ["create"])}


_QUIET: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _npm_first_page(package: str, create: Sequence[str]) -> float:
    if shutil.which("npx") is None:
        raise NotMeasured("there is no npx here")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"npm_config_cache": f"{folder}/cache", "PORT": str(port), "CI": "true"}
        started = time.perf_counter()
        made = subprocess.run(
            ["npx", "--yes", package, *create, f"{folder}/made"],
            env=os.environ | environment,
            timeout=FIRST_PAGE_TIMEOUT_S,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode or not Path(folder, "made", "package.json").exists():
            why = next((line for line in made.stderr.splitlines() if "E404" in line or "network" in line), "it failed")
            raise NotMeasured(f"npx {package}: {why}")
        url = f"http://localhost:{port}"
        return _until_first_page(["npm", "run", "dev"], Path(folder, "made"), url, environment) - started


def _until_first_page(command: Sequence[str], folder: Path, url: str, environment: Mapping[str, str]) -> float:
    """Start a prototype, wait for a page, stop it, and return when the page was there."""
    process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, start_new_session=True, **_QUIET)
    try:
        deadline = time.monotonic() + FIRST_PAGE_TIMEOUT_S
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotMeasured(f"{command[0]} never showed a page")
            time.sleep(LOOK_EVERY_S)
        return time.perf_counter()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(FIRST_PAGE_TIMEOUT_S)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=FIRST_PAGE_TIMEOUT_S) as page:
            return bool(page.read())
    except OSError:
        return False
