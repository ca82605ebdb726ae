"""Reads XES 1.0 logs (IEEE 1849), plain or gzipped, one trace at a time and in constant memory.

It knows XES and nothing of cases: `mapping.py` says what a trace means. What no log needs and an attacker
does (a DOCTYPE, entities, endless tokens, bottomless nesting) is refused. A date without a zone is UTC.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

from msgspec import Struct

from labkit.failures import BrokenXes, UnreadableFile

Value = str | int | float | bool | datetime
Attributes = dict[str, Value]

GZIP_MAGIC = b"\x1f\x8b"
NAME = "concept:name"
CHUNK_BYTES = 64 * 1024
# expat reads an unfinished token again with every chunk: an endless one would cost the square of its length.
TOKEN_BYTES_MAX = 1024 * 1024
TRACE_BYTES_MAX = 16 * 1024 * 1024
DEPTH_MAX = 200
_LOG, _TRACE, _EVENT = 1, 2, 3
_EPOCH = datetime.fromtimestamp(0, UTC)


class XesEvent(Struct):
    """One event of a trace, with the attributes it has."""

    attributes: Attributes
    line: int


class Trace(Struct):
    """One trace; `rank` counts the traces of the same name that came before it in the file."""

    name: str
    attributes: Attributes
    events: list[XesEvent]
    line: int
    log: str = ""
    rank: int = 0


class _Stream(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def read_traces(path: Path) -> Iterator[Trace]:
    """Yield the traces of a log in file order; all that were whole come before `BrokenXes`."""
    reader = _Reader()
    with _opened(path) as stream:
        while True:
            chunk = _next_chunk(stream, reader)
            try:
                reader.feed(chunk)
            except BrokenXes:
                yield from reader.take()
                raise
            yield from reader.take()
            if not chunk:
                return


@contextmanager
def _opened(path: Path) -> Iterator[_Stream]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFile(path=path, reason=error.strerror) from error
    with file:
        if not file.peek(2).startswith(GZIP_MAGIC):
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unzipped:
            yield unzipped


def _next_chunk(stream: _Stream, reader: "_Reader") -> bytes:
    try:
        return stream.read1(CHUNK_BYTES)
    except EOFError as error:
        raise reader.broken("truncated-gzip") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise reader.broken("damaged-gzip") from error


class _Reader:
    """Turns expat's calls into traces; `target` receives the attributes found one level below it."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._depth = 0
        self._fed_bytes = 0
        self._opened_at_byte = 0
        self._log: Attributes = {}
        self._globals: dict[str, Attributes] = {"trace": {}, "event": {}}
        self._trace: Trace | None = None
        self._target: Attributes | None = None
        self._target_depth = 0
        self._seen: dict[str, int] = {}
        self._whole: list[Trace] = []

    def take(self) -> list[Trace]:
        """Hand over the traces that are whole."""
        whole, self._whole = self._whole, []
        return whole

    def broken(self, reason: str, **details: object) -> BrokenXes:
        """Say what is wrong at the place where the parser stands."""
        parser = self._parser
        return BrokenXes(reason, line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1, **details)

    def feed(self, chunk: bytes) -> None:
        """Parse some bytes; none means that the file ends here."""
        try:
            self._parser.Parse(chunk, not chunk)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise self._not_xml(error, at_end=not chunk) from error
        self._fed_bytes += len(chunk)
        if self._fed_bytes - self._parser.CurrentByteIndex > TOKEN_BYTES_MAX:
            raise self.broken("endless-token", limit=TOKEN_BYTES_MAX)
        if self._depth >= _TRACE and self._fed_bytes - self._opened_at_byte > TRACE_BYTES_MAX:
            raise self.broken("endless-trace", limit=TRACE_BYTES_MAX)
        if not chunk and not self._seen:
            raise self.broken("empty-log")

    def _not_xml(self, error: Exception, *, at_end: bool) -> BrokenXes:
        if at_end and not self._fed_bytes:
            return self.broken("empty-file")
        if at_end and self._depth:
            return self.broken("truncated")
        return self.broken("not-xml", detail=str(error).partition(":")[0])

    def _refuse_doctype(self, *_: object) -> None:
        raise self.broken("doctype")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self.broken("too-deep", limit=DEPTH_MAX)
        local = name.rpartition(" ")[2]
        convert = CONVERSIONS.get(local)
        if self._depth == _TRACE:
            self._opened_at_byte = self._parser.CurrentByteIndex
        if self._depth == _LOG:
            self._start_log(local)
        elif convert is not None:
            if self._target is not None and self._depth == self._target_depth + 1:
                self._keep(self._target, convert, given)
        elif self._depth == _TRACE:
            self._start_below_log(local, given)
        elif self._depth == _EVENT and local == "event" and self._trace is not None:
            event = XesEvent(self._globals["event"].copy(), self._parser.CurrentLineNumber)
            self._trace.events.append(event)
            self._aim(event.attributes, _EVENT)

    def _start_log(self, local: str) -> None:
        if local != "log":
            raise self.broken("not-a-log", root=local[:80])
        self._aim(self._log, _LOG)

    def _start_below_log(self, local: str, given: dict[str, str]) -> None:
        if local == "trace":
            attributes = self._globals["trace"].copy()
            self._trace = Trace("", attributes, [], self._parser.CurrentLineNumber)
            self._aim(attributes, _TRACE)
        elif local == "global":
            self._aim(self._globals.get(given.get("scope", "event")), _TRACE)
        else:
            self._aim(None, _TRACE)

    def _aim(self, target: Attributes | None, depth: int) -> None:
        self._target, self._target_depth = target, depth

    def _keep(self, target: Attributes, convert: Callable[[str], Value], given: dict[str, str]) -> None:
        if target is self._log and given.get("key") != NAME:
            return
        if "key" not in given or "value" not in given:
            raise self.broken("attribute-without-value")
        try:
            target[given["key"]] = convert(given["value"])
        except (KeyError, ValueError) as error:
            raise self.broken("bad-value", key=given["key"][:80], value=given["value"][:80]) from error

    def _end(self, _: str) -> None:
        if self._depth == _EVENT and self._target_depth == _EVENT and self._trace is not None:
            self._aim(self._trace.attributes, _TRACE)
        elif self._depth == _TRACE:
            if self._trace is not None:
                self._finish(self._trace)
            elif self._target is not self._log:
                self._forget_placeholders()
            self._aim(self._log, _LOG)
        self._depth -= 1

    def _finish(self, trace: Trace) -> None:
        trace.name = str(trace.attributes.get(NAME, "")).strip()
        if not trace.name:
            raise BrokenXes("trace-without-name", line=trace.line)
        trace.log = str(self._log.get(NAME, ""))
        trace.rank = self._seen.get(trace.name, 0)
        self._seen[trace.name] = trace.rank + 1
        self._whole.append(trace)
        self._trace = None

    def _forget_placeholders(self) -> None:
        for scope, attributes in self._globals.items():
            self._globals[scope] = {key: value for key, value in attributes.items() if not _is_unsaid(value)}


def _is_unsaid(value: Value) -> bool:
    """Tell whether a global default is only what OpenXES writes where it knows none."""
    if isinstance(value, datetime):
        return abs(value - _EPOCH) <= timedelta(days=1)
    return value in {"UNKNOWN", "__INVALID__", ""}


def read_moment(text: str) -> datetime:
    """Read a date and time; one without a zone is UTC."""
    moment = datetime.fromisoformat(text.strip())
    if not 1 < moment.year < 9999:  # noqa: PLR2004  # At the two ends, a change of zone leaves the calendar.
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]


CONVERSIONS: dict[str, Callable[[str], Value]] = {
    "string": str,
    "id": str,
    "date": read_moment,
    "int": int,
    "float": float,
    "boolean": _boolean,
}
