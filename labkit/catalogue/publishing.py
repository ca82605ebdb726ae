"""`labkit publish --catalogue`: its options, and what it does with them."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import rich_click as click
from msgspec import Struct

from labkit.catalogue.failures import BadParticular, BrokenPack, NobodyCouldOpen
from labkit.failures import UnreadableFile
from labkit.messages import Texts
from labkit.verbs.frame import Frame

if TYPE_CHECKING:
    from labkit.catalogue.pack import Measures, Particulars

FOLDER = Path("catalogue")
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
PICTURES_MAX, PICTURE_BYTES_MAX = 12, 2_000_000
_LICENCE = "Apache-2.0"
_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


class Given(Struct, frozen=True, kw_only=True):
    """What was typed beside `--catalogue`."""

    screenshot: tuple[Path, ...] = ()
    measures: Path | None = None
    licence: str | None = None
    for_whom: str = ""
    author: str = ""
    contact: str = ""


class Offered(Struct, frozen=True, kw_only=True):
    """The archive that was made, and how others know its maker."""

    path: str
    fingerprint: str
    entry: Any


def options(say: Texts) -> list[click.Parameter]:
    """Return the options of the catalogue."""
    file, text = click.Path(dir_okay=False, path_type=Path), say("catalogue.text")
    return [
        click.Option(["--catalogue"], is_flag=True, help=say("catalogue.option")),
        click.Option(["--screenshot"], type=file, multiple=True, help=say("catalogue.screenshot")),
        click.Option(["--measures"], type=file, help=say("catalogue.measures")),
        click.Option(["--licence"], metavar="SPDX", help=say("catalogue.licence")),
        click.Option(["--for-whom"], default="", metavar=text, help=say("catalogue.for-whom")),
        click.Option(["--author"], default="", metavar=text, help=say("catalogue.author")),
        click.Option(["--contact"], default="", metavar=text, help=say("catalogue.contact")),
    ]


def offer(frame: Frame, folder: Path, output: Path | None, given: Given) -> Path:
    """Write the signed archive of a prototype, and tell where it is and by which fingerprint its maker is known.

    Raises:
        LabkitFailure: it cannot be described, or something in it must not go out; nothing was written.
    """
    # What follows loads the project's own code and a cryptographic library: the other verbs answer at once.
    from labkit.catalogue.pack import archive_of, pack  # noqa: PLC0415
    from labkit.catalogue.signing import signing_key  # noqa: PLC0415
    from labkit.catalogue.unpack import unpacked  # noqa: PLC0415
    from labkit.prototype.project import Project  # noqa: PLC0415
    from labkit.publish.contents import Content  # noqa: PLC0415
    from labkit.publish.publishing import put_in_place  # noqa: PLC0415

    project = Project(folder)
    particulars = read_particulars(project.folder, given)
    made = pack(project, particulars, key=signing_key(os.environ), made_at=datetime.now(UTC))
    content = Content(place=made.name, data=archive_of(made))
    try:
        unpacked(content.data, Path(made.name))
    except BrokenPack as refusal:
        raise NobodyCouldOpen(refusal) from refusal
    path = Path(put_in_place(output or FOLDER, [content])[0].path)
    fingerprint = made.signature.fingerprint
    frame.answer(Offered(path=str(path), fingerprint=fingerprint, entry=made.entry))
    frame.write(frame.say("catalogue.made", path=path, files=len(made.files)))
    frame.write(frame.say("catalogue.fingerprint", fingerprint=fingerprint))
    frame.write(frame.say("catalogue.take-up", path=path, fingerprint=fingerprint))
    return path


def read_particulars(folder: Path, given: Given) -> "Particulars":
    """Return what was said of the prototype, once it can be used."""
    from labkit.catalogue.pack import Particulars  # noqa: PLC0415  # as above

    licence = given.licence or _declared_licence(folder)
    if not _SPDX.fullmatch(licence):
        raise BadParticular(option="--licence", value=licence, expected="SPDX")
    return Particulars(
        for_whom=given.for_whom,
        licence=licence,
        measures=_measures(given.measures) if given.measures else {},
        screenshots=_pictures(given.screenshot),
        author=given.author,
        contact=given.contact,
    )


def _declared_licence(folder: Path) -> str:
    from labkit.publish.closure import declared_in  # noqa: PLC0415  # as above

    licence = declared_in(folder, "prototype").license
    return licence if licence and isinstance(licence, str) else _LICENCE


def _measures(file: Path) -> "Measures":
    try:
        return msgspec.json.decode(_read(file), type=dict[str, float | int | None])
    except msgspec.DecodeError as error:
        raise BadParticular(option="--measures", value=file, expected='{"name": 12.5}') from error


def _pictures(files: tuple[Path, ...]) -> dict[str, bytes]:
    if len(files) > PICTURES_MAX:
        raise BadParticular(option="--screenshot", value=len(files), expected=f"≤ {PICTURES_MAX}")
    pictures: dict[str, bytes] = {}
    for file in files:
        data = _read(file)
        if file.suffix.lower() not in PICTURES or len(data) > PICTURE_BYTES_MAX or file.name in pictures:
            raise BadParticular(option="--screenshot", value=file, expected=", ".join(sorted(PICTURES)))
        pictures[file.name] = data
    return pictures


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=file, reason=error.strerror) from error
