"""A stream of events is read message by message, and taken up again exactly where it stopped."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from labkit.client import Client
from labkit.failures import NothingRunning
from labkit.server_sent_events import ATTEMPTS_MAX, Message, follow, messages_of
from labkit.simulate.residents import Life
from labkit.simulate.territory import load_territory
from ledger.domain.commands import LedgerCommand

if TYPE_CHECKING:
    from tests.lab.conftest import FakeInstance


def lines(text: str) -> list[bytes]:
    return [f"{line}\n".encode() for line in text.split("\n")]


def a_few_commands() -> list[LedgerCommand]:
    return Life(1, load_territory(), lambda: datetime.now(UTC)).foundation()[:20]


def test_a_message_has_an_identifier_a_kind_and_data() -> None:
    assert list(messages_of(lines('id: 7\nevent: ledger\ndata: {"a": 1}\n'))) == [Message("7", "ledger", '{"a": 1}')]


def test_data_on_several_lines_is_one_text() -> None:
    assert list(messages_of(lines("data: a\ndata: b\n"))) == [Message("", "message", "a\nb")]


def test_a_comment_is_a_sign_of_life() -> None:
    assert list(messages_of(lines(": still here\n"))) == [None]


def test_lines_may_end_in_carriage_returns() -> None:
    assert list(messages_of([b"id: 1\r\n", b"data: x\r\n", b"\r\n"])) == [Message("1", "message", "x")]


def test_a_message_without_data_is_none() -> None:
    assert list(messages_of(lines("retry: 1000\n\nid: 3\n"))) == []


def test_events_are_followed_up_to_a_position(instance: "FakeInstance") -> None:
    for command in a_few_commands():
        instance.submit(command)
    found = list(follow(Client(instance.url), since=5, until=12, sleep=lambda _: None))
    assert len(found) == 7


def test_a_stream_that_ends_is_taken_up_where_it_stopped(instance: "FakeInstance") -> None:
    commands = a_few_commands()
    instance.submit(commands.pop(0))

    def grow(_: float) -> None:
        instance.submit(commands.pop(0))

    found = list(follow(Client(instance.url), since=0, until=6, sleep=grow))
    assert len(found) == len(set(found)) == 6


def test_patience_with_a_silent_address_is_bounded() -> None:
    pauses: list[float] = []
    with pytest.raises(NothingRunning):
        next(follow(Client("http://127.0.0.1:1"), since=0, until=None, sleep=pauses.append))
    assert len(pauses) == ATTEMPTS_MAX
