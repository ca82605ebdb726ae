"""Takes the pictures of the gallery: each template is baked, served, and looked at by a real browser.

`python docs/pictures.py CHROMIUM` puts them under `docs/assets/gallery/`, where git does not look; those that are newer
than all that they show are kept. Without a browser it says so, and the gallery is the same without pictures.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import Request, urlopen

from gallery import DOCS, LANGUAGES, SERVING, picture_of, views_of

from labkit.prototype.project import Project
from labkit.scaffold.catalogue import TEMPLATES, Template, templates
from ledger.domain.vocabulary import Language

ROOT = DOCS.parent
SERVER = ROOT / "tests" / "browser" / "sample_prototype.py"
SHOWN = (TEMPLATES, ROOT / "labkit" / "prototype")
SOURCES = {".css", ".html", ".js", ".json", ".py", ".toml"}
READY_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.1
BROWSER_TIMEOUT_S = 120
# Where a channel is at home; any other template is shown by its first question, which `start` leads to.
PLACES = {
    "channel-web": "",
    "channel-guichet": "counter",
    "channel-telephone": "desk/telephone",
    "channel-mobile": "m",
    "channel-courriel": "desk/email",
    "channel-courrier": "desk/post",
    "channel-reseaux": "desk/social",
    "channel-agent-conversationnel": "chat",
}
BEGUN = ("start", "desk/telephone")


def main(chromium: str) -> None:
    """Take the pictures that are missing, or older than what they show."""
    if not chromium:
        print("No pictures in the gallery: they take Chromium and npm, for example: apt-get install chromium npm")
        return
    newest = max(file.stat().st_mtime for place in SHOWN for file in place.rglob("*") if file.suffix in SOURCES)
    late = [each for each in templates().values() if each.kind in SERVING and _is_late(each, newest)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(partial(_look_at, chromium=chromium), late))


def _look_at(template: Template, chromium: str) -> None:
    with TemporaryDirectory() as folder, _served(template, Path(folder)) as url:
        _take(template, url, persona=_persona_in(Path(folder)), chromium=chromium)


def _is_late(template: Template, newest: float) -> bool:
    files = [_file(template, view, language) for view in views_of(template) for language in LANGUAGES]
    return not all(file.is_file() and file.stat().st_mtime > newest for file in files)


@contextmanager
def _served(template: Template, folder: Path) -> Iterator[str]:
    command = [sys.executable, str(SERVER), template.name, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = str(json.loads(server.stdout.readline() if server.stdout else "")["url"])
            _wait_for(url)
            yield url
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        with suppress(URLError), urlopen(f"{url}/health"):  # noqa: S310  # our own address, here as below
            return
        time.sleep(LOOK_EVERY_S)
    raise TimeoutError(url)


def _take(template: Template, url: str, *, persona: str, chromium: str) -> None:
    shots = [
        {"view": view, "url": _address(template, url, language), "file": str(_file(template, view, language))}
        for view in views_of(template)
        for language in LANGUAGES
    ]
    command = ["node", str(DOCS / "pictures.mjs"), url, str(DOCS / "assets" / "gallery"), persona, json.dumps(shots)]
    environment = {**os.environ, "CHROMIUM": chromium}
    subprocess.run(command, check=True, timeout=BROWSER_TIMEOUT_S, env=environment, stdout=subprocess.DEVNULL)


def _address(template: Template, url: str, language: Language) -> str:
    place = PLACES.get(template.name, "start")
    address = f"{url}/{language}/{place}".rstrip("/")
    if place not in BEGUN:
        return address
    with urlopen(Request(address, data=b"", method="POST")) as page:  # noqa: S310
        return str(page.url)


def _persona_in(folder: Path) -> str:
    (manifest,) = folder.glob("*/labkit.toml")
    return next(iter(Project(manifest.parent).personas()), "")


def _file(template: Template, view: str, language: Language) -> Path:
    return DOCS / language / picture_of(template.name, view, language)


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "")
