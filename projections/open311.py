"""The requests that partners filed by Open311, as a public list shows them: status, milestones, a place.

Only requests that came by Open311 are listed, never another case. Personal texts are sealed tokens; who may
see them in clear is for the HTTP side to decide.
"""

import math
from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any
from uuid import UUID

from msgspec import Struct

from ledger.domain.vocabulary import CaseStatus, ClosingReason
from ledger.publishing.published import PublishedEvent
from projections.engine.view import View
from projections.filings import FOLDED, SCHEMA, follow

METRES_PER_DEGREE = 111_320.0


class Offer(Struct, frozen=True, kw_only=True):
    """A service as an authority last published it."""

    authority: str
    service: str
    name: str
    answer_days: int | None
    published_at: int


class Filed(Struct, frozen=True, kw_only=True):
    """One request; instants are microseconds since 1970, `description` and `content` are sealed tokens."""

    case_id: UUID
    service: str
    service_name: str | None
    agency: str
    status: CaseStatus
    reason: ClosingReason | None
    requested_at: int
    updated_at: int
    expected_at: int | None
    filed_by: str
    lat: float | None
    long: float | None
    description: str
    content: str


class Update(Struct, frozen=True, kw_only=True):
    """One milestone of a request, told by its kind; `text` is a sealed token, if the partner wrote any."""

    position: int
    case_id: UUID
    kind: str
    detail: str | None
    status: CaseStatus
    updated_at: int
    text: str
    filed_by: str
    service: str


class Near(Struct, frozen=True, kw_only=True):
    """Within a distance of a place."""

    lat: float
    long: float
    radius_m: float


class Sought(Struct, frozen=True, kw_only=True):
    """Which requests or updates of one authority, between two instants, both included."""

    authority: str
    since: int
    until: int
    limit: int
    offset: int = 0
    services: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    near: Near | None = None


_COLUMNS = """
SELECT case_id, requests.service, offers.name AS service_name, coalesce(agencies.name, agency) AS agency, status,
    reason, requested_at, updated_at, expected_at, filed_by, lat, long, description, content
FROM requests LEFT JOIN offers USING (authority, service) LEFT JOIN agencies ON agencies.authority = agency
"""
_ONE = f"{_COLUMNS} WHERE filed_by IS NOT NULL AND requests.authority = ? AND case_id = ?"
_OF_AN_AUTHORITY = "filed_by IS NOT NULL AND requests.authority = ? AND requested_at BETWEEN ? AND ?"
# Over the few kilometres of a search the Earth is flat enough; 180 - |180 - d| is the short way round.
_NEAR = "(lat - ?) * (lat - ?) + ? * (180 - abs(180 - abs(long - ?))) * (180 - abs(180 - abs(long - ?))) <= ?"
_LATEST_FIRST = "ORDER BY requested_at DESC, opened_position DESC LIMIT ? OFFSET ?"
_UPDATES = """
SELECT position, updates.case_id, kind, detail, updates.status, updates.updated_at, text, filed_by, service
FROM updates JOIN requests USING (case_id) WHERE filed_by IS NOT NULL
"""
_UPDATES_SOUGHT = (
    f"{_UPDATES} AND authority = ? AND updates.updated_at BETWEEN ? AND ? ORDER BY position LIMIT ? OFFSET ?"
)
_UPDATES_OF_ONE = f"{_UPDATES} AND case_id = ? ORDER BY position DESC LIMIT ?"


def offers(db: Connection) -> list[Offer]:
    """The services that every authority published, in the order of their codes."""
    found = _dicts(db, "SELECT * FROM offers ORDER BY authority, service")
    return [Offer(**values) for values in found]


def sought(db: Connection, query: Sought) -> list[Filed]:
    """Requests that answer to every criterion, the latest first; those without a place are near nowhere."""
    conditions, asked = [_OF_AN_AUTHORITY], list[object]((query.authority, query.since, query.until))
    for column, wanted in (("service", query.services), ("status", query.statuses)):
        if wanted:
            conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            asked.extend(wanted)
    if near := query.near:
        radius, narrowing = near.radius_m / METRES_PER_DEGREE, math.cos(math.radians(near.lat)) ** 2
        conditions.append(_NEAR)
        asked.extend((near.lat, near.lat, narrowing, near.long, near.long, radius * radius))
    text = f"{_COLUMNS} WHERE {' AND '.join(conditions)} {_LATEST_FIRST}"
    return [_filed(values) for values in _dicts(db, text, (*asked, query.limit, query.offset))]


def named(db: Connection, authority: str, case_ids: Iterable[UUID]) -> list[Filed]:
    """The requests of these identifiers, those that there are."""
    return [_filed(values) for case_id in case_ids for values in _dicts(db, _ONE, (authority, case_id.bytes))]


def updates(db: Connection, query: Sought) -> list[Update]:
    """What was recorded of requests between two instants, in the order of the ledger."""
    asked = (query.authority, query.since, query.until, query.limit, query.offset)
    return [_update(values) for values in _dicts(db, _UPDATES_SOUGHT, asked)]


def updates_of(db: Connection, case_ids: Iterable[UUID], limit: int) -> list[list[Update]]:
    """What was recorded last of each request, in the order of the ledger."""
    return [[_update(told) for told in _dicts(db, _UPDATES_OF_ONE, (case.bytes, limit))][::-1] for case in case_ids]


def _dicts(db: Connection, query: str, asked: Sequence[object] = ()) -> Iterable[dict[str, Any]]:
    answer = db.execute(query, asked)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, values, strict=True)) for values in answer]


def _filed(values: dict[str, Any]) -> Filed:
    reason = ClosingReason(values["reason"]) if values["reason"] else None
    typed = {"case_id": UUID(bytes=values["case_id"]), "status": CaseStatus(values["status"]), "reason": reason}
    return Filed(**{**values, **typed})


def _update(values: dict[str, Any]) -> Update:
    return Update(**{**values, "case_id": UUID(bytes=values["case_id"]), "status": CaseStatus(values["status"])})


def project(db: Connection, event: PublishedEvent) -> None:
    """Fold one event."""
    follow(db, event)


VIEW = View(name="open311", version=2, schema=SCHEMA, events=FOLDED, project=project)
