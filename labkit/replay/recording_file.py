"""The file of a recording: JSON lines, only ever appended to, and read again whole.

A line is written at once, so that a kill loses at most the last one; it has bounds, and never grows past them.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from labkit.failures import UnreadableFile
from labkit.replay.failures import BrokenRecording, NewerRecording, RecordingNotWritable, RecordingTaken
from labkit.replay.recorded import (
    FORMAT,
    Ended,
    Entry,
    EventTold,
    FormSent,
    Header,
    Line,
    PageShown,
    Read,
    Recording,
)
from ledger.domain.events import CaseEvent, CaseOpened
from ledger.domain.identifiers import CaseId

ENTRIES_MAX = 2_000
BYTES_MAX = 50_000_000
_LAST_LINE_BYTES = 100


class RecordingFile:
    """A file that is being recorded; says when it is full, and then keeps nothing more."""

    def __init__(
        self, path: Path, header: Header, *, entries_max: int = ENTRIES_MAX, bytes_max: int = BYTES_MAX
    ) -> None:
        """Begin a file, or go on with one that an earlier process began."""
        self._entries_max, self._bytes_max = entries_max, bytes_max
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.versions: dict[CaseId, int] = {}
        self.offset = 0.0
        self.full = False
        self._entries = 0
        self._bytes = _whole_lines(self._descriptor)
        if self._bytes:
            self._go_on(read_recording(path))
        else:
            self._append(header)

    def write(self, entry: Entry) -> bool:
        """Append an entry; tell whether it was kept."""
        if self.full:
            return False
        line = _line(entry)
        if self._entries >= self._entries_max or self._bytes + len(line) > self._bytes_max - _LAST_LINE_BYTES:
            self.full = True
            self._append(Ended(offset=entry.offset, reason="full"))
            return False
        self._append(entry)
        self._take(entry)
        return True

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _go_on(self, earlier: Recording) -> None:
        for entry in earlier.entries:
            self._take(entry)
        self.full = earlier.full

    def _take(self, entry: Entry) -> None:
        self._entries += 1
        self.offset = max(self.offset, entry.offset)
        if isinstance(entry, EventTold):
            self.versions[entry.case] = entry.version

    def _append(self, line: Line) -> None:
        self._bytes += os.write(self._descriptor, _line(line))


def begin_recording(path: Path) -> None:
    """Make an empty file for a recording, of its owner alone.

    Raises:
        RecordingTaken: there is a file already, which is never recorded over.
        RecordingNotWritable: nothing can be written there.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise RecordingTaken(path=path) from error
    except OSError as error:
        raise RecordingNotWritable(path=path, reason=error) from error


def drop_empty(path: Path) -> None:
    """Take away the file of a recording that never began, so that its name is free again."""
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()


def write_recording(path: Path, recording: Recording) -> None:
    """Write a recording that is known as a whole, whole or not at all.

    Raises:
        RecordingTaken: there is a file already, which is never recorded over.
        RecordingNotWritable: nothing can be written there.
    """
    if path.exists():
        raise RecordingTaken(path=path)
    fresh = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(_line(line) for line in (recording.header, *recording.entries))
        fresh.replace(path)
    except OSError as error:
        # It holds what persons typed: nobody would look for the half of it under such a name.
        with suppress(OSError):
            fresh.unlink()
        raise RecordingNotWritable(path=path, reason=error) from error


def read_recording(path: Path) -> Recording:
    """Return a recording; a last line that a kill cut short is left out.

    Raises:
        UnreadableFile: there is no such file.
        BrokenRecording: a line cannot be understood, or does not follow from those before it.
        NewerRecording: a newer kit wrote it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=path, reason=error) from error
    if len(content) > BYTES_MAX:
        raise BrokenRecording(path=path, line=1, reason=f"> {BYTES_MAX} bytes")
    lines = [(number, line) for number, line in enumerate(content.split(b"\n")[:-1], 1) if line]
    if not lines:
        raise BrokenRecording(path=path, line=1, reason="no recording")
    header = _header(path, lines[0][1])
    entries = [_decode(path, number, line) for number, line in lines[1 : ENTRIES_MAX + 2]]
    numbered = [(number, entry) for (number, _), entry in zip(lines[1:], entries, strict=False)]
    _check_words(path, numbered, header)
    _check_order(path, numbered)
    kept = tuple(entry for entry in entries if isinstance(entry, PageShown | FormSent | EventTold))
    return Recording(header=header, entries=kept, full=any(isinstance(entry, Ended) for entry in entries))


def _header(path: Path, line: bytes) -> Header:
    with suppress(msgspec.DecodeError):
        told = msgspec.json.decode(line)
        if isinstance(told, dict) and isinstance(told.get("format"), int) and told["format"] > FORMAT:
            from labkit.scaffold.kit import version  # noqa: PLC0415  # asked only to say it

            raise NewerRecording(path=path, kit=told.get("kit", "?"), ours=version())
    header = _decode(path, 1, line)
    if not isinstance(header, Header):
        raise BrokenRecording(path=path, line=1, reason=type(header).__name__)
    return header


def _decode(path: Path, number: int, line: bytes) -> Read:
    try:
        read: Read = msgspec.json.decode(line, type=Read)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BrokenRecording(path=path, line=number, reason=error) from error
    return read


def _check_words(path: Path, lines: list[tuple[int, Read]], header: Header) -> None:
    """Refuse an event that is not told in every language of the recording."""
    for number, entry in lines:
        if isinstance(entry, EventTold) and not set(header.languages) <= entry.words.keys():
            raise BrokenRecording(path=path, line=number, reason=", ".join(header.languages))


def _check_order(path: Path, lines: list[tuple[int, Read]]) -> None:
    """Refuse a case that does not begin with its opening, or lacks an event: it could not happen again."""
    versions: dict[CaseId, int] = {}
    for number, entry in lines:
        if not isinstance(entry, EventTold):
            continue
        expected = versions.get(entry.case, 0) + 1
        fits = isinstance(entry.event, CaseEvent) and entry.event.case_id == entry.case
        fits = fits and isinstance(entry.event, CaseOpened) == (expected == 1)
        if not fits or entry.version != expected or entry.event.version != expected:
            raise BrokenRecording(path=path, line=number, reason=f"{entry.reference}: {entry.version} ≠ {expected}")
        versions[entry.case] = expected


def _whole_lines(descriptor: int) -> int:
    """Cut what a kill left of a last line, and return how many bytes remain."""
    content = os.pread(descriptor, BYTES_MAX + 1, 0)
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.ftruncate(descriptor, whole)
    return whole


def _line(line: Line) -> bytes:
    return msgspec.json.encode(line) + b"\n"
