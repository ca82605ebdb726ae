"""The look in a real browser: every component, by day and by night, wide and narrow, by keyboard, on paper."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sample_look import PAGES, write_pages

from labkit.prototype.look.theme import THEMES, read_theme

HERE = Path(__file__).parent
BESIDES = sorted(file.stem for file in THEMES.glob("*.toml") if file.stem != "neutral")

pytestmark = pytest.mark.timeout(600)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing of it."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def look(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    write_pages(tmp_path, read_theme(THEMES / f"{request.param}.toml"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def visit(look: str, *pages: str, node: str, chromium: str, folder: Path) -> str:
    command = [node, str(HERE / "look.mjs"), look, str(folder / "shots"), *pages]
    environment = os.environ | {"CHROMIUM": chromium}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)
    return done.stdout.strip().rpartition("\n")[2]


@pytest.mark.parametrize("look", ["neutral"], indirect=True)
def test_every_component_can_be_used_by_everybody(look: str, node: str, chromium: str, tmp_path: Path) -> None:
    last = visit(look, *PAGES, node=node, chromium=chromium, folder=tmp_path)
    assert last.endswith(" passed, 0 failed"), last


@pytest.mark.parametrize("look", BESIDES, indirect=True)
def test_every_commune_keeps_what_makes_it_so(look: str, node: str, chromium: str, tmp_path: Path) -> None:
    last = visit(look, "errors-fr", "parts-fr", node=node, chromium=chromium, folder=tmp_path)
    assert last.endswith(" passed, 0 failed"), last
