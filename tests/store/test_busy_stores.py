from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NoReturn

import pytest
from eventsourcing.persistence import InterfaceError
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import RegisterAuthority
from ledger.domain.identifiers import CommandId
from ledger.settings import Settings
from ledger.store import postgresql_server, sqlite_file
from ledger.store.appender import Limits
from ledger.store.database import StoreError, StoreIsBusy, StoreIsLocked

OpenLedger = Callable[..., CaseLedger]


def numbered(number: int) -> RegisterAuthority:
    return replace(commands.register_authority(), command_id=CommandId(cast.identifier(f"registration {number}")))


def no_more_files() -> NoReturn:
    raise InterfaceError("too many open files")


def read_until_closed(ledger: CaseLedger) -> None:
    with suppress(Exception):
        while True:
            ledger.read(0, 1_000)


def test_a_full_queue_takes_nothing_more(ledger: CaseLedger, closed_gate: object) -> None:
    ledger._appender._limits = Limits(queue_size_max=3)
    command = commands.register_authority()
    for number in range(3):
        ledger.submit(numbered(number), cast.stamp(command.occurred_at))

    with pytest.raises(StoreIsBusy, match="send this one again"):
        ledger.submit(numbered(3), cast.stamp(command.occurred_at))


def test_what_a_full_queue_had_taken_is_answered(tmp_path: Path) -> None:
    limits = Limits(queue_size_max=50, group_size_max=10)
    with CaseLedger(Settings(data=tmp_path), in_memory=True, limits=limits) as ledger:
        taken, refused = [], 0
        for number in range(500):
            try:
                taken.append(ledger.submit(numbered(number), cast.stamp(numbered(number).occurred_at)))
            except StoreIsBusy:
                refused += 1

        answers = [reply.result(10) for reply in taken]

    assert len(answers) + refused == 500
    assert all(answer.verdict.refusal is None for answer in answers)


def test_a_ledger_held_by_another_process_is_not_waited_for_without_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sqlite_file, postgresql_server):
        monkeypatch.setattr(module, "LOCK_TIMEOUT_S", 0.2)
    command = commands.register_authority()
    with CaseLedger(settings) as ledger, CaseLedger(settings) as another:
        with another.recorder.group(), pytest.raises(StoreIsLocked, match="send the command again"):
            ledger.execute(command, cast.stamp(command.occurred_at))

        answer = ledger.execute(command, cast.stamp(command.occurred_at))

    assert (answer.repeated, answer.verdict.position) == (False, 1)


def test_a_connection_that_could_not_be_opened_does_not_end_writing(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = commands.register_authority()
    with CaseLedger(sqlite_settings) as ledger:
        pool = ledger.recorder.datastore.pool  # type: ignore[attr-defined]  # SQLite's
        taken = [pool.get_connection(is_writer=False) for _ in range(pool.num_in_pool)]
        with monkeypatch.context() as trouble, pytest.raises(StoreError, match="too many open files"):
            trouble.setattr(pool, "_create_connection", no_more_files)
            ledger.execute(command, cast.stamp(command.occurred_at))
        for connection in taken:
            pool.put_connection(connection)

        answer = ledger.execute(command, cast.stamp(command.occurred_at))

    assert (answer.repeated, answer.verdict.position) == (False, 1)


def test_a_ledger_can_be_closed_while_somebody_reads(settings: Settings) -> None:
    command = commands.register_authority()
    for _ in range(3):
        ledger = CaseLedger(settings)
        ledger.execute(command, cast.stamp(command.occurred_at))
        readers = [Thread(target=read_until_closed, args=(ledger,)) for _ in range(3)]
        for reader in readers:
            reader.start()

        ledger.close()

        for reader in readers:
            reader.join(10)
        assert not any(reader.is_alive() for reader in readers)


def test_a_ledger_that_is_closed_answers_what_waits(ledger: CaseLedger, closed_gate: object) -> None:
    command = commands.register_authority()
    reply = ledger.submit(command, cast.stamp(command.occurred_at))
    stopping = Thread(target=ledger._appender.stop)
    stopping.start()
    closed_gate.open.set()  # type: ignore[attr-defined]  # the gate of conftest
    stopping.join(10)

    assert reply.result(0).verdict.position == 1
    with pytest.raises(StoreError, match="stopping"):
        ledger.submit(command, cast.stamp(command.occurred_at))
