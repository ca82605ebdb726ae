"""A recording as one page, opened from a disk in a real browser: it plays, asks for nothing, and serves everybody."""

import os
import subprocess
from pathlib import Path

import pytest

from labkit.prototype.look.theme import read_theme
from labkit.prototype.trying import prototype
from labkit.replay.player import page_of
from labkit.replay.recording_file import read_recording
from labkit.scaffold.render import render
from ledger.domain.vocabulary import Channel, Direction, Outcome
from tests.publish.browsing import recorded

HERE = Path(__file__).parent
NASTY = '</script><script>document.title = "taken"</script><img src=x onerror=\'document.title = "taken"\'>'

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journey of the canteen, what the agents saw of it, and somebody who wrote a script instead of a word."""
    folder = tmp_path_factory.mktemp("replay")
    project = render("service-cantine", {"project_slug": "rejoue", "package_name": "rejoue"}, folder)
    with prototype(project) as trial, recorded(trial, folder / "trial.jsonl") as running:
        case = running.begin()
        running.browser.get(f"/fr/case/{case.id}/family")
        for rank in range(1, len(running.service.pages) + 1):
            running.fill(case, pages=rank)
        running.cases.submit(case.id, Channel.WEB)
        running.browser.get(f"/fr/case/{case.id}/done")
        running.cases.contact(case.id, Channel.EMAIL, Direction.IN, NASTY)
        running.browser.get(f"/fr/desk/case/{case.id}")
        running.cases.decide(case.id, Outcome.GRANTED, "Dossier complet")
        running.browser.get(f"/en/case/{case.id}/done")
    file = folder / "replay.html"
    recording = read_recording(folder / "trial.jsonl")
    file.write_text(page_of(recording, read_theme(project / "theme.toml")), encoding="utf-8")
    return file


def test_a_recording_plays_from_a_disk_for_everybody(page: Path, node: str, chromium: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [node, str(HERE / "replay.mjs"), page.as_uri(), str(tmp_path / "shots")],
        env=os.environ | {"CHROMIUM": chromium},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip().endswith(" passed, 0 failed"), done.stdout + done.stderr
