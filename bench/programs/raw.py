"""The limits of appending: plain batches into a table with a unique key and a position, nothing decided or sealed."""

import sqlite3
from uuid import uuid4

import psycopg

from bench import servers
from bench.clients import Figures, in_threads
from bench.contacts import PAYLOAD

STREAMS, TOPIC = 1_000, "interaction-recorded.v1"
_UNNEST = (
    "INSERT INTO e(stream, version, topic, state) SELECT * FROM unnest(%b::uuid[], %b::int8[], %b::text[], %b::bytea[])"
)


def sqlite(*, seconds: float, batch: int) -> Figures:
    """Return rows a second into SQLite, each batch one transaction."""
    with servers.scratch() as folder:
        database = sqlite3.connect(folder / "raw.db", isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            database.execute(statement)
        database.execute(
            "CREATE TABLE e(id INTEGER PRIMARY KEY, stream BLOB NOT NULL, version INTEGER NOT NULL, "
            "topic TEXT NOT NULL, state BLOB NOT NULL, UNIQUE(stream, version))"
        )
        streams = [uuid4().bytes for _ in range(STREAMS)]

        def work(_: int, rank: int) -> None:
            first = rank * batch
            rows = [(streams[n % STREAMS], n // STREAMS, TOPIC, PAYLOAD) for n in range(first, first + batch)]
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO e(stream, version, topic, state) VALUES (?,?,?,?)", rows)
            database.execute("COMMIT")

        return _rows(in_threads(work, 1, seconds=seconds), batch)


def postgresql(*, seconds: float, batch: int) -> Figures:
    """Return rows a second into PostgreSQL, each batch one statement over arrays."""
    with servers.postgresql() as url, psycopg.connect(url, autocommit=True) as database:
        database.execute(
            "CREATE TABLE e(id bigserial PRIMARY KEY, stream uuid NOT NULL, version bigint NOT NULL, "
            "topic text NOT NULL, state bytea NOT NULL, UNIQUE(stream, version))"
        )
        streams = [uuid4() for _ in range(STREAMS)]

        def work(_: int, rank: int) -> None:
            numbers = range(rank * batch, (rank + 1) * batch)
            columns = (
                [streams[n % STREAMS] for n in numbers],
                [n // STREAMS for n in numbers],
                [TOPIC] * batch,
                [PAYLOAD] * batch,
            )
            database.execute(_UNNEST, columns, prepare=True)

        return _rows(in_threads(work, 1, seconds=seconds), batch)


def _rows(figures: Figures, batch: int) -> Figures:
    return {**figures, "value": figures["value"] * batch}
