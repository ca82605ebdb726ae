"""An archive opened without trusting it: bounds, names and links first, then the signature, then every digest.

Everything happens in memory, within bounds; nothing is written here, and nothing of the archive is run.
"""

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import msgspec

from labkit.catalogue.entry import ENTRY_FILE, FORMAT, PRISTINE, PROJECT, SCREENSHOTS, SIGNATURE_FILE, Entry, read_entry
from labkit.catalogue.entry import packed as packed_file
from labkit.catalogue.failures import BrokenPack
from labkit.catalogue.gathering import Tree
from labkit.catalogue.pack import Pack
from labkit.catalogue.signing import Signature, vouches
from labkit.failures import UnreadableFile

ARCHIVE_BYTES_MAX = 20_000_000
CONTENT_BYTES_MAX = 60_000_000
FILE_BYTES_MAX = 10_000_000
FILES_MAX = 4_000
PLACE_LENGTH_MAX = 240
_HEADS = frozenset({ENTRY_FILE, SIGNATURE_FILE})
_FOLDERS = (PRISTINE, PROJECT, SCREENSHOTS)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# Other names of `.git` on disks that fold letters or shorten names: what is in it, git would run.
_GIT = re.compile(r"\.git|git~\d+", re.IGNORECASE)


def unpack(file: Path) -> Pack:
    """Return what an archive holds, once it is sure that its maker signed just that.

    Raises:
        UnreadableFile: it is missing or may not be read.
        BrokenPack: it is not safe to open, or not what was signed.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(ARCHIVE_BYTES_MAX + 1)
    except OSError as error:
        raise UnreadableFile(path=file, reason=error.strerror) from error
    return unpacked(data, file)


def unpacked(data: bytes, file: Path) -> Pack:
    """Return what the bytes of an archive hold, as `unpack` does; the file is only named.

    Raises:
        BrokenPack: it is not safe to open, or not what was signed.
    """
    if len(data) > ARCHIVE_BYTES_MAX:
        raise BrokenPack("pack.too-big", pack=file, most=ARCHIVE_BYTES_MAX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _checked(archive, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise BrokenPack("pack.no-archive", pack=file) from error


def verify(entry: bytes, signature: bytes, pack: Path) -> tuple[Entry, Signature]:
    """Return an entry and its signature, once it is sure that the one vouches for the other.

    Raises:
        BrokenPack: it does not, or it is of a format that came after this kit.
    """
    try:
        vouched = msgspec.json.decode(signature, type=Signature)
    except msgspec.DecodeError as error:
        raise BrokenPack("pack.bad-signature", pack=pack) from error
    if not vouches(vouched, entry):
        raise BrokenPack("pack.bad-signature", pack=pack)
    try:
        read = read_entry(entry)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BrokenPack("pack.bad-entry", pack=pack, reason=error) from error
    if read.format != FORMAT:
        raise BrokenPack("pack.newer", pack=pack)
    return read, vouched


def _checked(archive: zipfile.ZipFile, pack: Path) -> Pack:
    members = archive.infolist()
    _require_bounds(members, pack)
    for member in members:
        _require_safe(member, pack)
    names = {member.filename.casefold() for member in members}
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents}
    if len(names) < len(members) or names & folders:
        raise BrokenPack("pack.twice", pack=pack)
    held = {member.filename: member for member in members}
    if not held.keys() >= _HEADS:
        raise BrokenPack("pack.no-archive", pack=pack)
    entry, signature = (_bytes(archive, held.pop(name), pack) for name in (ENTRY_FILE, SIGNATURE_FILE))
    read, vouched = verify(entry, signature, pack)
    return Pack(entry=read, signature=vouched, files=_files(archive, read, held, pack))


def _files(archive: zipfile.ZipFile, entry: Entry, held: dict[str, zipfile.ZipInfo], pack: Path) -> Tree:
    """Return every file, once each is what the entry says of it, and none is missing or beside."""
    signed = {file.place: file for file in entry.files}
    for place in sorted(signed.keys() ^ held.keys()):
        raise BrokenPack("pack.tampered", pack=pack, place=place)
    files: Tree = {}
    for place, said in signed.items():
        data = _bytes(archive, held[place], pack)
        if packed_file(place, data) != said:
            raise BrokenPack("pack.tampered", pack=pack, place=place)
        files[place] = data
    return files


def _require_bounds(members: list[zipfile.ZipInfo], pack: Path) -> None:
    if len(members) > FILES_MAX:
        raise BrokenPack("pack.too-many", pack=pack, most=FILES_MAX)
    if sum(member.file_size for member in members) > CONTENT_BYTES_MAX:
        raise BrokenPack("pack.too-big", pack=pack, most=CONTENT_BYTES_MAX)


def _require_safe(member: zipfile.ZipInfo, pack: Path) -> None:
    # The name as the archive writes it: zipfile itself cuts one at a zero byte.
    place = member.orig_filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or member.is_dir():
        raise BrokenPack("pack.no-file", pack=pack, place=place)
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise BrokenPack("pack.no-archive", pack=pack)
    if not _is_safe(place):
        raise BrokenPack("pack.unsafe-place", pack=pack, place=place)
    if member.file_size > FILE_BYTES_MAX:
        raise BrokenPack("pack.too-big", pack=pack, most=FILE_BYTES_MAX)


def _is_safe(place: str) -> bool:
    if place in _HEADS:
        return True
    odd = len(place) > PLACE_LENGTH_MAX or _FORBIDDEN.search(place) or unicodedata.normalize("NFC", place) != place
    return not odd and place.startswith(_FOLDERS) and all(_is_name(part) for part in place.split("/"))


def _is_name(part: str) -> bool:
    refused = part in ("", ".", "..") or part.endswith((" ", ".")) or _DEVICES.fullmatch(part) or _GIT.fullmatch(part)
    return not refused


def _bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, pack: Path) -> bytes:
    """Return a file's bytes, never more than it announced."""
    try:
        with archive.open(member) as opened:
            data = opened.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BrokenPack("pack.tampered", pack=pack, place=member.filename) from error
    if len(data) != member.file_size:
        raise BrokenPack("pack.tampered", pack=pack, place=member.filename)
    return data
