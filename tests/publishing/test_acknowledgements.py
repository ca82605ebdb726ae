from datetime import UTC, datetime
from uuid import UUID

import pytest

from labkit.controls import cast
from ledger.publishing.message import End, EventTooLarge, Message, NatsUnreachable, PublishDoubt, check_ack, end_of

EVENT = cast.identifier("an event")
ENVELOPE = (
    '{{"specversion":"1.0","id":"{id}","source":"https://pau.example/ledger","type":"fr.collectivilab.case-closed.v1",'
    '"time":"2026-09-01T08:30:00Z","recordedtime":"2026-09-01T08:32:00Z","sequence":"{sequence:020}",'
    '"datacontenttype":"application/json","channel":"counter","data":{{}}}}'
)


def an_event(sequence: int, event_id: UUID = EVENT) -> bytes:
    return ENVELOPE.format(id=event_id, sequence=sequence).encode()


@pytest.mark.parametrize(
    "reply", [b'{"stream":"LEDGER","seq":7}', b'{"stream":"LEDGER","seq":7,"batch":"b","count":500}']
)
def test_an_event_acknowledged_in_its_place_is_published(reply: bytes) -> None:
    check_ack(reply, 7)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b'{"stream":"LEDGER","seq":8}', "event 7 was stored as message 8"),
        (b'{"stream":"LEDGER","seq":6,"duplicate":true}', "event 7 was stored as message 6"),
        (b'{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 9"},"seq":7}', "9 .10071"),
        (b"", "acknowledgement of event 7 cannot be read"),
        (b"-ERR", "acknowledgement of event 7 cannot be read"),
    ],
)
def test_any_other_answer_is_a_doubt(reply: bytes, reason: str) -> None:
    with pytest.raises(PublishDoubt, match=reason):
        check_ack(reply, 7)


def test_a_stream_ends_at_the_event_of_its_last_message() -> None:
    assert end_of(7, an_event(7)) == End(7, EVENT, datetime(2026, 9, 1, 8, 32, tzinfo=UTC))


@pytest.mark.parametrize("message", [an_event(6), b"{}", b"", b"\xff", an_event(7).replace(b"0007", b"seven")])
def test_a_stream_that_ends_with_anything_else_ends_at_no_event(message: bytes) -> None:
    assert end_of(7, message) == End(7, None)


def test_an_event_too_large_is_named_with_what_to_do() -> None:
    message = Message(7, EVENT, "ledger.a.b.c.d", b"x" * 1_000)

    assert str(EventTooLarge(message, 1_024)) == (
        "Event 7 takes 1512 bytes, the NATS server takes 1024: raise max_payload in its configuration. "
        "The events before this one are published."
    )


def test_an_address_is_told_without_its_password() -> None:
    told = str(NatsUnreachable("nats://ledger:secret@nats.pau.example"))

    assert told == "No NATS server answers at nats.pau.example:4222: start it, or correct NATS_URL."
