"""A backup is whole or none, restores what was there, and brings nobody back who was forgotten."""

import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from labkit.backup import contents
from labkit.backup.failures import (
    BackupDamaged,
    BackupFailed,
    BrokenLog,
    DataInUse,
    KeysMissing,
    MasterKeyNeeded,
    NotABackup,
    NotApart,
    OtherLedger,
    OtherStore,
    TargetInUse,
    WrongMasterKey,
)
from labkit.backup.manifest import FILE, read_manifest
from labkit.backup.restoring import Asked, restore
from labkit.backup.taking import Wanted, backup
from labkit.controls import cast, commands
from labkit.failures import LabkitFailure, NewerData
from labkit.open311.keys import add_key
from labkit.prototype.passwords import Passwords
from ledger.application import CaseLedger
from ledger.publishing.epochs import read_epochs
from ledger.settings import Settings
from ledger.store.master_key import read_or_make_master_key
from ledger.store.vault import Vault
from ledger.webhooks.database import open_database
from tests.lab.backups import (
    DOCUMENT,
    Break,
    Places,
    back_up,
    begin,
    execute,
    files_below,
    forgotten,
    log_of,
    opened_for,
    restore_from,
    texts_of,
)

ANOTHER = cast.identifier("M. Etcheverry")
KILLED_HALF_WAY = """
import os, signal, sys
from pathlib import Path
from labkit.backup.taking import Wanted, backup
data, target, keys = map(Path, sys.argv[1:])
die = lambda name, done, total: os.kill(os.getpid(), signal.SIGKILL)
backup(Wanted(data=data, target=target, keys=keys), die)
"""
RESTORED_HALF_WAY = """
import os, signal, sys
from pathlib import Path
from labkit.backup.restoring import Asked, restore
backup, keys, master_key, data = map(Path, sys.argv[1:])
die = lambda name, done, total: name == "ledger.db" and os.kill(os.getpid(), signal.SIGKILL)
restore(Asked(backup=backup, keys=keys, master_key=master_key, data=data), die)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one case, and a prototype's own files beside it."""
    data = tmp_path_factory.mktemp("backup") / "data"
    begin(data)
    open_database(data).close()
    add_key(data, "fixmystreet", datetime.now(UTC))
    Passwords(data).add("Mairie")
    for name in ("open311.toml", DOCUMENT, "outbox/letter.eml", "social/naming.key"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("# as it was\n", encoding="utf-8")
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return shutil.copytree(made, tmp_path / "data")


@pytest.fixture
def monday(data: Path, tmp_path: Path) -> Places:
    """A backup of it."""
    places = Places.under(tmp_path)
    back_up(data, places)
    return places


def fail(
    failure: type[LabkitFailure], monday: Places, data: Path, *, keys: Places | None = None
) -> pytest.ExceptionInfo[LabkitFailure]:
    """Restoring fails, and leaves nothing of what it began."""
    before = set(data.parent.iterdir())
    with pytest.raises(failure) as failed:
        restore_from(monday, keys or monday, data)
    assert set(data.parent.iterdir()) == before
    return failed


def test_what_is_restored_is_what_was_backed_up(data: Path, monday: Places, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"

    restored = restore_from(monday, monday, elsewhere)

    assert (restored.position, restored.forgotten, restored.lost, restored.unfenced) == (4, 0, 0, [])
    assert log_of(elsewhere) == log_of(data)
    assert texts_of(elsewhere, cast.CITIZEN) == {commands.open_case().title}
    made_here = {name for name in contents.SETTINGS if (data / name).exists()}
    beside = {*made_here, DOCUMENT, "outbox/letter.eml", "social/naming.key"}
    assert {name: (elsewhere / name).read_bytes() for name in beside} == {
        name: (data / name).read_bytes() for name in beside
    }
    assert set(files_below(elsewhere).values()) == {0o600}


def test_the_stream_of_a_restored_ledger_says_up_to_where_it_is_the_one_that_was_read(
    data: Path, monday: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, later, further = tmp_path / "elsewhere", Places.under(tmp_path, "later"), tmp_path / "further"
    assert restore_from(monday, monday, elsewhere).epoch == 2
    execute(elsewhere, opened_for("M. Etcheverry"))
    back_up(elsewhere, later)

    assert restore_from(later, later, further).epoch == 3
    assert [epoch.after for epoch in read_epochs(further)] == [4, 6]
    # On a server of its own the stream may have been read further: it is compared by another verb.
    monkeypatch.setenv("NATS_URL", "nats://127.0.0.1:1")
    assert restore_from(monday, monday, tmp_path / "compared").epoch is None
    assert read_epochs(tmp_path / "compared") == ()


def test_a_restored_ledger_goes_on_and_answers_a_repeated_command_as_the_first_time(
    monday: Places, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    restore_from(monday, monday, elsewhere)

    with CaseLedger(Settings(data=elsewhere)) as ledger:
        again = ledger.execute(commands.open_case(), cast.stamp(cast.at(1, "08:30")))
        assert (again.repeated, ledger.head()) == (True, 4)
    execute(elsewhere, opened_for("M. Etcheverry"))
    assert len(log_of(elsewhere)) == 6


def test_the_ledger_the_keys_and_the_master_key_lie_in_three_places(data: Path, monday: Places) -> None:
    sealed, opening = read_manifest(monday.target, "ledger"), read_manifest(monday.keys, "keys")

    assert {file.path for file in opening.files} == {
        "keys/keys.db",
        DOCUMENT,
        "outbox/letter.eml",
        "social/naming.key",
    }
    assert not {file.path for file in sealed.files} & {file.path for file in opening.files}
    assert sealed.counts == {"integrators": 0, "webhooks": 0}
    assert opening.counts == {"keys": 1, "erased": 0}
    assert sealed.log == opening.log
    master = (data / "keys" / "master.key").read_bytes()
    assert monday.master_key.read_bytes() == master
    everything = [file.read_bytes() for place in monday[:2] for file in place.rglob("*") if file.is_file()]
    assert not any(master in content for content in everything)
    for place in (monday.target, monday.keys):
        assert place.stat().st_mode & 0o777 == 0o700
        assert set(files_below(place).values()) == {0o600}


def test_without_being_asked_no_key_leaves_and_nothing_personal_in_clear(data: Path, tmp_path: Path) -> None:
    (data / "notes.txt").write_text("whose is this?", encoding="utf-8")

    summary = backup(Wanted(data=data, target=tmp_path / "ledger"))

    assert (summary.keys, summary.master_key, summary.left_out) == (None, None, ["notes.txt"])
    assert set(files_below(tmp_path / "ledger")) == {
        "ledger.db",
        "webhooks.db",
        "open311.toml",
        "open311/keys.json",
        "passwords.toml",
        "gate.key",
        FILE,
    }
    told = b"".join(file.read_bytes() for file in (tmp_path / "ledger").rglob("*") if file.is_file())
    assert b"Lafourcade" not in told


@pytest.mark.parametrize(
    ("keys", "master_key"),
    [("ledger/keys", None), ("data/keys2", None), (None, "ledger/master.key"), ("keys", "keys/master.key")],
)
def test_a_place_within_another_is_refused(
    data: Path, tmp_path: Path, keys: str | None, master_key: str | None
) -> None:
    wanted = Wanted(
        data=data,
        target=tmp_path / "ledger",
        keys=tmp_path / keys if keys else None,
        master_key=tmp_path / master_key if master_key else None,
    )
    with pytest.raises(NotApart):
        backup(wanted)
    assert not (tmp_path / "ledger").exists()


def test_a_place_that_holds_something_is_refused_and_left_as_it_was(data: Path, monday: Places) -> None:
    before = files_below(monday.target)

    with pytest.raises(TargetInUse):
        backup(Wanted(data=data, target=monday.target))

    assert files_below(monday.target) == before


def test_who_was_forgotten_after_the_keys_were_backed_up_stays_in_the_dark(data: Path, tmp_path: Path) -> None:
    monday, tuesday, elsewhere = Places.under(tmp_path), Places.under(tmp_path, "tuesday"), tmp_path / "elsewhere"
    execute(data, opened_for("M. Etcheverry"))
    back_up(data, monday)
    with closing(sqlite3.connect(data / "keys" / "keys.db")) as keys:
        query = "SELECT wrapped FROM subject_key WHERE subject = ?"
        (wrapped,) = keys.execute(query, (cast.CITIZEN.bytes,)).fetchone()
    assert wrapped in (monday.keys / "keys" / "keys.db").read_bytes()
    execute(data, forgotten(cast.CITIZEN))
    back_up(data, tuesday)

    restored = restore_from(tuesday, monday, elsewhere)

    # Looked at in the files, before anything that serves could have forgotten them itself.
    assert wrapped not in (elsewhere / "keys" / "keys.db").read_bytes()
    assert (restored.forgotten, restored.darkened, restored.lost) == (1, 1, 0)
    with closing(Vault(elsewhere / "keys" / "keys.db", read_or_make_master_key(monday.master_key))) as vault:
        assert vault.knows(cast.CITIZEN)
    assert texts_of(elsewhere, cast.CITIZEN) == {None}
    assert texts_of(elsewhere, ANOTHER) == {"Une place pour l’enfant de M. Etcheverry"}


def test_a_replayed_fence_is_the_one_that_forgetting_leaves(data: Path, monday: Places, tmp_path: Path) -> None:
    execute(data, forgotten(cast.CITIZEN))
    tuesday, elsewhere = Places.under(tmp_path, "tuesday"), tmp_path / "elsewhere"
    back_up(data, tuesday)
    restore_from(tuesday, monday, elsewhere)

    rows = []
    for place in (data, elsewhere):
        with closing(sqlite3.connect(place / "keys" / "keys.db")) as keys:
            rows.append(keys.execute("SELECT * FROM subject_key").fetchall())
    assert rows[0] == rows[1]


def test_a_key_destroyed_after_the_ledger_was_backed_up_stays_destroyed_and_is_named(
    data: Path, monday: Places, tmp_path: Path
) -> None:
    tuesday, elsewhere = Places.under(tmp_path, "tuesday"), tmp_path / "elsewhere"
    execute(data, forgotten(cast.CITIZEN))
    back_up(data, tuesday)

    restored = restore_from(monday, tuesday, elsewhere)

    assert (restored.forgotten, restored.unfenced) == (0, [cast.CITIZEN])
    assert texts_of(elsewhere, cast.CITIZEN) == {None}
    # As the verb advises: the log says it again.
    execute(elsewhere, forgotten(cast.CITIZEN))


def test_keys_older_than_a_citizen_are_refused_unless_their_texts_may_be_lost(
    data: Path, monday: Places, tmp_path: Path
) -> None:
    tuesday, elsewhere = Places.under(tmp_path, "tuesday"), tmp_path / "elsewhere"
    execute(data, opened_for("M. Etcheverry"))
    back_up(data, tuesday)

    assert fail(KeysMissing, tuesday, elsewhere, keys=monday).value.details == {"subjects": 1}
    assert restore_from(tuesday, monday, elsewhere, dark=True).lost == 1

    assert texts_of(elsewhere, ANOTHER) == {None}
    assert texts_of(elsewhere, cast.CITIZEN) == {commands.open_case().title}


def test_without_any_keys_a_ledger_is_restored_only_in_the_dark(monday: Places, tmp_path: Path) -> None:
    asked = Asked(backup=monday.target, data=tmp_path / "elsewhere")
    with pytest.raises(KeysMissing):
        restore(asked)
    assert not asked.data.exists()

    restore(Asked(backup=monday.target, data=asked.data, dark=True))

    assert texts_of(asked.data, cast.CITIZEN) == {None}
    assert not (asked.data / DOCUMENT).exists()


def test_keys_without_their_master_key_or_with_another_open_nothing(monday: Places, tmp_path: Path) -> None:
    with pytest.raises(MasterKeyNeeded):
        restore(Asked(backup=monday.target, keys=monday.keys, data=tmp_path / "elsewhere"))

    monday.master_key.write_bytes(b"x" * 32)

    fail(WrongMasterKey, monday, tmp_path / "elsewhere")


def test_the_keys_of_another_ledger_are_refused(monday: Places, tmp_path: Path) -> None:
    other = Places.under(tmp_path, "other")
    first = replace(commands.register_authority(), command_id=cast.command_id("of another ledger"))
    execute(tmp_path / "other data", first)
    back_up(tmp_path / "other data", other)

    fail(OtherLedger, monday, tmp_path / "elsewhere", keys=other)


def _garble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _from_the_future(file: Path) -> None:
    told = json.loads(file.read_bytes())
    file.write_text(json.dumps({**told, "schema": 99, "files": "in another shape"}), encoding="utf-8")


@pytest.mark.parametrize(
    ("broken", "failure"),
    [
        (lambda places: _garble(places.target / "ledger.db"), BackupDamaged),
        (lambda places: _garble(places.keys / "keys" / "keys.db"), BackupDamaged),
        (lambda places: (places.target / "webhooks.db").unlink(), BackupDamaged),
        (lambda places: (places.target / FILE).unlink(), NotABackup),
        (lambda places: shutil.copy(places.keys / FILE, places.target / FILE), NotABackup),
        (lambda places: _from_the_future(places.target / FILE), NewerData),
    ],
)
def test_what_is_not_the_backup_that_was_made_is_refused(
    monday: Places, tmp_path: Path, broken: Break, failure: type[LabkitFailure]
) -> None:
    broken(monday)

    fail(failure, monday, tmp_path / "elsewhere")


def test_no_path_of_a_backup_leads_out_of_the_data_directory(monday: Places, tmp_path: Path) -> None:
    manifest = monday.target / FILE
    honest = manifest.read_text(encoding="utf-8")
    for path in ("../webhooks.db", "/webhooks.db", "a/../../webhooks.db", "."):
        manifest.write_text(honest.replace('"webhooks.db"', json.dumps(path)), encoding="utf-8")
        fail(NotABackup, monday, tmp_path / "elsewhere")


def test_nothing_is_restored_over_data_that_are_there(data: Path, monday: Places) -> None:
    before = files_below(data)

    fail(DataInUse, monday, data)

    assert files_below(data) == before


def test_a_backup_of_sqlite_does_not_go_into_postgresql(
    monday: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    fail(OtherStore, monday, tmp_path / "elsewhere")


def test_a_newer_ledger_or_one_with_a_gap_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "ledger.db", isolation_level=None)) as database:
        database.execute("DELETE FROM ledger_event WHERE position = 2")
        with pytest.raises(BrokenLog):
            backup(Wanted(data=data, target=tmp_path / "ledger"))
        database.execute("PRAGMA user_version = 99")
        with pytest.raises(NewerData):
            backup(Wanted(data=data, target=tmp_path / "ledger"))
    assert not any((tmp_path / "ledger").iterdir())


def test_a_full_disk_leaves_nothing_that_could_be_taken_for_a_backup(data: Path, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, limits[1]))  # no file may grow further: what a full disk does
    try:
        with pytest.raises(BackupFailed):
            backup(Wanted(data=data, target=tmp_path / "ledger", keys=tmp_path / "keys"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert not any((tmp_path / "ledger").iterdir())
    assert backup(Wanted(data=data, target=tmp_path / "ledger", keys=tmp_path / "keys")).position == 4


def test_a_backup_that_was_killed_is_none_and_the_ledger_never_knew(data: Path, tmp_path: Path) -> None:
    target, keys = tmp_path / "ledger", tmp_path / "keys"
    killed = subprocess.run([sys.executable, "-c", KILLED_HALF_WAY, data, target, keys], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert set(files_below(target).values()) == {0o600}
    fail(NotABackup, Places(target, keys, tmp_path / "master.key"), tmp_path / "elsewhere")
    assert len(log_of(data)) == 4


def test_a_restoration_that_was_killed_gave_nothing_its_name(monday: Places, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    killed = subprocess.run([sys.executable, "-c", RESTORED_HALF_WAY, *monday, elsewhere], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert not elsewhere.exists()
    assert restore_from(monday, monday, elsewhere).position == 4
