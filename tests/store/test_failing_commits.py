import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal
from uuid import UUID

import pytest
from eventsourcing.persistence import OperationalError
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand, RecordInteraction
from ledger.domain.events import CaseOpened
from ledger.domain.identifiers import CaseId, CitizenRef, InteractionId
from ledger.store.database import Group, StoreError
from ledger.store.vault import Vault
from ledger.store.verdict import Answer


def ask(ledger: CaseLedger, *asked: LedgerCommand) -> list[Answer]:
    return [ledger.execute(command, cast.stamp(command.occurred_at)) for command in asked]


def a_call(name: str) -> RecordInteraction:
    return replace(
        commands.record_phone_call(),
        command_id=cast.command_id(name),
        interaction_id=InteractionId(cast.identifier(name)),
    )


def title_of(ledger: CaseLedger, case_id: UUID) -> str:
    opened = next(ledger.history(case_id)).event
    assert isinstance(opened, CaseOpened)
    return opened.title


class FalteringGroups:
    """Groups whose commit fails once, before anything is kept or after all is kept."""

    def __init__(self, groups: Callable[[], AbstractContextManager[Group]]) -> None:
        self._groups = groups
        self.fails: Literal["before", "after"] | None = None

    @contextmanager
    def __call__(self) -> Iterator[Group]:
        fails, self.fails = self.fails, None
        with self._groups() as group:
            yield group
            if fails == "before":
                raise OperationalError("the commit failed")
        if fails == "after":
            raise OperationalError("the connection was lost before the answer came")


class StuckErasure:
    """A key store that cannot erase, the first time."""

    def __init__(self, vault: Vault) -> None:
        self._erase = vault.erase
        self.tries = 0

    def __call__(self, subject: UUID, erased_at: str) -> None:
        self.tries += 1
        if self.tries == 1:
            raise sqlite3.OperationalError("database is locked")
        self._erase(subject, erased_at)


@pytest.fixture
def groups(ledger: CaseLedger, monkeypatch: pytest.MonkeyPatch) -> FalteringGroups:
    faltering = FalteringGroups(ledger.recorder.group)
    monkeypatch.setattr(ledger.recorder, "group", faltering)
    ask(ledger, commands.register_authority(), commands.publish_service(), commands.open_case())
    return faltering


def test_a_failed_commit_keeps_nothing(ledger: CaseLedger, groups: FalteringGroups) -> None:
    groups.fails = "before"

    with pytest.raises(StoreError, match="send the command again"):
        ask(ledger, a_call("lost"))

    assert ledger.head() == 4


def test_after_a_failed_commit_the_case_goes_on_from_what_was_kept(ledger: CaseLedger, groups: FalteringGroups) -> None:
    groups.fails = "before"
    with pytest.raises(StoreError):
        ask(ledger, a_call("lost"))

    answers = ask(ledger, a_call("next"), a_call("lost"))

    assert [(answer.repeated, answer.verdict.position) for answer in answers] == [(False, 5), (False, 6)]
    assert [recorded.originator_version for recorded in ledger.history(cast.CASE)] == [1, 2, 3, 4]


def test_a_command_of_unknown_outcome_that_was_kept_is_answered_when_sent_again(
    ledger: CaseLedger, groups: FalteringGroups
) -> None:
    groups.fails = "after"
    with pytest.raises(StoreError):
        ask(ledger, a_call("kept"))

    [answer] = ask(ledger, a_call("kept"))

    assert (answer.repeated, answer.verdict.position, ledger.head()) == (True, 5, 5)


def test_after_an_unknown_outcome_the_case_goes_on_from_what_was_kept(
    ledger: CaseLedger, groups: FalteringGroups
) -> None:
    groups.fails = "after"
    with pytest.raises(StoreError):
        ask(ledger, a_call("kept"))

    ask(ledger, a_call("next"))

    assert [recorded.originator_version for recorded in ledger.history(cast.CASE)] == [1, 2, 3, 4]


def test_a_citizen_forgotten_with_an_unknown_outcome_is_forgotten(ledger: CaseLedger, groups: FalteringGroups) -> None:
    title = title_of(ledger, cast.CASE)
    groups.fails = "after"
    with pytest.raises(StoreError):
        ask(ledger, commands.forget_citizen())

    ask(ledger, commands.assign_case())

    assert ledger.reveal(title) is None


def test_keys_made_for_a_failed_commit_are_made_anew(ledger: CaseLedger, groups: FalteringGroups) -> None:
    groups.fails = "before"
    another = replace(
        commands.open_case(),
        command_id=cast.command_id("another"),
        case_id=CaseId(cast.identifier("another case")),
        citizen=CitizenRef(cast.identifier("another citizen")),
    )
    with pytest.raises(StoreError):
        ask(ledger, another)

    ask(ledger, another)

    assert ledger.reveal(title_of(ledger, another.case_id)) == another.title


def test_a_key_that_could_not_be_destroyed_is_destroyed_when_the_command_is_sent_again(
    ledger: CaseLedger, groups: FalteringGroups, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = title_of(ledger, cast.CASE)
    monkeypatch.setattr(ledger.vault, "erase", StuckErasure(ledger.vault))
    with pytest.raises(StoreError):
        ask(ledger, commands.forget_citizen())

    [answer] = ask(ledger, commands.forget_citizen())

    assert answer.repeated
    assert ledger.reveal(title) is None


def test_a_listener_that_fails_does_not_stop_the_writer(
    ledger: CaseLedger, groups: FalteringGroups, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setattr(ledger._appender._writer, "_on_commit", fail)

    answers = ask(ledger, a_call("one"), a_call("two"))

    assert [answer.verdict.position for answer in answers] == [5, 6]
