"""What is tried on copies of a ledger: its write-ahead log torn, and an older state of it given to the relay."""

import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import psycopg
from msgspec.structs import replace
from psycopg.sql import SQL, Identifier

from ledger.application import CaseLedger
from tests.faults.clients import Acknowledged
from tests.faults.findings import gaps, lost_promises, misplaced, read_ledger
from tests.faults.machine import EXIT_MISMATCH, Machine
from tests.faults.stream import Message, read_stream
from tests.faults.wal import Tear, copy_torn

REFUSAL_TIMEOUT_S = 20.0
REBUILD_TIMEOUT_S = 60.0
_COPIED = ("ledger_schema", "ledger_event", "ledger_head", "command_log")


def tear(machine: Machine, acknowledged: Sequence[Acknowledged], draw: random.Random) -> tuple[str, list[str]]:
    """Tear the log of a copy of a ledger whose writer is dead; return what was done and what is wrong with the rest."""
    home = machine.home / "torn"
    home.mkdir()
    shutil.copytree(machine.settings.data / "keys", home / "keys")
    torn = replace(machine.settings, data=home)
    done = copy_torn(machine.settings.ledger_file, torn.ledger_file, draw)
    whole, _ = read_ledger(machine.settings, [])
    spared = [each for each in acknowledged if done.spares(each.wal)]
    held, verdicts = read_ledger(torn, {each.command_id for each in spared})
    wrong = [] if held == whole[: len(held)] else ["a torn ledger is no prefix of the whole one"]
    wrong += [f"torn: {lost}" for lost in lost_promises(spared, verdicts, held)] + gaps(held)
    with CaseLedger(torn) as ledger:  # it opens, and the keys of what is left are there
        wrong += [] if ledger.head() == len(held) else ["a torn ledger does not know its head"]
    return _told(done, len(held), len(whole), len(spared)), wrong


def _told(done: Tear, held: int, events: int, spared: int) -> str:
    return f"log {done.how} from byte {done.at} on: {held} of {events} events held, all of {spared} answers before it"


def restore_older(machine: Machine, position: int) -> tuple[str, list[str]]:
    """Have a relay publish from an older state of the ledger: it must refuse, and may after a new epoch was begun."""
    before = read_stream(machine.broker.reader_url)
    older = _older_sqlite(machine, position) if machine.postgresql is None else _older_postgresql(machine, position)
    wrong = [*_refused(older, before), *_begun_anew(older)]
    return f"ledger at {position}, stream at {len(before)}: refused, then published again in a new epoch", wrong


def _refused(older: Machine, before: list[Message]) -> list[str]:
    relay = older.role("relay of the older ledger", "ledger", "relay")
    relay.start()
    code = relay.wait(REFUSAL_TIMEOUT_S)
    wrong = [] if code == EXIT_MISMATCH else [f"a relay of an older ledger ended with {code}: {relay.said()}"]
    if read_stream(older.broker.reader_url) != before:
        wrong.append("a relay of an older ledger changed the stream")
    return wrong


def _begun_anew(older: Machine) -> list[str]:
    anew = older.labkit("rebuild", "stream", "--new-epoch")
    anew.start()
    if anew.wait(REBUILD_TIMEOUT_S):
        return [f"a new epoch could not be begun: {anew.said()}"]
    log, _ = read_ledger(older.settings, [])
    return misplaced(log, read_stream(older.broker.reader_url))


def _older_sqlite(machine: Machine, position: int) -> Machine:
    older = Machine.beside(machine, machine.home / "older", database_url=None)
    with (
        closing(sqlite3.connect(machine.settings.ledger_file)) as live,
        closing(sqlite3.connect(older.settings.ledger_file)) as copy,
    ):
        live.backup(copy)
        copy.execute("DELETE FROM ledger_event WHERE position > ?", (position,))
        copy.execute("UPDATE ledger_head SET position = ?", (position,))
        copy.commit()
    return older


def _older_postgresql(machine: Machine, position: int) -> Machine:
    url = machine.settings.database_url or ""
    schema = f"{url.rpartition('%3D')[2]}_older"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
        for table in _COPIED:
            copy, live = Identifier(schema, table), Identifier(table)
            connection.execute(SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(copy, live))
            connection.execute(SQL("INSERT INTO {} SELECT * FROM {}").format(copy, live))
        older = Identifier(schema, "ledger_event")
        connection.execute(SQL("DELETE FROM {} WHERE position > %s").format(older), (position,))
        connection.execute(SQL("UPDATE {} SET position = %s").format(Identifier(schema, "ledger_head")), (position,))
    return Machine.beside(machine, machine.home / "older", database_url=f"{url}_older")
