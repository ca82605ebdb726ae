import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from psycopg import errors

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import RecordInteraction
from ledger.domain.events import CaseOpened
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId
from ledger.settings import Settings
from ledger.store.database import Group, StoreIsFull
from ledger.store.verdict import Answer

DISK_BYTES = 3_000_000
BALLAST_BYTES = 1_000_000
COMMANDS_A_GROUP = 20

InOneGroup = Callable[..., list[Future[Answer]]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, small and soon full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


class PagesLimit:
    """Groups on a database file that may not grow past a number of pages, as on a full disk."""

    def __init__(self, groups: Callable[[], AbstractContextManager[Group]]) -> None:
        self._groups = groups
        self.pages = 60

    @contextmanager
    def __call__(self) -> Iterator[Group]:
        with self._groups() as group:
            group._cursor.execute(f"PRAGMA max_page_count = {self.pages}")  # type: ignore[attr-defined]  # SQLite's
            yield group


def long_letters(batch: int) -> list[RecordInteraction]:
    names = [f"letter {batch}.{number}" for number in range(COMMANDS_A_GROUP)]
    return [
        replace(
            commands.record_phone_call(),
            command_id=CommandId(cast.identifier(f"command {name}")),
            interaction_id=InteractionId(cast.identifier(name)),
            summary="Madame, Monsieur, " * 200,
        )
        for name in names
    ]


def begin(ledger: CaseLedger) -> None:
    for command in (commands.register_authority(), commands.publish_service(), commands.open_case()):
        ledger.execute(command, cast.stamp(command.occurred_at))


def outcomes(replies: list[Future[Answer]]) -> list[type[BaseException] | None]:
    return [type(error) if (error := reply.exception(30)) else None for reply in replies]


def fill(ledger: CaseLedger, in_one_group: InOneGroup) -> list[RecordInteraction]:
    """Write until nothing more fits; return what did not."""
    for batch in range(100):
        letters = long_letters(batch)
        told = outcomes(in_one_group(ledger, *letters))
        if told != [None] * COMMANDS_A_GROUP:
            assert told == [StoreIsFull] * COMMANDS_A_GROUP
            return letters
    pytest.fail("the disk was never full")


def check_goes_on(ledger: CaseLedger, letters: list[RecordInteraction]) -> None:
    head = ledger.head()
    answers = [ledger.execute(letter, cast.stamp(letter.occurred_at)) for letter in letters]
    expected = list(range(head + 1, head + COMMANDS_A_GROUP + 1))
    assert [answer.verdict.position for answer in answers] == expected
    assert not any(answer.repeated for answer in answers)
    versions = [recorded.originator_version for recorded in ledger.history(cast.CASE)]
    assert versions == list(range(1, len(versions) + 1))


def check_nothing_was_half_written(ledger: CaseLedger) -> None:
    rows = ledger.read(0, 100_000)
    assert [row.position for row in rows] == list(range(1, ledger.head() + 1))
    assert (ledger.head() - 4) % COMMANDS_A_GROUP == 0


def test_a_full_disk_keeps_nothing_of_the_group_and_the_ledger_goes_on_when_there_is_room(
    small_disk: Path, in_one_group: InOneGroup
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(BALLAST_BYTES))
    with CaseLedger(Settings(data=small_disk / "data")) as ledger:
        begin(ledger)
        letters = fill(ledger, in_one_group)
        check_nothing_was_half_written(ledger)

        ballast.unlink()

        check_goes_on(ledger, letters)


def test_a_full_disk_stops_the_key_store_too_and_no_key_is_lost(small_disk: Path, in_one_group: InOneGroup) -> None:
    with CaseLedger(Settings(data=small_disk / "data")) as ledger:
        begin(ledger)
        room = os.statvfs(small_disk)
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(room.f_bavail * room.f_frsize))
        another = replace(
            commands.open_case(),
            command_id=cast.command_id("another"),
            case_id=CaseId(cast.identifier("another case")),
            citizen=CitizenRef(cast.identifier("another citizen")),
        )
        assert outcomes(in_one_group(ledger, another)) == [StoreIsFull]

        ballast.unlink()

        assert ledger.execute(another, cast.stamp(another.occurred_at)).verdict.position == 6
        opened = next(ledger.history(another.case_id)).event
        assert isinstance(opened, CaseOpened)
        assert ledger.reveal(opened.title) == another.title


def test_a_database_that_may_not_grow_is_told_as_a_full_disk(
    sqlite_settings: Settings, in_one_group: InOneGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaseLedger(sqlite_settings) as ledger:
        begin(ledger)
        limit = PagesLimit(ledger.recorder.group)
        monkeypatch.setattr(ledger.recorder, "group", limit)
        letters = fill(ledger, in_one_group)
        check_nothing_was_half_written(ledger)

        limit.pages = 1_000_000

        check_goes_on(ledger, letters)


def test_a_full_disk_of_postgresql_is_told_as_such(database_url: str, sqlite_settings: Settings) -> None:
    with (
        CaseLedger(Settings(data=sqlite_settings.data, database_url=database_url)) as ledger,
        pytest.raises(StoreIsFull),
        ledger.recorder.group(),
    ):
        raise errors.DiskFull("could not extend file: No space left on device")
