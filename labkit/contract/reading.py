"""A contract from where it was written down: a folder, or a revision of the project that this folder is a part of.

Nothing is changed, and nothing but the documents of the contract is read.
"""

import io
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from labkit.contract.comparing import Contract
from labkit.contract.failures import BadContract, NoContract
from labkit.contract.generating import DOCUMENTS

GIT_TIMEOUT_S = 60
_REVISION_ENDS_WITH = ":"


def read_contract(told: str) -> Contract:
    """Return the contract in a folder, or of a revision, which is told with a colon at its end.

    Raises:
        NoContract: there is none.
        BadContract: one of its documents is no JSON object.
    """
    files = _of_revision(told[:-1]) if told.endswith(_REVISION_ENDS_WITH) else _of_folder(Path(told))
    if not files:
        raise NoContract(where=told)
    return {name: _document(name, text) for name, text in files.items()}


def _of_folder(folder: Path) -> dict[str, bytes]:
    found = sorted([*folder.glob("*.json"), *folder.glob("schemas/*.json")])
    return {path.relative_to(folder).with_suffix("").as_posix(): path.read_bytes() for path in found}


def _of_revision(revision: str) -> dict[str, bytes]:
    # Whatever begins with a hyphen would be an option of git's.
    if not revision or revision.startswith("-"):
        raise NoContract(where=f"{revision}:")
    try:
        packed = subprocess.run(  # noqa: S603  # no option, see above
            ["git", "archive", "--format=tar", revision, DOCUMENTS],  # noqa: S607  # whichever git people have
            capture_output=True,
            check=True,
            timeout=GIT_TIMEOUT_S,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise NoContract(where=f"{revision}:") from error
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return dict(_members(archive))


def _members(archive: tarfile.TarFile) -> list[tuple[str, bytes]]:
    found = []
    for member in archive:
        path = PurePosixPath(member.name)
        within = path.relative_to(DOCUMENTS) if path.is_relative_to(DOCUMENTS) else path
        unpacked = archive.extractfile(member)
        if unpacked and within.suffix == ".json" and within.parent.as_posix() in {".", "schemas"}:
            found.append((within.with_suffix("").as_posix(), unpacked.read()))
    return found


def _document(name: str, text: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadContract(file=f"{name}.json") from error
