import sqlite3

import psycopg
import pytest

from labkit.controls import cast, commands
from ledger.application import CaseLedger, ReadOnlyLog
from ledger.settings import Settings
from ledger.store.database import SCHEMA_VERSION, StoreIsNewer


def an_old_ledger(settings: Settings) -> None:
    command = commands.register_authority()
    with CaseLedger(settings) as ledger:
        ledger.execute(command, cast.stamp(command.occurred_at))


def test_a_newer_ledger_on_sqlite_is_refused_untouched(sqlite_settings: Settings) -> None:
    an_old_ledger(sqlite_settings)
    with sqlite3.connect(sqlite_settings.ledger_file) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    before = sqlite_settings.ledger_file.read_bytes()

    for opening in (CaseLedger, ReadOnlyLog):
        with pytest.raises(StoreIsNewer, match="upgrade collectivilab"):
            opening(sqlite_settings)

    assert sqlite_settings.ledger_file.read_bytes() == before


def test_a_newer_ledger_on_postgresql_is_refused_untouched(sqlite_settings: Settings, database_url: str) -> None:
    settings = Settings(data=sqlite_settings.data, database_url=database_url)
    an_old_ledger(settings)
    with psycopg.connect(database_url) as database:
        database.execute("DROP TABLE command_log")
        database.execute("UPDATE ledger_schema SET version = version + 1")

    for opening in (CaseLedger, ReadOnlyLog):
        with pytest.raises(StoreIsNewer, match="upgrade collectivilab"):
            opening(settings)

    with psycopg.connect(database_url) as database:
        assert database.execute("SELECT to_regclass('command_log')").fetchone() == (None,)
        assert database.execute("SELECT version FROM ledger_schema").fetchone() == (SCHEMA_VERSION + 1,)


def test_a_ledger_of_this_version_is_opened_as_it_is(settings: Settings) -> None:
    an_old_ledger(settings)

    with CaseLedger(settings) as ledger:
        assert ledger.head() == 1
