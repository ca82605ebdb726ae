"""Lets the tests of the pages use the sample town, and find a browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))


def need(found: str | None, what: str) -> str:
    """Return what was found; skip without it, but never in CI."""
    if found:
        return found
    reason = f"the pages are tested in a real browser, and {what}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def node() -> str:
    installed = (HERE / "node_modules/playwright-core").is_dir()
    need("yes" if installed else None, "playwright-core is missing: run «npm ci» in tests/browser")
    return need(shutil.which("node"), "Node.js is missing")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return need(found, "Chromium is missing: install it, or name it in CHROMIUM")


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[str]:
    command = [sys.executable, str(HERE / "sample_server.py"), *getattr(request, "param", ())]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
