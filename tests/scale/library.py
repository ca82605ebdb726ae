"""The library's own recorder on PostgreSQL with `POSTGRES_ENABLE_DB_FUNCTIONS=y`: the scheme that skips events."""

from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

CLIENTS_MAX = 16


@contextmanager
def open_recorder(url: str) -> Iterator[ApplicationRecorder]:
    """Open the recorder in the schema that an address names, made on first use."""
    address = conninfo_to_dict(url)
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(address["dbname"]),
        "POSTGRES_HOST": str(address["host"]),
        "POSTGRES_PORT": str(address["port"]),
        "POSTGRES_USER": str(address["user"]),
        "POSTGRES_PASSWORD": "not asked",
        "POSTGRES_SCHEMA": str(address["options"]).rpartition("=")[2],
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
        "POSTGRES_POOL_SIZE": str(CLIENTS_MAX),
        "POSTGRES_MAX_OVERFLOW": "0",
    }
    factory = InfrastructureFactory.construct(Environment("Rival", settings))
    with factory:
        yield factory.application_recorder()
