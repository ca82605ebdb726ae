"""The first tutorial does what it says: its commands are run as they stand, from an empty folder, in ten minutes."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from labkit.broker import free_port
from labkit.prototype.trying import Trial, form_of, prototype
from ledger.domain.vocabulary import Channel
from tests.running import wait_for

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS_MAX_S = 600
START_TIMEOUT_S = 60

# What the script has beside the tutorial: the environment that `. .venv/bin/activate` would have given.
PRELUDE = "set -eu\n" + "".join(
    f'{name}() {{ {shlex.join([sys.executable, "-m", name])} "$@"; }}\n'
    for name in ("labkit", "pytest", "ruff", "mypy")
)

pytestmark = pytest.mark.timeout(COMMANDS_MAX_S)


def blocks(language: str) -> list[str]:
    return BLOCK.findall((DOCS / language / "first-service.md").read_text(encoding="utf-8"))


def on_three_channels(trial: Trial) -> None:
    """Walk the journey as the tutorial says: begun on the web, gone on by telephone, finished at the counter."""
    case = trial.fill(trial.begin(Channel.WEB), Channel.WEB, pages=1)
    case = trial.fill(case, Channel.TELEPHONE, pages=3)
    case = trial.fill(case, Channel.COUNTER)
    case = trial.cases.submit(case.id, Channel.COUNTER)
    assert case.submitted
    assert case.channels == (Channel.WEB, Channel.TELEPHONE, Channel.COUNTER)


def first_page(project: Path, environment: dict[str, str]) -> str:
    """What `labkit run` shows first."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "labkit", "run", "--no-browser", "--port", url.rpartition(":")[2]]
    shown: list[str] = []

    def answers() -> bool:
        with urllib.request.urlopen(f"{url}/fr", timeout=10) as answer:
            shown.append(answer.read().decode())
        return True

    with subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(answers, START_TIMEOUT_S)
        finally:
            process.send_signal(signal.SIGINT)
    return shown[0]


def test_the_commands_are_the_same_in_both_languages() -> None:
    assert blocks("fr") == blocks("en")


def test_a_newcomer_goes_from_an_empty_folder_to_a_changed_service(tmp_path: Path, type_cache: str) -> None:
    began = time.monotonic()
    ours = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LABKIT_LANG": "en", "MYPY_CACHE_DIR": type_cache}
    environment = {**os.environ, **ours}

    done = subprocess.run(
        ["bash", "-c", PRELUDE + "".join(blocks("en"))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMANDS_MAX_S,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < COMMANDS_MAX_S
    project = tmp_path / "cantine-scolaire"
    with prototype(project) as trial:
        page = trial.service.page("pick-up")
        assert page is not None
        assert "badge-issued.v1" in trial.service.kinds
        assert form_of(page, trial.samples())
        on_three_channels(trial)
    assert "Cantine scolaire" in first_page(project, environment)
