"""In whose charge the cases are: how many each service and each unit has, and how many of them ended late.

The cases themselves are a table of `figures`.
"""

from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseHandedOver,
    CaseReopened,
    ServicePublished,
)
from projections.keys import to_instant

SCHEMA = """
CREATE TABLE IF NOT EXISTS services (
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    name TEXT,
    cases INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (authority, service)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS units (
    unit TEXT PRIMARY KEY,
    cases INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""

_COUNT_SERVICE = """
INSERT INTO services (authority, service, cases, closed, late) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (authority, service) DO UPDATE SET cases = cases + ?3, closed = closed + ?4, late = late + ?5
"""
_COUNT_UNIT = """
INSERT INTO units (unit, cases, closed, late) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (unit) DO UPDATE SET cases = cases + ?2, closed = closed + ?3, late = late + ?4
"""
_COUNT_UNIT_STEP = "INSERT INTO units (unit, steps) VALUES (?, 1) ON CONFLICT (unit) DO UPDATE SET steps = steps + 1"
_NAME_SERVICE = """
INSERT INTO services (authority, service, name) VALUES (?1, ?2, ?3)
ON CONFLICT (authority, service) DO UPDATE SET name = ?3
"""
_CHARGE = "SELECT authority, service, unit, deadline, closed_at FROM cases WHERE case_id = ?"
_SET_CHARGE = "UPDATE cases SET authority = ?, unit = ?, closed_at = ? WHERE case_id = ?"


class Charge(Struct, frozen=True):
    """In whose charge a case is, and how it stands: what the figures of services and units count."""

    authority: str
    service: str
    unit: str | None
    deadline: int | None
    closed_at: int | None = None

    @property
    def closed(self) -> bool:
        """Tell whether the case is closed."""
        return self.closed_at is not None

    @property
    def late(self) -> bool:
        """Tell whether the case was closed after its deadline."""
        return self.closed_at is not None and self.deadline is not None and self.closed_at > self.deadline


def name_service(db: Connection, published: ServicePublished) -> None:
    """Keep the name under which a service is offered."""
    db.execute(_NAME_SERVICE, (published.authority, published.service, published.name))


def count_step(db: Connection, unit: str) -> None:
    """Count a step for the unit that did it."""
    db.execute(_COUNT_UNIT_STEP, (unit,))


def change(db: Connection, event: CaseEvent) -> None:
    """Move a case from the figures it counted in to those it counts in after an event."""
    before = Charge(*db.execute(_CHARGE, (event.case_id.bytes,)).fetchone())
    after = _after(before, event)
    if after != before:
        db.execute(_SET_CHARGE, (after.authority, after.unit, after.closed_at, event.case_id.bytes))
        count(db, before, -1)
        count(db, after, 1)


def count(db: Connection, charge: Charge, sign: int) -> None:
    """Add a case to the figures of its service and of its unit, or with -1 take it away."""
    figures = (sign, sign * charge.closed, sign * charge.late)
    db.execute(_COUNT_SERVICE, (charge.authority, charge.service, *figures))
    if charge.unit:
        db.execute(_COUNT_UNIT, (charge.unit, *figures))


def _after(charge: Charge, event: CaseEvent) -> Charge:
    match event:
        case CaseAssigned():
            return replace(charge, unit=event.unit or charge.unit)
        case CaseHandedOver():
            return replace(charge, authority=event.to_authority, unit=event.to_unit)
        case CaseClosed():
            return replace(charge, closed_at=to_instant(event.occurred_at))
        case CaseReopened():
            return replace(charge, closed_at=None)
        case _:
            return charge
