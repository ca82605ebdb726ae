"""The endpoints as an operator handles them, whether or not anything runs: a running sender follows within a second."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

import msgspec
from msgspec import Struct

from labkit.exports.failures import NoLedger
from labkit.exports.reading import opened_log
from labkit.failures import NewerData, StorageFailed
from labkit.integrators.failures import ACCESS, CredentialsExist
from labkit.webhooks.failures import WEBHOOKS, BadWebhookAddress, UnknownWebhook
from ledger.access.registry import AccessError, Registry
from ledger.store.database import StoreIsNewer
from ledger.webhooks.address import BadAddress, checked
from ledger.webhooks.database import FILE, open_database
from ledger.webhooks.endpoints import Endpoint, Endpoints, OffReason, WebhookError
from ledger.webhooks.outbox import DeadLetter, Outbox
from ledger.webhooks.signature import secret_of

KEY_BYTES = 32
State = Literal["on", "failing", "off", "revoked"]


class Handed(Struct, frozen=True, kw_only=True):
    """What an integrator is given to check deliveries with."""

    name: str
    url: str
    secret: str


class Listed(Struct, frozen=True, kw_only=True):
    """An endpoint as it is told: `since` is when it began to fail or went off, `position` how far was read for it."""

    name: str
    url: str
    state: State
    since: datetime | None
    off_reason: OffReason | None
    position: int
    waiting: int
    dead: int
    next_at: datetime | None

    @property
    def needs_somebody(self) -> bool:
        """Tell whether nothing will come right by itself."""
        return self.state in ("off", "revoked") or self.dead > 0


class Webhooks:
    """The endpoints of one data directory."""

    def __init__(self, data: Path) -> None:
        """Open lazily: a ledger without webhooks has no file."""
        self._data = data

    def add(self, name: str, url: str, *, since: int | None, file: Path) -> int:
        """Deliver to an address from a position on, or from now; write what to hand over, and return the position.

        Raises:
            LabkitFailure: there is no such integrator, it has an endpoint, the address or the file cannot be used.
        """
        try:
            integrator = Registry(self._data).get(name)
            handed = Handed(name=name, url=checked(url), secret=secret_of(secrets.token_bytes(KEY_BYTES)))
        except AccessError as error:
            raise ACCESS[error.code](name=error.name) from error
        except BadAddress as error:
            raise BadWebhookAddress(url=url) from error
        after = self._position(since)
        with self._opened() as (endpoints, _), _fresh(file) as written:
            written.write(msgspec.json.format(msgspec.json.encode(handed)) + b"\n")
            endpoints.add(integrator, url, secret=handed.secret, after=after, at=datetime.now(UTC))
        return after

    def all(self) -> list[Listed]:
        """Return the endpoints, by name."""
        if not (self._data / FILE).exists():
            return []
        try:
            integrators = {each.name: each for each in Registry(self._data).all()}
        except AccessError as error:
            raise ACCESS[error.code](name=error.name) from error
        with self._opened() as (endpoints, outbox):
            return [
                _listed(endpoint, outbox, revoked=not endpoint.belongs_to(integrators.get(endpoint.name)))
                for endpoint in endpoints.all()
            ]

    def remove(self, name: str) -> None:
        """Deliver nothing more to an integrator."""
        with self._opened(name) as (endpoints, _):
            endpoints.remove(name)

    def enable(self, name: str) -> None:
        """Switch an endpoint on: what waits leaves at once."""
        with self._opened(name) as (endpoints, _):
            endpoints.enable(name, datetime.now(UTC))

    def dead(self, name: str) -> list[DeadLetter]:
        """Return the dead letters of an integrator."""
        with self._opened(name) as (endpoints, outbox):
            return outbox.dead(endpoints.get(name))

    def replay(self, name: str, event_id: str | None) -> int:
        """Send one dead letter again, or all of them; return how many."""
        with self._opened(name) as (endpoints, outbox):
            return outbox.replay(endpoints.get(name), event_id, datetime.now(UTC))

    def _position(self, since: int | None) -> int:
        with suppress(NoLedger), opened_log(self._data) as log:
            head = log.head()
            return head if since is None else min(since, head)
        return 0

    @contextmanager
    def _opened(self, name: str | None = None) -> Iterator[tuple[Endpoints, Outbox]]:
        """Open the file; it is made for whoever adds, and not for who asks for an endpoint that cannot be in it."""
        if name is not None and not (self._data / FILE).exists():
            raise UnknownWebhook(name=name)
        try:
            database = open_database(self._data)
            try:
                yield Endpoints(database), Outbox(database)
            finally:
                database.close()
        except WebhookError as error:
            raise WEBHOOKS[error.code](name=error.name) from error
        except StoreIsNewer as error:
            raise NewerData(data=self._data) from error
        except sqlite3.Error as error:
            raise StorageFailed(reason=error) from error


@contextmanager
def _fresh(file: Path) -> Iterator[IO[bytes]]:
    """Write a file for its owner alone; it is not there if what is done meanwhile fails."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CredentialsExist(file=file) from error
    except OSError as error:
        raise StorageFailed(reason=error) from error
    try:
        with os.fdopen(descriptor, "wb") as written:
            yield written
    except BaseException:
        file.unlink()
        raise


def _listed(endpoint: Endpoint, outbox: Outbox, *, revoked: bool) -> Listed:
    tally = outbox.tally(endpoint)
    state: State = "revoked" if revoked else "off" if endpoint.off_at else "failing" if endpoint.failing_since else "on"
    return Listed(
        name=endpoint.name,
        url=endpoint.url,
        state=state,
        since=endpoint.off_at or endpoint.failing_since,
        off_reason=endpoint.off_reason,
        position=endpoint.cursor,
        waiting=tally.waiting,
        dead=tally.dead,
        next_at=tally.next_at if state in ("on", "failing") else None,
    )
