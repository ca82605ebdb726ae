"""What a receiver gets: signed, as published, what was granted, in order for each case, whatever it answers."""

import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from labkit.controls import cast
from ledger.access.grants import Grant
from ledger.domain.record import LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.published import compose
from ledger.publishing.relay import StreamMismatch
from ledger.webhooks import sender as sending
from ledger.webhooks.database import open_database
from ledger.webhooks.outbox import Outbox
from ledger.webhooks.schedule import ATTEMPTS_MAX, DELAYS, SWITCHED_OFF_AFTER
from ledger.webhooks.signature import check, key_of
from tests.webhooks.town_post import HANG, SECRET, SOURCE, Post, Receiver, run

CASE, OTHER, THIRD = (str(UUID(int=number)) for number in (1, 2, 3))


def positions(receiver: Receiver, case: str | None = None) -> list[int]:
    return [each.position for each in receiver.accepted() if case is None or each.case == case]


def test_a_delivery_is_the_published_event_signed_under_its_own_identifier(post: Post, receiver: Receiver) -> None:
    event = post.log.add(CASE)
    post.add()

    post.deliver()

    (seen,) = receiver.seen
    assert seen.body == compose(event, SOURCE)
    assert seen.headers["webhook-id"] == str(event.event_id)
    assert seen.headers["webhook-timestamp"] == str(int(post.clock.now.timestamp()))
    assert seen.headers["content-type"] == "application/cloudevents+json"
    check(seen.headers, seen.body, keys=[key_of(SECRET)], now=post.clock.now)


def test_only_what_was_granted_is_delivered_and_erasures_always_are(post: Post, receiver: Receiver) -> None:
    granted = [post.log.add(CASE, tag="case-opened.v1")]
    post.log.add(CASE)
    post.log.add(OTHER, tag="case-opened.v1", authority=cast.PAU_BEARN_PYRENEES)
    post.log.add(OTHER, tag="case-opened.v1", service="cantine")
    nowhere: dict[str, Any] = {"authority": None, "service": None, "channel": Channel.INTERNAL}
    granted.append(post.log.add(THIRD, tag="citizen-forgotten.v1", **nowhere))
    post.add(grant=Grant(authority=cast.PAU, services=("voirie",), events=("case-opened",)))

    post.deliver()

    assert Counter(each.event_id for each in receiver.seen) == Counter(str(event.event_id) for event in granted)
    assert post.endpoint().cursor == len(post.log.events)


def test_delivery_begins_after_the_position_that_was_asked_for(post: Post, receiver: Receiver) -> None:
    for _ in range(4):
        post.log.add(CASE)
    post.add(after=2)

    post.deliver()

    assert positions(receiver) == [3, 4]


def test_a_case_waits_for_its_first_event_and_no_other_case_waits_for_it(post: Post, receiver: Receiver) -> None:
    for case in (CASE, CASE, OTHER, CASE, OTHER):
        post.log.add(case)
    post.add()
    receiver.answer = lambda event: 500 if event["subject"] == CASE else 204

    post.deliver()
    assert positions(receiver) == [3, 5]
    assert [each.position for each in receiver.seen if each.case == CASE] == [1]

    receiver.answer = lambda _: 200
    post.live(seconds=5)
    assert positions(receiver, CASE) == [1, 2, 4]
    assert post.tally().waiting == 0


@pytest.mark.parametrize("answer", [500, 400, 301, 307, 429, HANG])
def test_what_never_arrives_is_attempted_as_documented_and_becomes_a_dead_letter(
    post: Post, receiver: Receiver, answer: int
) -> None:
    failing = post.log.add(CASE)
    post.log.add(CASE)
    post.log.add(OTHER)
    post.add()
    receiver.answer = lambda event: answer if event["subject"] == CASE else 204

    for _ in range(2 * ATTEMPTS_MAX):
        post.deliver(timeout_s=0.1 if answer == HANG else 5.0)
        due = post.tally().next_at
        post.clock.now = due or post.clock.now

    moments = [each.at for each in receiver.attempts(failing)]
    assert [later - earlier for earlier, later in pairwise(moments)] == list(DELAYS[1:])
    assert len(receiver.seen) == ATTEMPTS_MAX + 1  # the second event of the case never left, the other case did
    (dead,) = post.dead()
    assert (dead.event_id, dead.attempts, dead.waiting_behind) == (str(failing.event_id), ATTEMPTS_MAX, 1)
    assert dead.outcome == ("timeout" if answer == HANG else str(answer))


def test_a_dead_letter_that_is_replayed_is_followed_by_what_waited_behind_it(post: Post, receiver: Receiver) -> None:
    failing = post.log.add(CASE)
    post.add()
    receiver.answer = lambda _: 500
    post.live(days=4)
    post.log.add(CASE)
    receiver.answer = lambda _: 204
    post.live(days=4)
    assert positions(receiver) == []

    assert post.outbox.replay(post.endpoint(), str(failing.event_id), post.clock.now) == 1
    post.deliver()

    assert positions(receiver) == [1, 2]
    assert (post.tally().waiting, post.dead()) == (0, [])
    assert len({each.headers["webhook-id"] for each in receiver.attempts(failing)}) == 1


def test_a_receiver_that_comes_back_after_an_hour_gets_everything_in_order(post: Post, receiver: Receiver) -> None:
    for _ in range(3):
        for case in (CASE, OTHER, THIRD):
            post.log.add(case)
    post.add()
    back = post.clock.now + timedelta(hours=1)
    receiver.answer = lambda _: 204 if post.clock.now >= back else 503

    post.live(hours=3)

    first_attempts = [each.at - (back - timedelta(hours=1)) for each in receiver.attempts(post.log.events[0])]
    assert first_attempts == [sum(DELAYS[: made + 1], timedelta()) for made in range(5)]
    for case in (CASE, OTHER, THIRD):
        assert positions(receiver, case) == [each.position for each in post.log.events if str(subject(each)) == case]
    assert post.endpoint().failing_since is None


def subject(event: LoggedEvent) -> UUID | None:
    return event.metadata.subject


def test_410_switches_off_at_once_and_loses_nothing(post: Post, receiver: Receiver) -> None:
    for case in (CASE, CASE, OTHER):
        post.log.add(case)
    post.add()
    receiver.answer = lambda _: 410
    post.deliver()
    assert post.endpoint().off_reason == "gone"
    told = len(receiver.seen)
    post.log.add(THIRD)
    post.live(days=30)
    assert len(receiver.seen) == told

    receiver.answer = lambda _: 204
    post.endpoints.enable("kiosk", post.clock.now)
    post.deliver()

    assert sorted(positions(receiver)) == [1, 2, 3, 4]


def test_an_endpoint_that_accepts_nothing_for_days_is_switched_off(
    post: Post, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    post.add()
    receiver.answer = lambda _: 500
    begin = post.clock.now
    while post.endpoint().off_at is None:
        post.log.add(str(UUID(int=100 + post.log.head())))
        post.live(hours=12)
        post.clock.now = max(post.clock.now, begin) + timedelta(hours=12)
        assert post.clock.now - begin < timedelta(days=10)

    off_at = post.endpoint().off_at
    assert off_at is not None
    assert off_at - begin >= SWITCHED_OFF_AFTER
    assert "switched off (failing)" in caplog.text
    told = len(receiver.seen)
    post.live(days=3)
    assert len(receiver.seen) == told


def test_one_acceptance_keeps_an_endpoint_on(post: Post, receiver: Receiver) -> None:
    post.add()
    receiver.answer = lambda event: 204 if event["subject"] == OTHER else 500
    for _ in range(8):
        post.log.add(CASE)
        post.log.add(OTHER)
        post.live(days=1)
        post.clock.advance(days=1)

    assert post.endpoint().off_at is None
    assert len(positions(receiver, OTHER)) == 8


def test_an_endpoint_that_does_not_answer_holds_no_other(post: Post, receiver: Receiver) -> None:
    post.log.add(CASE)
    post.add()
    post.add("silent", url="http://127.0.0.1:1/")

    post.deliver()

    assert positions(receiver) == [1]
    assert post.tally("silent").waiting == 1


def test_who_is_put_out_gets_nothing_even_let_in_again(post: Post, receiver: Receiver) -> None:
    post.log.add(CASE)
    post.add()
    post.registry.remove("kiosk")
    post.deliver()
    post.clock.advance(hours=1)
    post.let_in()
    post.deliver()

    assert receiver.seen == []


def test_at_most_four_cases_are_delivered_at_the_same_time(post: Post, receiver: Receiver) -> None:
    for number in range(12):
        post.log.add(str(UUID(int=100 + number)))
    post.add()

    async def one_turn() -> None:
        sender = post.sender()
        await sender.turn(0)
        assert len(sender._flying) == sending.CASES_AT_ONCE
        await sender.stop()

    run(one_turn())


def test_what_was_sent_and_not_noted_is_sent_again_under_the_same_identifier(post: Post, receiver: Receiver) -> None:
    event = post.log.add(CASE)
    post.log.add(CASE)
    post.add()

    async def until_answered() -> None:
        sender = post.sender()
        await sender.turn(5)
        assert all(task.done() for task in sender._flying)

    run(until_answered())
    assert len(receiver.accepted()) == 1
    post.database.close()
    post.database = open_database(post.data)
    post.outbox = Outbox(post.database)
    post.endpoints = type(post.endpoints)(post.database)

    post.deliver()

    assert [each.headers["webhook-id"] for each in receiver.attempts(event)] == [str(event.event_id)] * 2
    assert positions(receiver) == [1, 1, 2]


def test_how_far_was_read_and_what_is_to_be_delivered_are_kept_together(post: Post) -> None:
    events = [post.log.add(CASE), post.log.add(CASE)]
    post.add()

    def interrupted() -> Iterator[LoggedEvent]:
        yield events[0]
        raise sqlite3.OperationalError("disk full")

    with pytest.raises(sqlite3.OperationalError):
        post.outbox.take_in(post.endpoint(), interrupted(), cursor=2, now=post.clock.now)  # type: ignore[arg-type]

    assert post.endpoint().cursor == 0
    assert post.tally().waiting == 0


def test_no_more_is_kept_for_an_endpoint_than_may_be(
    post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "KEPT_MAX", 10)
    monkeypatch.setattr(sending, "READ_AT_ONCE", 5)
    for _ in range(40):
        post.log.add(CASE)
    post.add()
    receiver.answer = lambda _: 500
    post.deliver()
    assert post.tally().waiting == 10

    receiver.answer = lambda _: 204
    post.live(minutes=10)

    assert positions(receiver) == list(range(1, 41))


def test_another_ledger_than_the_one_that_was_read_stops_the_sender(post: Post, receiver: Receiver) -> None:
    post.log.add(CASE)
    post.add()
    receiver.answer = lambda _: 500
    post.deliver()
    post.clock.advance(seconds=5)

    post.log.events[0] = replace(post.log.events[0], event_id=UUID(int=7))
    with pytest.raises(StreamMismatch, match="position 1"):
        post.deliver()
    post.log.events.clear()
    with pytest.raises(StreamMismatch, match="ends at 0"):
        post.deliver()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_receiver_does_each_case_is_in_order_and_nothing_is_lost(
    post: Post, receiver: Receiver, seed: int
) -> None:
    chance = random.Random(seed)
    cases = [str(UUID(int=1000 + number)) for number in range(8)]
    stubborn = cases[0]
    for _ in range(150):
        post.log.add(chance.choice(cases))
    post.add()
    receiver.answer = lambda event: 500 if event["subject"] == stubborn else chance.choice([204, 204, 200, 500, 302])

    for _ in range(4):
        post.live(days=2)
        post.clock.advance(hours=1)
        for _ in range(10):
            post.log.add(chance.choice(cases))
    post.live(days=30)

    arrived, attempted = defaultdict(list), Counter(each.position for each in receiver.seen)
    for each in receiver.accepted():
        arrived[each.case].append(each.position)
    for case in cases[1:]:
        assert arrived[case] == [event.position for event in post.log.events if str(subject(event)) == case]
    assert arrived[stubborn] == []
    held = [event.position for event in post.log.events if str(subject(event)) == stubborn]
    assert (attempted[held[0]], max(attempted.values())) == (ATTEMPTS_MAX, ATTEMPTS_MAX)
    assert [each.position for each in post.dead()] == held[:1]
    assert post.dead()[0].waiting_behind == len(held) - 1 == post.tally().waiting
