import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.settings import Settings
from ledger.store.database import StoreError
from ledger.store.postgresql_server import StoreIsNotDurable, check_server, place, read_address

PASSWORD = "p@ss/w?rd#1:%"
AWKWARD = quote(PASSWORD, safe="")


def settings_for(data: Path, url: str) -> Settings:
    return Settings(data=data, database_url=url)


def register(ledger: CaseLedger) -> int:
    command = commands.register_authority()
    return ledger.execute(command, cast.stamp(command.occurred_at)).verdict.position


def dismiss_all_sessions(url: str, user: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (user,))


@pytest.fixture
def clerk(postgresql_url: str, database_url: str) -> Iterator[str]:
    """A user of the schema of the test who may do no more than a ledger needs."""
    name, schema = f"clerk_{uuid4().hex}", database_url.rpartition("%3D")[2]
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(name)))
        connection.execute(SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(Identifier(schema), Identifier(name)))
    yield name
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SQL("DROP OWNED BY {} CASCADE").format(Identifier(name)))
        connection.execute(SQL("DROP ROLE {}").format(Identifier(name)))


@pytest.fixture
def clerk_url(clerk: str, database_url: str) -> str:
    return database_url.replace("//postgres@", f"//{clerk}@")


def test_percent_codes_are_decoded() -> None:
    address = read_address(f"postgresql://m%C3%A9lanie:{AWKWARD}@db.example:6432/registre%20de%20Pau")

    assert (address["user"], address["password"]) == ("mélanie", PASSWORD)
    assert (address["host"], address["port"], address["dbname"]) == ("db.example", "6432", "registre de Pau")


@pytest.mark.parametrize("url", ["postgresql://%2Frun%2Fpg/ledger", "postgres:///ledger?host=%2Frun%2Fpg"])
def test_a_unix_socket_may_be_the_host(url: str) -> None:
    assert read_address(url)["host"] == "/run/pg"


def test_further_settings_of_the_url_are_kept() -> None:
    address = read_address("postgresql://u@h1:1,h2:2/d?sslmode=verify-full&target_session_attrs=read-write")

    assert (address["sslmode"], address["target_session_attrs"]) == ("verify-full", "read-write")
    assert (address["host"], address["port"]) == ("h1,h2", "1,2")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secret",
        "mysql://user:secret@host/d",
        "postgresql+psycopg://user:secret@host/d",
        "postgresql://user:secret@host/d?unknown=1",
        "postgresql://user:secret@host:port/d",
        "postgresql://user:half@secret@host/d",
        "postgresql://user:half/secret@host/d",
        "postgresql://user:12/secret@host/d",
        "postgresql://user:%zzsecret@host/d",
    ],
)
def test_a_url_that_cannot_be_right_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL is no address") as refused:
        read_address(url)

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    address = read_address(f"postgresql://agent:{AWKWARD}@127.0.0.1:1/registre")

    with pytest.raises(StoreError) as refused:
        check_server(address)

    assert "database registre at 127.0.0.1, port 1" in str(refused.value)
    assert "Connection refused" in str(refused.value)
    assert "Start it, or correct DATABASE_URL" in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(StoreError, match=r"at nowhere\.invalid, port 5432"):
        check_server(read_address("postgresql://agent@nowhere.invalid/registre"))


def test_a_database_that_does_not_exist_is_named(postgresql_url: str) -> None:
    with pytest.raises(StoreError, match=r"database nowhere at .* does not exist"):
        check_server(read_address(postgresql_url.replace("/postgres?", "/nowhere?")))


def test_a_place_without_a_host_is_this_machine() -> None:
    assert place(read_address("postgresql:///registre")) == "database registre at this machine, port 5432"


def test_a_ledger_cannot_be_opened_where_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="port 1 "):
        CaseLedger(settings_for(tmp_path, "postgresql://agent@127.0.0.1:1/registre"))


def test_a_server_that_confirms_too_early_is_refused(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreIsNotDurable, match="synchronous_commit = off"):
        CaseLedger(settings_for(tmp_path, f"{database_url}%20-csynchronous_commit%3Doff"))


def test_a_server_that_never_syncs_is_refused(postgresql_url: str, database_url: str, tmp_path: Path) -> None:
    def set_fsync(change: str) -> None:
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(change.encode())
            connection.execute("SELECT pg_reload_conf(), pg_sleep(0.2)")

    set_fsync("ALTER SYSTEM SET fsync = off")
    try:
        with pytest.raises(StoreIsNotDurable, match="fsync = off"):
            CaseLedger(settings_for(tmp_path, database_url))
    finally:
        set_fsync("ALTER SYSTEM RESET fsync")


def test_a_group_is_refused_once_the_server_confirms_too_early(
    postgresql_url: str, clerk: str, clerk_url: str, tmp_path: Path
) -> None:
    with CaseLedger(settings_for(tmp_path, clerk_url)) as ledger:
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(SQL("ALTER ROLE {} SET synchronous_commit = off").format(Identifier(clerk)))
        dismiss_all_sessions(postgresql_url, clerk)

        with pytest.raises(StoreIsNotDurable):
            register(ledger)


def test_the_ledger_goes_on_after_the_server_dropped_every_session(
    postgresql_url: str, clerk: str, clerk_url: str, tmp_path: Path
) -> None:
    with CaseLedger(settings_for(tmp_path, clerk_url)) as ledger:
        assert ledger.head() == 0
        dismiss_all_sessions(postgresql_url, clerk)

        assert register(ledger) == 1
        assert ledger.head() == 1


def test_a_session_lost_inside_a_group_keeps_nothing_of_it(
    postgresql_url: str, clerk: str, clerk_url: str, tmp_path: Path
) -> None:
    with CaseLedger(settings_for(tmp_path, clerk_url)) as ledger:
        with pytest.raises(Exception, match=r"connection|terminat"), ledger.recorder.group() as group:
            group.log([(cast.command_id("lost"), b"answer")])
            dismiss_all_sessions(postgresql_url, clerk)

        with ledger.recorder.group() as group:
            assert group.verdicts([cast.command_id("lost")]) == {}


def test_a_user_who_may_not_make_tables_is_told_so(
    postgresql_url: str, clerk: str, clerk_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        schema = Identifier(clerk_url.rpartition("%3D")[2])
        connection.execute(SQL("REVOKE CREATE ON SCHEMA {} FROM {}").format(schema, Identifier(clerk)))

    with pytest.raises(StoreError, match="let the user of DATABASE_URL create tables"):
        CaseLedger(settings_for(tmp_path, clerk_url))


def test_a_user_who_may_not_make_tables_can_use_those_that_are_there(
    postgresql_url: str, clerk: str, clerk_url: str, tmp_path: Path
) -> None:
    with CaseLedger(settings_for(tmp_path, clerk_url)):
        pass
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        schema = Identifier(clerk_url.rpartition("%3D")[2])
        connection.execute(SQL("REVOKE CREATE ON SCHEMA {} FROM {}").format(schema, Identifier(clerk)))

    with CaseLedger(settings_for(tmp_path, clerk_url)) as ledger:
        assert register(ledger) == 1


def test_another_isolation_level_of_the_server_changes_nothing(database_url: str, tmp_path: Path) -> None:
    strict = f"{database_url}%20-cdefault_transaction_isolation%3Dserializable"
    with CaseLedger(settings_for(tmp_path, strict)) as ledger, ledger.recorder.group() as group:
        level = group._cursor.execute("SHOW transaction_isolation").fetchone()  # type: ignore[attr-defined]  # PostgreSQL's

    assert level == ("read committed",)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ledger.store.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "eventsourcing.postgres", None)

    with pytest.raises(StoreError, match=r"install collectivilab\[postgresql\]"):
        import_module("ledger.store.postgresql")
