"""The password of those who only read opens reading, on the real server, whatever they try."""

import asyncio
from typing import TYPE_CHECKING

import msgspec
import nats
import pytest

if TYPE_CHECKING:
    from tests.conftest import MemoryLog, NatsServer

REFUSED = "permissions violation"


async def attempt(server: "NatsServer", subject: str, request: object = None) -> bytes:
    """Ask something with a reader's password; return the answer, empty if the server gave none."""
    complaints: list[str] = []

    async def complain(error: Exception) -> None:
        complaints.append(str(error))

    client = await nats.connect(server.broker.reader_url, error_cb=complain)
    try:
        payload = msgspec.json.encode(request) if request else b""
        answer: bytes = (await client.request(subject, payload, timeout=0.3)).data
    except nats.errors.TimeoutError:
        assert any(REFUSED in complaint for complaint in complaints)
        return b""
    finally:
        await client.close()
    return answer


def a_consumer(**config: object) -> dict[str, object]:
    return {"stream_name": "LEDGER", "config": {"ack_policy": "none", "deliver_policy": "all", **config}}


async def test_a_reader_may_make_a_consumer(server: "NatsServer", log: "MemoryLog") -> None:
    await server.publish(log, 3)

    answer = await attempt(server, "$JS.API.CONSUMER.CREATE.LEDGER", a_consumer())

    assert b'"num_pending":3' in answer


@pytest.mark.parametrize(
    "subject",
    [
        "ledger.216404459.restauration-scolaire.counter.case-opened",
        "$JS.API.STREAM.PURGE.LEDGER",
        "$JS.API.STREAM.DELETE.LEDGER",
        "$JS.API.STREAM.MSG.DELETE.LEDGER",
        "$JS.API.STREAM.UPDATE.LEDGER",
        "$JS.API.STREAM.CREATE.MINE",
        "hint.ledger",
    ],
)
async def test_a_reader_may_not_write_nor_remove(server: "NatsServer", log: "MemoryLog", subject: str) -> None:
    await server.publish(log, 3)

    assert await attempt(server, subject) == b""

    assert [message.metadata.sequence.stream for message in await server.messages(3)] == [1, 2, 3]


@pytest.mark.parametrize("subject", ["ledger.a.b.c.d", "$JS.API.STREAM.PURGE.LEDGER", "$JS.API.STREAM.DELETE.LEDGER"])
async def test_a_reader_may_not_let_the_server_do_it_by_delivering_there(
    server: "NatsServer", log: "MemoryLog", subject: str
) -> None:
    await server.publish(log, 3)

    await attempt(server, "$JS.API.CONSUMER.CREATE.LEDGER", a_consumer(deliver_subject=subject, headers_only=True))
    await asyncio.sleep(0.2)

    await server.publish(log, 1)
    assert [message.metadata.sequence.stream for message in await server.messages(4)] == [1, 2, 3, 4]


async def test_a_wrong_password_opens_nothing(server: "NatsServer") -> None:
    url = server.broker.reader_url.replace("reader:", "reader:wrong")

    with pytest.raises(nats.errors.Error):
        await nats.connect(url, allow_reconnect=False)


async def test_no_password_opens_nothing(server: "NatsServer") -> None:
    with pytest.raises(nats.errors.Error):
        await nats.connect(server.broker.url, allow_reconnect=False)
