"""In whose charge the cases are: how many each service and each unit has, and how many of them ended late.

The cases themselves are a table of `figures`.
"""

from collections import Counter, defaultdict
from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
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
INSERT INTO services (authority, service, cases, closed, late) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (authority, service) DO UPDATE SET cases = services.cases + excluded.cases,
    closed = services.closed + excluded.closed, late = services.late + excluded.late
"""
_COUNT_UNIT = """
INSERT INTO units (unit, cases, closed, late, steps) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (unit) DO UPDATE SET cases = units.cases + excluded.cases, closed = units.closed + excluded.closed,
    late = units.late + excluded.late, steps = units.steps + excluded.steps
"""
_NAME_SERVICE = """
INSERT INTO services (authority, service, name) VALUES (?, ?, ?)
ON CONFLICT (authority, service) DO UPDATE SET name = excluded.name
"""

Figures = tuple[int, int, int]
"""Cases, those of them that are closed, and those that were closed late."""


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

    def after(self, event: CaseAssigned | CaseHandedOver | CaseClosed | CaseReopened) -> "Charge":
        """Return in whose charge the case is after an event, and how it stands then."""
        match event:
            case CaseAssigned():
                return replace(self, unit=event.unit or self.unit)
            case CaseHandedOver():
                return replace(self, authority=event.to_authority, unit=event.to_unit)
            case CaseClosed():
                return replace(self, closed_at=to_instant(event.occurred_at))
            case CaseReopened():
                return replace(self, closed_at=None)


class Charges:
    """The figures of services and units while events are folded: added up, and written in the end."""

    def __init__(self, db: Connection) -> None:
        """Write to the tables of the overview."""
        self._db = db
        self._services: dict[tuple[str, str], Figures] = defaultdict(lambda: (0, 0, 0))
        self._units: dict[str, Figures] = defaultdict(lambda: (0, 0, 0))
        self._steps: Counter[str] = Counter()

    def name_service(self, published: ServicePublished) -> None:
        """Keep the name under which a service is offered."""
        self._db.execute(_NAME_SERVICE, (published.authority, published.service, published.name))

    def count_step(self, unit: str) -> None:
        """Count a step for the unit that did it."""
        self._steps[unit] += 1

    def count(self, charge: Charge, sign: int) -> None:
        """Add a case to the figures of its service and of its unit, or with -1 take it away."""
        counted = (sign, sign * charge.closed, sign * charge.late)
        service = (charge.authority, charge.service)
        self._services[service] = _sum(self._services[service], counted)
        if charge.unit:
            self._units[charge.unit] = _sum(self._units[charge.unit], counted)

    def move(self, before: Charge, after: Charge) -> None:
        """Move a case from the figures it counted in to those it counts in now."""
        self.count(before, -1)
        self.count(after, 1)

    def write(self) -> None:
        """Write what was added up; what came and went is written too, for it was here."""
        if self._services:
            self._db.executemany(_COUNT_SERVICE, [(*key, *figures) for key, figures in self._services.items()])
        units = {**self._units, **{unit: self._units[unit] for unit in self._steps}}
        if units:
            self._db.executemany(_COUNT_UNIT, [(unit, *figures, self._steps[unit]) for unit, figures in units.items()])


def _sum(one: Figures, other: Figures) -> Figures:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
