"""The keys on PostgreSQL, shared by machines that each have their own copy of the master key."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import sleep
from uuid import uuid4

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.sql import SQL, Identifier

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.errors import CitizenIsForgotten
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId
from ledger.domain.record import LoggedEvent
from ledger.settings import Settings
from ledger.store.database import StoreError
from ledger.store.key_store_postgresql import PostgresKeyStore
from ledger.store.master_key import read_or_make_master_key
from ledger.store.vault import KEY_BYTES, Header, Vault, VaultError, read_header
from tests.scale.writers import Writers

MASTER = bytes(range(KEY_BYTES))
SUBJECT, EVENT = cast.identifier("a citizen"), cast.identifier("an event")
PLACE = Header(SUBJECT, EVENT, "case-opened.v1#title")
FORGOTTEN_AT = "2026-11-22T09:00:00+00:00"
NEIGHBOUR = CitizenRef(cast.identifier("a neighbour"))
TOKEN = re.compile(r"sealed:[\w-]+")

OpenVault = Callable[..., Vault]
Start = Callable[..., Writers]


@pytest.fixture
def keys_url(postgresql_url: str) -> Iterator[str]:
    """The address of an empty database."""
    name = f"keys_{uuid4().hex}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    yield postgresql_url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def machine(keys_url: str) -> Iterator[OpenVault]:
    """Open the vault of one more machine."""
    opened: list[Vault] = []

    def open_vault(master: bytes = MASTER) -> Vault:
        opened.append(Vault(PostgresKeyStore(keys_url), master))
        return opened[-1]

    yield open_vault
    for vault in opened:
        vault.close()


@pytest.fixture
def machines(tmp_path: Path, database_url: str, keys_url: str) -> list[Settings]:
    """Two machines that write to one ledger, an authority and its service already in it."""
    both = [
        Settings(data=tmp_path / name, database_url=database_url, keys_database_url=keys_url)
        for name in ("first", "second")
    ]
    with CaseLedger(both[0]) as ledger:
        for asked in (commands.register_authority(), commands.publish_service()):
            ledger.execute(asked, cast.stamp(asked.occurred_at))
    both[1].master_key_file.parent.mkdir(parents=True)
    shutil.copy(both[0].master_key_file, both[1].master_key_file)
    return both


def subjects_in(event: LoggedEvent) -> set[object]:
    return {read_header(token).subject for token in TOKEN.findall(event.data.decode())}


def test_what_one_machine_sealed_another_reveals(machine: OpenVault) -> None:
    first, second = machine(), machine()
    token = first.seal(PLACE, "Mme Lafourcade")
    assert second.reveal(token) is None

    first.flush()

    assert second.reveal(token) == "Mme Lafourcade"
    assert second.reveal(second.seal(PLACE, "encore elle")) == "encore elle"


def test_the_second_to_make_a_key_is_told_and_takes_the_first(machine: OpenVault) -> None:
    first, second = machine(), machine()
    kept, lost = first.seal(PLACE, "kept"), second.seal(PLACE, "lost")
    first.flush()

    with pytest.raises(VaultError, match="send the command again"):
        second.flush()

    second.discard()
    again = second.seal(PLACE, "again")
    second.flush()
    assert (first.reveal(kept), first.reveal(again)) == ("kept", "again")
    with pytest.raises(VaultError):
        first.reveal(lost)


def test_a_key_destroyed_by_one_machine_is_gone_for_all_and_never_made_again(machine: OpenVault) -> None:
    first, second = machine(), machine()
    token = first.seal(PLACE, "text")
    first.flush()

    second.erase(SUBJECT, FORGOTTEN_AT)
    second.erase(SUBJECT, "later")

    assert (first.reveal(token), second.reveal(token)) == (None, None)
    with pytest.raises(CitizenIsForgotten):
        machine().seal(PLACE, "again")


def test_a_key_made_after_its_fence_is_never_kept(machine: OpenVault) -> None:
    late, forgetful = machine(), machine()
    late.seal(PLACE, "sealed before the fence, not yet durable")

    forgetful.erase(SUBJECT, FORGOTTEN_AT)

    with pytest.raises(VaultError):
        late.flush()


def test_machines_with_different_master_keys_learn_so_before_the_first_citizen(machine: OpenVault) -> None:
    machine()

    with pytest.raises(VaultError, match="put the right one back"):
        machine(bytes(KEY_BYTES))


def test_a_connection_that_was_lost_is_made_again(machine: OpenVault, keys_url: str) -> None:
    vault = machine()
    token = vault.seal(PLACE, "text")
    vault.flush()

    with psycopg.connect(keys_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert vault.reveal(token) == "text"


def test_a_server_that_would_forget_keys_in_a_power_cut_is_refused(keys_url: str) -> None:
    with pytest.raises(StoreError, match="synchronous_commit = off"):
        PostgresKeyStore(f"{keys_url}&options=-csynchronous_commit%3Doff")


def test_an_address_that_cannot_be_right_is_named_by_its_setting() -> None:
    with pytest.raises(StoreError, match="KEYS_DATABASE_URL is no address"):
        PostgresKeyStore("postgresql://keys:half@secret@host/d")


def test_two_machines_that_meet_the_same_new_citizens_share_their_keys(machines: list[Settings], start: Start) -> None:
    citizens = [uuid4() for _ in range(40)]

    writers = start(machines, "openings", events=400, about=citizens, on_their_way=20)

    assert writers.exit_codes() == [0, 0]
    with CaseLedger(machines[1]) as ledger:
        sealed = [token for event in ledger.read(0, 10_000) for token in TOKEN.findall(event.data.decode())]
        assert {read_header(token).subject for token in sealed} == set(citizens)
        assert None not in [ledger.reveal(token) for token in sealed]


def test_nothing_is_sealed_for_a_citizen_whom_another_machine_forgot(machines: list[Settings], start: Start) -> None:
    here, there = machines
    with CaseLedger(here) as ledger:
        for citizen in (cast.CITIZEN, NEIGHBOUR):
            asked = replace(
                commands.open_case(),
                command_id=CommandId(uuid4()),
                case_id=CaseId(citizen),
                interaction_id=InteractionId(citizen),
                citizen=citizen,
            )
            ledger.execute(asked, cast.stamp(asked.occurred_at))
        writers = start([there], "contacts", events=1_500, about=[cast.CITIZEN, NEIGHBOUR], on_their_way=20)
        while ledger.head() < 300 and writers.run():
            sleep(0.001)
        asked = commands.forget_citizen()
        fence = ledger.execute(asked, cast.stamp(asked.occurred_at)).verdict.position
        assert writers.exit_codes() == [0]

        log = ledger.read(0, 10_000)
        after = [event for event in log if event.position > fence]
        theirs = [subjects_in(event) for event in after if event.tag == "interaction-recorded.v1"]
        assert [event.tag for event in log if event.position == fence] == ["citizen-forgotten.v1"]
        assert len(theirs) > 100
        assert set().union(*theirs) == {NEIGHBOUR}
    with closing(
        Vault(PostgresKeyStore(str(here.keys_database_url)), read_or_make_master_key(here.master_key_file))
    ) as vault:
        tokens = [token for event in log for token in TOKEN.findall(event.data.decode())]
        revealed = {read_header(token).subject: vault.reveal(token) for token in tokens}
        assert revealed[cast.CITIZEN] is None
        assert revealed[NEIGHBOUR] is not None
