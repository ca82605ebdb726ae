"""What is true of a log at one moment, asked alike of SQLite and of PostgreSQL."""

from typing import Any
from uuid import UUID

from labkit.backup.failures import BrokenLog
from labkit.backup.manifest import LogFacts, Store

QUESTION = (
    "SELECT position, (SELECT COUNT(*) FROM ledger_event), (SELECT COUNT(*) FROM command_log), "
    "(SELECT event_id FROM ledger_event WHERE position = 1) FROM ledger_head"
)


def log_facts(database: Any, store: Store) -> LogFacts:  # noqa: ANN401  # two drivers whose `execute` is the same
    """Return what a connection sees of the log in its transaction.

    Raises:
        BrokenLog: there are not as many events as positions, and a copy would carry the fault on.
    """
    position, events, commands, first = database.execute(QUESTION).fetchone()
    if events != position:
        raise BrokenLog(position=position, events=events)
    ledger = UUID(bytes=bytes(first)) if first else None
    return LogFacts(store=store, position=position, ledger=ledger, events=events, commands=commands)
