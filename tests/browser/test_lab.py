"""The lab in a real browser: events as they happen, rewinding, forking, starting again, trying with people."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

pytestmark = pytest.mark.timeout(900)


def test_a_maker_works_in_the_lab_and_a_participant_without_it(node: str, chromium: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CHROMIUM": chromium}
    serve = [sys.executable, str(HERE / "sample_prototype.py"), "service-cantine", str(tmp_path)]
    with subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = json.loads(server.stdout.readline())["url"]
            (words,) = tmp_path.glob("*/src/*/texts/fr.toml")
            command = [node, str(HERE / "lab.mjs"), url, str(tmp_path / "shots"), str(words)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=800)
        finally:
            server.terminate()
    print(done.stdout, done.stderr)
    assert done.stdout.strip().rpartition("\n")[2].endswith(" passed, 0 failed"), done.stderr
