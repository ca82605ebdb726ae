"""Parquet for analysts: one row an event, one column a public fact, written some thousands of rows at a time.

What writes it, pyarrow, is the optional extra `parquet`: nothing here imports it before it is needed.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from labkit.exports.failures import ParquetMissing
from labkit.exports.reading import Recorded
from labkit.exports.telling import Sort, Value, attribute_sorts, documents_of, public_attributes
from ledger.domain.events import EVENTS, InteractionCorrected, LedgerEvent

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

ROWS_A_GROUP = 10_000
_ARROW_TYPES: dict[Sort, str] = {"string": "string", "integer": "int64", "float": "double", "boolean": "bool"}
_FIRST: dict[str, Sort] = {
    "position": "integer",
    "event_id": "string",
    "event": "string",
    "occurred_at": "time",
    "utc_offset_minutes": "integer",
    "recorded_at": "time",
    "recorded_by": "string",
    "authority": "string",
    "service": "string",
    "channel": "string",
    "case_id": "string",
    "citizen": "string",
    "interaction_id": "string",
    "corrected_channel": "string",
    "attachments": "string",
}


def columns() -> dict[str, Sort]:
    """Return every column: where and when an event is filed, then what any kind of event says in public."""
    said = {name: sort for kind in EVENTS for name, sort in attribute_sorts(kind).items()}
    return _FIRST | {name: sort for name, sort in said.items() if name not in _FIRST}


def require_pyarrow() -> None:
    """Make sure that the extra is there before anything long begins.

    Raises:
        ParquetMissing: it is not.
    """
    if find_spec("pyarrow") is None:
        raise ParquetMissing


def write_parquet(events: Iterable[Recorded], file: Path) -> int:
    """Write events; return how many there were."""
    import pyarrow as pa  # noqa: PLC0415  # half a second and 165 MB: only who asks for Parquet has it
    from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped]  # noqa: PLC0415  # as above

    schema = pa.schema([(name, _arrow_type(sort)) for name, sort in columns().items()])
    count, coming = 0, iter(events)
    with ParquetWriter(file, schema, compression="zstd") as writer:
        while rows := [_row(recorded) for recorded in islice(coming, ROWS_A_GROUP)]:
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema))
            count += len(rows)
    return count


def _arrow_type(sort: Sort) -> "pa.DataType":
    import pyarrow as pa  # noqa: PLC0415  # as above

    return pa.timestamp("us", tz="UTC") if sort == "time" else pa.type_for_alias(_ARROW_TYPES[sort])


def _row(recorded: Recorded) -> dict[str, Value | None]:
    logged, event = recorded.logged, recorded.event
    about = logged.metadata
    offset = event.occurred_at.utcoffset() or timedelta()
    return public_attributes(event) | {
        "position": logged.position,
        "event_id": str(logged.event_id),
        "event": logged.tag,
        "occurred_at": event.occurred_at,
        "utc_offset_minutes": offset // timedelta(minutes=1),
        "recorded_at": about.recorded_at,
        "recorded_by": event.stamp.by,
        "authority": about.authority,
        "service": about.service,
        "channel": about.channel.value,
        **dict(_particular(event)),
    }


def _particular(event: LedgerEvent) -> Iterator[tuple[str, str]]:
    for name in ("case_id", "citizen", "interaction_id"):
        value = getattr(event, name, None)
        if value is not None:
            yield name, str(value)
    if isinstance(event, InteractionCorrected) and event.channel is not None:
        yield "corrected_channel", event.channel.value
    if documents := documents_of(event):
        yield "attachments", msgspec.json.encode(documents).decode()
