"""Reads OCEL 2.0 logs, JSON or SQLite: each object of the type of a case becomes a trace, told as those of XES are.

A log has its events by time, a trace by case: a database of its own, deleted at the end, puts them in
order, so that memory does not grow with the log.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from labkit.failures import BrokenXes, UnreadableFile
from labkit.imports.cases import tell_traces
from labkit.imports.failures import BrokenOcel
from labkit.imports.mapping import Mapping
from labkit.imports.ocel_json import read_json
from labkit.imports.ocel_spool import Happened, Said, Spool
from labkit.imports.ocel_sqlite import read_sqlite
from labkit.imports.xes import Attributes, Trace, Value, XesEvent, read_moment
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import BY_TAG, StepRecorded

_SQLITE_MAGIC = b"SQLite format 3\0"
_AROUND_THE_STEPS = {tag for tag, kind in BY_TAG.items() if kind is not StepRecorded}
_TEXTS = {"unknown-channel": "ocel.unknown-channel", "nothing-dated": "ocel.nothing-dated"}


def read_ocel(path: Path, mapping: Mapping) -> Iterator[list[LedgerCommand]]:
    """Yield the commands of a log, first those of the authority and its service, then case by case.

    Raises:
        UnreadableFile: the file is missing or may not be read.
        BrokenOcel: it is no OCEL 2.0 log, it has no case, or one of its cases cannot be told.
    """
    with TemporaryDirectory(prefix="labkit-ocel-") as folder, closing(Spool(Path(folder) / "log.db")) as spool:
        _fill(spool, path)
        try:
            yield from tell_traces(_traces(spool, mapping, path), mapping)
        except BrokenXes as broken:
            raise BrokenOcel(_TEXTS[broken.reason], file=path, **broken.details) from broken


def _fill(spool: Spool, path: Path) -> None:
    try:
        with path.open("rb") as file:
            if not file.peek().startswith(_SQLITE_MAGIC):
                read_json(file, spool, path)
                return
    except OSError as error:
        raise UnreadableFile(path=path, reason=error.strerror) from error
    read_sqlite(path, spool)


def _traces(spool: Spool, mapping: Mapping, path: Path) -> Iterator[Trace]:
    rank = 0
    for rank, (case, attributes) in enumerate(spool.cases(mapping.ocel.case), start=1):  # noqa: B007  # none is an error
        yield _Case(case, mapping, path).trace(attributes, spool.happened(case, agent=mapping.ocel.agent))
    if not rank:
        raise BrokenOcel("ocel.no-case", file=path, wanted=mapping.ocel.case, found=", ".join(spool.types()) or "–")


class _Case:
    """One object that is a case, told in the attributes that the mapping names."""

    def __init__(self, name: str, mapping: Mapping, path: Path) -> None:
        self._name = name
        self._mapping = mapping
        self._path = path

    def trace(self, attributes: dict[str, Said], happened: Iterator[Happened]) -> Trace:
        keys = self._mapping.trace
        told: Attributes = {**attributes}
        for key in (keys.deadline, keys.opened_at, keys.closed_at):
            if said := told.pop(key, None):
                told[key] = self._moment(key, said)
        moments = [(self._moment("time", one.time), one) for one in happened]
        if (ended := self._ended(moments)) is not None:
            told.setdefault(keys.closed_at, ended)
        events = [self._event(moment, one) for moment, one in moments if one.type not in _AROUND_THE_STEPS]
        return Trace(self._name, told, events, 0, f"ocel:{self._mapping.ocel.log}")

    def _ended(self, moments: list[tuple[datetime, Happened]]) -> datetime | None:
        ended = None
        for moment, one in sorted(moments, key=lambda entry: entry[0]):
            if one.type in self._mapping.ocel.closing:
                ended = moment
            elif one.type in self._mapping.ocel.reopening:
                ended = None
        return ended

    def _event(self, moment: datetime, one: Happened) -> XesEvent:
        keys = self._mapping.event
        told: Attributes = {**one.attributes, keys.occurred_at: moment}
        told.setdefault(keys.activity, one.type)
        if one.agent is not None:
            told.setdefault(keys.agent, one.agent)
        if not str(told[keys.activity]).strip():
            raise BrokenOcel("ocel.event-without-activity", file=self._path, trace=self._name)
        return XesEvent(told, 0)

    def _moment(self, key: str, said: Value) -> datetime:
        try:
            return read_moment(str(said))
        except ValueError as error:
            value = str(said)[:80]
            raise BrokenOcel("ocel.not-a-date", file=self._path, trace=self._name, key=key, value=value) from error
