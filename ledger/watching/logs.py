"""What every role logs: one line of text, or one JSON object of stable fields, on standard error.

An error's own message is never written with its traceback: it may quote what a citizen said. Its kind and its place are
enough to find a defect.
"""

import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from traceback import format_tb
from types import TracebackType

import msgspec
from msgspec import Struct

__all__ = ["LogLine", "set_up_logs"]

log = logging.getLogger(__name__)

TEXT_FORM = "%(asctime)s %(levelname)s %(name)s %(message)s"
CAUSES_MAX = 5
_ErrorOfRecord = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LogLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line: `event` is the sentence as it stands in the source, to be counted by; `message` is as it came out."""

    time: datetime
    level: str
    role: str
    source: str
    event: str
    message: str
    position: int | None = None
    trace_id: str | None = None
    error: str | None = None


def set_up_logs(role: str, *, json: bool, level: int, trace_id: Callable[[], str | None] = lambda: None) -> None:
    """Say how this process logs, once; what ends it is logged in the same form."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonForm(role, trace_id) if json else TextForm(TEXT_FORM))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("asyncio").addFilter(_first_line)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread


class TextForm(logging.Formatter):
    """A line a person reads."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, whatever another form has kept of the error."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: _ErrorOfRecord) -> str:  # noqa: N802  # the name that the library calls
        """Return the kind and the place of an error."""
        return described(ei[1]) if ei[1] else ""


class JsonForm(logging.Formatter):
    """A line a program reads."""

    def __init__(self, role: str, trace_id: Callable[[], str | None]) -> None:
        """Write on behalf of a role, in the trace that is current."""
        super().__init__()
        self._role = role
        self._trace_id = trace_id

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        position = getattr(record, "position", None)
        line = LogLine(
            time=datetime.fromtimestamp(record.created, UTC),
            level=record.levelname.lower(),
            role=self._role,
            source=record.name,
            event=str(record.msg),
            message=record.getMessage(),
            position=position if isinstance(position, int) else None,
            trace_id=self._trace_id(),
            error=described(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None,
        )
        return msgspec.json.encode(line).decode()


def described(error: BaseException) -> str:
    """Return the kind and the place of an error and of what led to it, a bounded number, without what they say."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < CAUSES_MAX:
        parts.append("".join([*format_tb(cause.__traceback__), type(cause).__qualname__]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\nled to\n".join(reversed(parts))


def _first_line(record: logging.LogRecord) -> bool:
    """Leave out what asyncio adds below: the representation of a task, which quotes its error."""
    record.msg = str(record.msg).partition("\n")[0]
    return True


def _log_end(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    if not issubclass(kind, Exception):  # told by somebody to end
        sys.__excepthook__(kind, error, place)
        return
    log.critical("A defect ended this process", exc_info=error)


def _log_end_of_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_type is not SystemExit:
        log.critical("A defect ended a thread", exc_info=end.exc_value)
