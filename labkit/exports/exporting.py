"""An export from beginning to end: the log is read once, the file appears when it is whole."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal, Protocol

from msgspec import Struct

from labkit.exports.failures import UnknownEnding
from labkit.exports.ocel import write_json
from labkit.exports.ocel_sqlite import write_sqlite
from labkit.exports.parquet import require_pyarrow, write_parquet
from labkit.exports.placing import in_place
from labkit.exports.reading import Log, Progress, Recorded, events_of, opened_log
from labkit.exports.xes import Chosen, write_xes
from labkit.prerequisites import environment_settings
from ledger.domain.events import CaseOpened

Form = Literal["ocel", "xes", "parquet"]
ENDINGS: dict[Form, tuple[str, ...]] = {
    "ocel": (".jsonocel", ".json", ".sqlite"),
    "xes": (".xes", ".xes.gz"),
    "parquet": (".parquet",),
}


class Write(Protocol):
    """Writes events into a new file, and returns how many it holds."""

    def __call__(self, events: Iterator[Recorded], file: Path, /) -> int:
        """Write."""
        ...


class ExportSummary(Struct, kw_only=True):
    """What an export holds: `position` is the last event of the ledger that it read."""

    file: str
    events: int = 0
    cases: int = 0
    position: int = 0
    size_bytes: int = 0
    seconds: float = 0.0


class Wanted(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    form: Form
    file: Path
    force: bool = False
    events: Chosen = "steps"


def export(data: Path, wanted: Wanted, on_progress: Progress = lambda *_: None) -> ExportSummary:
    """Export the ledger of a data directory.

    Raises:
        LabkitFailure: there is no ledger, or the file cannot be written; what was there stays as it was.
    """
    write = _writer(wanted)
    with opened_log(data) as log:
        return export_log(log, wanted, write, on_progress=on_progress)


def export_log(log: Log, wanted: Wanted, write: Write, *, on_progress: Progress = lambda *_: None) -> ExportSummary:
    """Export a log that is open."""
    began_s = monotonic()
    summary = ExportSummary(file=str(wanted.file))
    with in_place(wanted.file, force=wanted.force) as growing:
        summary.events = write(_counted(events_of(log, on_progress), summary), growing)
        summary.size_bytes = growing.stat().st_size
    summary.seconds = round(monotonic() - began_s, 3)
    return summary


def _writer(wanted: Wanted) -> Write:
    name = wanted.file.name
    if not name.endswith(ENDINGS[wanted.form]):
        raise UnknownEnding(file=wanted.file, known=", ".join(ENDINGS[wanted.form]))
    match wanted.form:
        case "ocel":
            return write_sqlite if name.endswith(".sqlite") else write_json
        case "xes":
            return partial(write_xes, source=environment_settings().source, chosen=wanted.events)
        case "parquet":
            require_pyarrow()
            return write_parquet


def _counted(events: Iterator[Recorded], summary: ExportSummary) -> Iterator[Recorded]:
    for recorded in events:
        summary.cases += isinstance(recorded.event, CaseOpened)
        summary.position = recorded.logged.position
        yield recorded
