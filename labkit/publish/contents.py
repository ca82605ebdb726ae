"""The files of what is published: the project's, the kit's and those of every distribution, each with its place.

Left out: caches, tests, keys, and whatever of a project is neither its code nor a file that it runs with.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

from msgspec import Struct

from labkit.publish.closure import KIT, Declared, plain
from labkit.publish.failures import NotInstalled
from labkit.scaffold import kit

PACKAGES = ("labkit", "ledger", "projections")
_SKIPPED_FOLDERS = frozenset({"__pycache__", "tests", "node_modules"})
_SKIPPED_SUFFIXES = frozenset({".pyc", ".pyo"})
_OF_INSTALLER = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
_OF_PROJECT = ("*.toml", "*.svg", "*.md", "LICENSE*")
_NEVER_OF_PROJECT = frozenset({"passwords.toml"})
KEY_SUFFIXES = frozenset({".key", ".pem", ".p12"})


class Content(Struct, frozen=True, kw_only=True):
    """One file to be published: its place, its bytes, whether it can be run."""

    place: str
    data: bytes
    executable: bool = False

    @property
    def digest(self) -> str:
        """Return its SHA-256."""
        return hashlib.sha256(self.data).hexdigest()


def project_files(folder: Path) -> Iterator[Content]:
    """Yield what a project runs with: its settings, its logo, its code."""
    tops = {file for pattern in _OF_PROJECT for file in folder.glob(pattern)}
    for file in sorted(tops):
        if file.is_file() and file.name not in _NEVER_OF_PROJECT and not file.name.startswith("."):
            yield Content(place=file.name, data=file.read_bytes())
    yield from (file for file in _tree(folder / "src", "src/") if Path(file.place).suffix not in KEY_SUFFIXES)


def kit_files(declared: Declared) -> Iterator[Content]:
    """Yield the kit's packages, without the templates of new projects, and what names it and its licence."""
    for package in PACKAGES:
        folder = Path(str(import_module(package).__file__)).parent
        yield from (file for file in _tree(folder, f"{package}/") if not file.place.startswith("labkit/templates/"))
    info = f"{KIT}-{declared.version}.dist-info"
    yield Content(place=f"{info}/METADATA", data=metadata_of(declared))
    yield from (Content(place=f"{info}/licenses/LICENSE", data=text) for text in _licence())


def distribution_files(distribution: metadata.Distribution) -> Iterator[Content]:
    """Yield the files of an installed distribution; programs that are files of its own have a place under `bin/`.

    Raises:
        NotInstalled: a file that it should have is not there.
    """
    scripts = {entry.name for entry in distribution.entry_points}
    for file in distribution.files or ():
        is_program = ".." in file.parts and file.parts[-2:-1] == ("bin",) and file.name not in scripts
        if not is_program and (".." in file.parts or _is_skipped(file.parts)):
            continue
        try:
            data = Path(str(file.locate())).read_bytes()
        except OSError as error:
            raise NotInstalled(name=str(file), by=distribution.name) from error
        yield Content(place=f"bin/{file.name}" if is_program else str(file), data=data, executable=is_program)


def metadata_of(declared: Declared) -> bytes:
    """Return the METADATA of a distribution that is made here."""
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {declared.name}",
        f"Version: {declared.version}",
        f"Summary: {declared.description}",
        f"Requires-Python: {declared.requires_python}",
        *(f"Requires-Dist: {requirement}" for requirement in declared.dependencies),
    ]
    return ("\n".join(lines) + "\n").encode()


def info_folder(name: str, version: str) -> str:
    """Return where the metadata of a distribution is."""
    return f"{plain(name).replace('-', '_')}-{version}.dist-info"


def record_digest(data: bytes) -> str:
    """Return a digest as a RECORD writes it."""
    return f"sha256={urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')}"


def _tree(folder: Path, prefix: str) -> Iterator[Content]:
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not _is_skipped(parts):
            yield Content(place=prefix + "/".join(parts), data=file.read_bytes())


def _is_skipped(parts: tuple[str, ...]) -> bool:
    *folders, name = parts
    hidden = any(part.startswith(".") for part in parts)
    of_installer = name in _OF_INSTALLER and bool(folders) and folders[0].endswith(".dist-info")
    return hidden or of_installer or bool(_SKIPPED_FOLDERS & set(folders)) or Path(name).suffix in _SKIPPED_SUFFIXES


def _licence() -> Iterator[bytes]:
    source = kit.source()
    if source is not None and (source / "LICENSE").is_file():
        yield (source / "LICENSE").read_bytes()
        return
    for file in metadata.files(KIT) or ():
        if file.name == "LICENSE" and ".." not in file.parts:
            yield Path(str(file.locate())).read_bytes()
