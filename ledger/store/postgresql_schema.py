"""The tables of a ledger on PostgreSQL, made once; tables of a newer version are refused untouched."""

from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Literal

from ledger.domain.events import CitizenForgotten
from ledger.store.database import SCHEMA_VERSION, StoreIsNewer

FENCE = Literal(str(CitizenForgotten.__struct_config__.tag))

_MAKING_TABLES = 0x1ED6E6
_TABLES = (
    SQL("CREATE TABLE ledger_schema(id smallint PRIMARY KEY CHECK (id = 1), version integer NOT NULL)"),
    SQL("INSERT INTO ledger_schema VALUES (1, {})").format(SCHEMA_VERSION),
    SQL(
        "CREATE TABLE ledger_event(position bigint PRIMARY KEY, "
        "originator_id uuid NOT NULL, originator_version bigint NOT NULL, "
        "topic text NOT NULL, state bytea NOT NULL, event_id bytea NOT NULL, metadata bytea NOT NULL, "
        "UNIQUE (originator_id, originator_version))"
    ),
    SQL("CREATE INDEX ledger_fence ON ledger_event(position) WHERE topic = {}").format(FENCE),
    # One row, rewritten by every group: room for its versions on one page, and a vacuum that comes early.
    SQL(
        "CREATE TABLE ledger_head(id smallint PRIMARY KEY CHECK (id = 1), position bigint NOT NULL) "
        "WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)"
    ),
    SQL("INSERT INTO ledger_head VALUES (1, 0)"),
    SQL("CREATE TABLE command_log(command_id uuid PRIMARY KEY, verdict bytea NOT NULL)"),
)


def make_tables(cursor: Cursor[DictRow]) -> None:
    """Make the tables where there are none, within the transaction of the cursor.

    Raises:
        StoreIsNewer: a newer version of the ledger wrote them.
    """
    # Two processes may start at once, and IF NOT EXISTS would let one of them fail.
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING_TABLES,))
    version = _schema_version(cursor)
    if version > SCHEMA_VERSION:
        raise StoreIsNewer(version)
    if not version:
        for statement in _TABLES:
            cursor.execute(statement)


def _schema_version(cursor: Cursor[DictRow]) -> int:
    found = cursor.execute("SELECT to_regclass('ledger_schema') AS made").fetchone()
    if not found or found["made"] is None:
        return 0
    row = cursor.execute("SELECT version FROM ledger_schema WHERE id = 1").fetchone()
    return int(row["version"]) if row else 0
