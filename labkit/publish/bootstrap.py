"""How a published file comes to run: extracted once, checked at every start, then left to Python as any folder.

It is copied into the file, where nothing of the kit can be imported yet: only Python's own library is used here.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
CACHE_VARIABLE = "LABKIT_CACHE"
DIGEST_LENGTH = 16
STORAGE_FAILED = 8
EXTRACT = "--extract"
MESSAGES = {
    "damaged": {
        "en": "{file} is damaged: {detail}. Fetch it again.",
        "fr": "{file} est abîmé : {detail}. Récupérez-le de nouveau.",
    },
    "cache": {
        "en": "Nothing can be written in {file}: {detail}. Name another folder with LABKIT_CACHE.",
        "fr": "Rien ne peut être écrit dans {file} : {detail}. Nommez un autre dossier avec LABKIT_CACHE.",
    },
}


class Damaged(Exception):
    """The file does not hold what its manifest says."""


def start(built: dict[str, Any]) -> int:
    """Extract what is not there yet, and become the prototype; return only if that is impossible."""
    file = Path(sys.argv[0]).resolve()
    cache = Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache" / "labkit")
    try:
        home = extracted(file, cache)
    except (Damaged, zipfile.BadZipFile) as error:
        return _fail("damaged", file, error)
    except OSError as error:
        return _fail("cache", cache, error)
    if sys.argv[1:] == [EXTRACT]:
        print(home)
        return 0
    data = file.with_name(f"{built['name']}-data")
    command = [sys.executable, "-m", "labkit.publish.starting", str(home / "project"), str(data), *sys.argv[1:]]
    os.execve(sys.executable, command, _environment(home))  # noqa: S606  # our own program, with our own arguments
    raise AssertionError("execve does not return")


def extracted(file: Path, cache: Path) -> Path:
    """Return the folder of what a file holds, extracted whole or not at all, and as its manifest says.

    Raises:
        Damaged: the file holds something else.
    """
    with zipfile.ZipFile(file) as archive:
        manifest = archive.read(MANIFEST)
        home = cache / hashlib.sha256(manifest).hexdigest()[:DIGEST_LENGTH]
        files = json.loads(manifest)
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(cache):
            if not _is_whole(home, files):
                shutil.rmtree(home, ignore_errors=True)
                _extract(archive, files, home)
    return home


def _extract(archive: zipfile.ZipFile, files: dict[str, Any], home: Path) -> None:
    fresh = home.with_name(f".{home.name}.{os.getpid()}")
    try:
        for place, told in files.items():
            data = archive.read(place)
            if hashlib.sha256(data).hexdigest() != told["sha256"]:
                raise Damaged(place)
            target = fresh / place
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(0o700 if told["executable"] else 0o600)
        fresh.rename(home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_whole(home: Path, files: dict[str, Any]) -> bool:
    try:
        return all(_digest(home / place) == told["sha256"] for place, told in files.items())
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Let a second start wait until the first has extracted everything."""
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _environment(home: Path) -> dict[str, str]:
    """Return an environment in which nothing is found but what the file holds, and this Python's own library."""
    path = os.pathsep.join(filter(None, (str(home / "bin"), os.environ.get("PATH", os.defpath))))
    return {
        **os.environ,
        "PATH": path,
        "PYTHONPATH": str(home / "lib"),
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
    }


def _fail(message: str, file: Path, error: Exception) -> int:
    variables = ("LABKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in variables if os.environ.get(name)), "en")
    told = MESSAGES[message]["fr" if locale.lower().startswith("fr") else "en"]
    sys.stderr.write(told.format(file=file, detail=error) + "\n")
    return STORAGE_FAILED
