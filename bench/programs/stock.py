"""The library `eventsourcing`, as its documentation shows it: load a case of some twenty events, append one, save.

The tuned row turns on its cache, and turns off what that cache may do without in a single process.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench import servers
from bench.clients import Figures, in_threads
from bench.contacts import CASES, EVENTS_BEFORE, FIELDS

TUNING = {"AGGREGATE_CACHE_MAXSIZE": "5000", "AGGREGATE_CACHE_FASTFORWARD": "n", "DEEPCOPY_FROM_AGGREGATE_CACHE": "n"}


class StockCase(Aggregate):
    """A case as the library's documentation would write it."""

    @event("Opened")
    def __init__(self, citizen: str) -> None:
        self.citizen = citizen
        self.contacts = 0

    @event("InteractionRecorded")
    def record(
        self, interaction_id: str, channel: str, direction: str, agent: str, summary: str, occurred_at: str
    ) -> None:
        self.contacts += 1


def a_stock_case() -> StockCase:
    """Return a case with its events, not saved yet."""
    case = StockCase(citizen=str(uuid4()))
    for _ in range(EVENTS_BEFORE):
        case.record(**FIELDS)
    return case


def on_sqlite(*, seconds: float, clients: int, tuned: int = 0) -> Figures:
    """Return commands a second on SQLite, the clients being threads."""
    with servers.scratch() as folder:
        return commands(sqlite_settings(f"{folder}/stock.db", **(TUNING if tuned else {})), clients, seconds=seconds)


def on_postgresql(*, seconds: float, clients: int) -> Figures:
    """Return commands a second on PostgreSQL, with a connection for each client."""
    with servers.postgresql() as url:
        return commands(postgresql_settings(url, clients), clients, seconds=seconds)


def sqlite_settings(file: str, **more: str) -> dict[str, str]:
    """Return the library's settings for a SQLite file; its durability stays as it comes: WAL, FULL."""
    return {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": file,
        "SQLITE_LOCK_TIMEOUT": "60",
        **more,
    }


def postgresql_settings(url: str, clients: int) -> dict[str, str]:
    """Return the library's settings for a PostgreSQL server."""
    address = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": address.path.removeprefix("/"),
        "POSTGRES_HOST": address.hostname or "",
        "POSTGRES_PORT": str(address.port),
        "POSTGRES_USER": address.username or "",
        "POSTGRES_PASSWORD": "none",
        "POSTGRES_POOL_SIZE": str(clients),
        "POSTGRES_MAX_OVERFLOW": "0",
    }


def commands(settings: dict[str, Any], clients: int, *, seconds: float) -> Figures:
    """Return commands a second of an application with those settings."""
    application = Application[UUID](settings)
    try:
        ids = []
        for _ in range(CASES):
            case = a_stock_case()
            application.save(case)
            ids.append(case.id)

        def work(client: int, rank: int) -> None:
            mine = ids[client::clients]
            loaded: StockCase = application.repository.get(mine[rank % len(mine)])
            loaded.record(**FIELDS)
            application.save(loaded)

        return in_threads(work, clients, seconds=seconds)
    finally:
        application.close()
