"""Every template's journey in a real browser: one case on two channels, by keyboard, accessible, in two languages."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.scaffold.catalogue import templates

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LAYERED = sorted(name for name in templates() if name == "base" or name.startswith(("channel-", "service-")))

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(params=LAYERED)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, object]]:
    """A baked template that serves, and what its first persona answers."""
    command = [sys.executable, str(HERE / "sample_prototype.py"), request.param, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def test_one_case_goes_through_two_channels(
    running: dict[str, object], node: str, chromium: str, tmp_path: Path
) -> None:
    command = [node, str(HERE / "journey.mjs"), str(running["url"]), str(tmp_path / "shots")]
    done = subprocess.run(
        [*command, json.dumps(running["pages"]), "telephone"],
        env=os.environ | {"CHROMIUM": chromium},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip().endswith(" passed, 0 failed"), done.stdout + done.stderr
