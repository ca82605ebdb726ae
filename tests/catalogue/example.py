"""The entry that the lab site shows: the canteen as its template gives it, always the same, signed with a known key.

`python -m tests.catalogue.example` writes it anew, after the template has changed, and the catalogue's pages with it.
The key opens nothing: it is written here so that anybody can make the same bytes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labkit.catalogue.entry import ENTRY_FILE, SIGNATURE_FILE, canonical
from labkit.catalogue.pack import Pack, Particulars, pack
from labkit.catalogue.pages import FOLDER, write
from labkit.catalogue.signing import encoded
from labkit.prototype.project import Project
from labkit.scaffold.render import render

KEY = Ed25519PrivateKey.from_private_bytes(b"the key of the example: no secret"[:32])
MADE_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
PARTICULARS = Particulars(
    for_whom="Familles des écoles publiques, agents du guichet et du téléphone",
    contact="labo@ville.example",
)
PACKAGE = "cantine_scolaire"


@contextmanager
def code_forgotten() -> Iterator[None]:
    """Leave no code of a baked project behind: the next one has the same name and another place."""
    path = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = path
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def example(folder: Path) -> Pack:
    """Bake, describe and sign the canteen."""
    with code_forgotten():
        project = Project(render("service-cantine", {}, folder))
        return pack(project, PARTICULARS, key=KEY, made_at=MADE_AT)


def shown(made: Pack) -> dict[str, bytes]:
    """Return what the lab site keeps of it, by path from the root of the project."""
    place = FOLDER / made.entry.name
    return {
        f"{place.as_posix()}/{ENTRY_FILE}": canonical(made.entry),
        f"{place.as_posix()}/{SIGNATURE_FILE}": encoded(made.signature),
    }


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        for path, data in shown(example(Path(scratch))).items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(data)
    write(Path.cwd())
