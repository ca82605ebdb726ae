"""The endpoints: to which address what an integrator was granted is delivered, and whether that goes well.

An integrator has one endpoint. Who was put out and let in again is somebody else: their endpoint has to be added anew.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from ledger.access.registry import Integrator
from ledger.webhooks.database import transaction

ENDPOINTS_MAX = 50
OffReason = Literal["gone", "failing"]


class WebhookError(ValueError):
    """The endpoints cannot be changed as asked; `code` says why."""

    def __init__(self, code: str, name: str) -> None:
        """Keep why, and whose endpoint it is."""
        super().__init__(f"{code}: {name}")
        self.code = code
        self.name = name


class Endpoint(Struct, frozen=True, kw_only=True):
    """One endpoint: nothing is sent while it is off; `cursor` is how far the log was read for it."""

    id: int
    name: str
    admitted_at: str
    url: str
    secret: str
    added_at: datetime
    cursor: int
    failing_since: datetime | None
    off_at: datetime | None
    off_reason: OffReason | None

    def belongs_to(self, integrator: Integrator | None) -> bool:
        """Tell whether an integrator is the one for whom the endpoint was added."""
        return integrator is not None and admission_of(integrator) == self.admitted_at


class Endpoints:
    """The endpoints of one data directory."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Keep them in the file of the webhooks."""
        self._database = database

    def all(self) -> list[Endpoint]:
        """Return the endpoints, by name."""
        rows = self._database.execute(f"SELECT {_COLUMNS} FROM endpoint ORDER BY name")  # noqa: S608  # a constant
        return [_endpoint(row) for row in rows]

    def get(self, name: str) -> Endpoint:
        """Return the endpoint of an integrator.

        Raises:
            WebhookError: there is none.
        """
        found = next((each for each in self.all() if each.name == name), None)
        if found is None:
            raise WebhookError("unknown-webhook", name)
        return found

    def add(self, integrator: Integrator, url: str, *, secret: str, after: int, at: datetime) -> None:
        """Deliver to an address, checked before, what was granted and stands after a position.

        Raises:
            WebhookError: the integrator has an endpoint, or there are as many as there may be.
        """
        with transaction(self._database):
            names = {each.name for each in self.all()}
            if integrator.name in names:
                raise WebhookError("webhook-exists", integrator.name)
            if len(names) >= ENDPOINTS_MAX:
                raise WebhookError("too-many-webhooks", integrator.name)
            self._database.execute(
                "INSERT INTO endpoint(name, admitted_at, url, secret, added_at, cursor) VALUES(?, ?, ?, ?, ?, ?)",
                (integrator.name, admission_of(integrator), url, secret, at.timestamp(), after),
            )

    def remove(self, name: str) -> None:
        """Deliver nothing more; what was still to be delivered is forgotten.

        Raises:
            WebhookError: there is no such endpoint.
        """
        with transaction(self._database):
            self._database.execute("DELETE FROM endpoint WHERE id = ?", (self.get(name).id,))

    def enable(self, name: str, now: datetime) -> None:
        """Switch an endpoint on: what waits leaves at once, with all its attempts before it. Dead letters stay.

        Raises:
            WebhookError: there is no such endpoint.
        """
        with transaction(self._database):
            endpoint = self.get(name)
            self._database.execute(
                "UPDATE endpoint SET failing_since = NULL, off_at = NULL, off_reason = NULL WHERE id = ?",
                (endpoint.id,),
            )
            self._database.execute(
                "UPDATE delivery SET attempts = 0, due_at = ? WHERE endpoint = ? AND due_at IS NOT NULL",
                (now.timestamp(), endpoint.id),
            )


def admission_of(integrator: Integrator) -> str:
    """Return what tells an integrator from a later one of the same name."""
    return integrator.since.astimezone(UTC).isoformat()


def moment(timestamp: float | None) -> datetime | None:
    """Return the moment that a column holds."""
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)


_FIELDS = Endpoint.__struct_fields__
_COLUMNS = ", ".join(_FIELDS)


def _endpoint(row: tuple[object, ...]) -> Endpoint:
    found = dict(zip(_FIELDS, row, strict=True))
    for name in ("added_at", "failing_since", "off_at"):
        found[name] = moment(found[name])  # type: ignore[arg-type]  # the columns are of type REAL
    return Endpoint(**found)  # type: ignore[arg-type]  # the columns are those of the struct
