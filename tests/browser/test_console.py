"""The pages in a real browser: every page, both languages, light and dark, wide and narrow, by keyboard, live."""

import os
import subprocess
from pathlib import Path

import pytest
from sample_stories import CANTEEN, FORGOTTEN

HERE = Path(__file__).parent

pytestmark = pytest.mark.timeout(900)


def run(script: str, *arguments: str, node: str, chromium: str) -> str:
    """Run one of the scripts beside this file and return its last line."""
    command = [node, str(HERE / script), *arguments]
    environment = os.environ | {"CHROMIUM": chromium}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)
    return done.stdout.strip().rpartition("\n")[2]


def test_every_page_is_accessible_and_keeps_to_itself(served: str, node: str, chromium: str, tmp_path: Path) -> None:
    paths = ("/", "/inbox", "/inbox/telephone", "/inbox/nowhere", f"/cases/{CANTEEN}", f"/cases/{FORGOTTEN}")
    last = run("console.mjs", served, str(tmp_path), *paths, node=node, chromium=chromium)
    assert last.endswith(" passed, 0 failed"), last


@pytest.mark.parametrize("served", [("--empty",)], indirect=True)
def test_an_empty_ledger_is_welcoming(served: str, node: str, chromium: str, tmp_path: Path) -> None:
    last = run("console.mjs", served, str(tmp_path), "/", "/inbox", node=node, chromium=chromium)
    assert last.endswith(" passed, 0 failed"), last


def test_pages_move_without_disturbing_who_reads(served: str, node: str, chromium: str, tmp_path: Path) -> None:
    last = run("live.mjs", served, str(tmp_path), f"/cases/{CANTEEN}", node=node, chromium=chromium)
    assert last.endswith(" passed, 0 failed"), last
