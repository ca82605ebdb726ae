from typing import TYPE_CHECKING

import nats
import pytest
from msgspec.structs import replace

from ledger.publishing.jetstream import LedgerStream, connect
from ledger.publishing.message import EventTooLarge, NatsUnreachable, PublishDoubt, StreamMismatch

if TYPE_CHECKING:
    from tests.publishing.conftest import Copying

STREAM_OF_OTHERS = "OTHERS"


@pytest.mark.parametrize("count", [1, 2, 3, 99, 100, 101, 500, 1_000, 1_001, 1_250])
async def test_message_n_of_the_stream_is_the_event_at_position_n(copying: "Copying", count: int) -> None:
    copying.log.record(count)

    async with copying.stream() as stream:
        await stream.append(copying.messages())

    assert await copying.is_exact()


@pytest.mark.parametrize("count", [1, 50, 300])
async def test_what_is_stored_already_is_not_stored_twice(copying: "Copying", count: int) -> None:
    copying.log.record(count)

    async with copying.stream() as stream:
        await stream.append(copying.messages())
        with pytest.raises(PublishDoubt):
            await stream.append(copying.messages())

    assert await copying.is_exact()


@pytest.mark.parametrize("count", [1, 50, 300])
async def test_nothing_is_stored_out_of_its_place(copying: "Copying", count: int) -> None:
    copying.log.record(count + 1)

    async with copying.stream() as stream:
        with pytest.raises(PublishDoubt):
            await stream.append(copying.messages()[1:])

    assert await copying.is_exact(0)


async def test_of_several_messages_with_a_gap_the_prefix_is_stored(copying: "Copying") -> None:
    copying.log.record(50)
    messages = copying.messages()

    async with copying.stream() as stream:
        with pytest.raises(PublishDoubt):
            await stream.append([*messages[:20], *messages[21:]])

    assert await copying.is_exact(20)


async def test_a_batch_refused_half_way_leaves_nothing(copying: "Copying") -> None:
    copying.log.record(300)
    messages = copying.messages()
    twice = replace(messages[200], event_id=messages[3].event_id)

    async with copying.stream() as stream:
        await stream.append(messages[:10])
        with pytest.raises(PublishDoubt):
            await stream.append([*messages[10:200], twice, *messages[201:]])

        assert await copying.is_exact(10)
        await stream.append(messages[10:])

    assert await copying.is_exact()


async def test_a_batch_that_is_never_finished_leaves_nothing(copying: "Copying") -> None:
    copying.log.record(300)
    client = await nats.connect(copying.server.broker.ledger_url)

    async with copying.stream() as stream:
        for rank, message in enumerate(copying.messages()[:200], start=1):
            headers = {"Nats-Batch-Id": "abandoned", "Nats-Batch-Sequence": str(rank)}
            await client.publish(message.subject, message.payload, headers=headers)
        await client.flush()
        await client.close()

        assert await copying.is_exact(0)
        await stream.append(copying.messages())

    assert await copying.is_exact()


async def test_a_stream_that_takes_no_batches_is_fed_without_them(copying: "Copying") -> None:
    copying.log.record(300)
    client = await nats.connect(copying.server.broker.ledger_url)
    await client.jetstream().add_stream(name="LEDGER", subjects=["ledger.>"])
    await client.close()

    async with copying.stream() as stream:
        await stream.end()
        await stream.append(copying.messages())

    assert await copying.is_exact()


@pytest.mark.parametrize("place", [0, 1, 150])
async def test_an_event_too_large_for_the_server_is_named_and_those_before_it_are_stored(
    copying: "Copying", place: int
) -> None:
    copying.log.record(300)
    messages = copying.messages()
    limit_bytes = 4_194_304
    messages[place] = replace(messages[place], payload=b"x" * (limit_bytes - 100))

    async with copying.stream() as stream:
        with pytest.raises(EventTooLarge, match=rf"Event {place + 1} takes .* the NATS server takes {limit_bytes}"):
            await stream.append(messages)

    assert await copying.is_exact(place)


async def test_an_event_as_large_as_the_server_takes_is_stored(copying: "Copying") -> None:
    copying.log.record(1)
    (message,) = copying.messages()
    largest = replace(message, payload=b"x" * (4_194_304 - 512))

    async with copying.stream() as stream:
        await stream.append([largest])

        assert (await stream.end()).position == 1


async def test_the_stream_cannot_be_emptied_nor_lose_a_message(copying: "Copying") -> None:
    copying.log.record(3)
    client = await nats.connect(copying.server.broker.ledger_url)

    async with copying.stream() as stream:
        await stream.append(copying.messages())
        with pytest.raises(nats.js.errors.APIError):
            await client.jetstream().purge_stream("LEDGER")
        with pytest.raises(nats.js.errors.APIError):
            await client.jetstream().delete_msg("LEDGER", 2)

    await client.close()
    assert await copying.is_exact()


async def test_a_stream_that_others_made_of_our_subjects_is_told_by_name(copying: "Copying") -> None:
    client = await nats.connect(copying.server.broker.ledger_url)
    await client.jetstream().add_stream(name=STREAM_OF_OTHERS, subjects=["ledger.>"])
    await client.close()

    with pytest.raises(StreamMismatch, match="overlap"):
        async with copying.stream():
            pass


async def test_a_stream_is_made_once_and_then_used(copying: "Copying") -> None:
    copying.log.record(1)

    async with copying.stream() as stream:
        await stream.append(copying.messages())
        await stream.ensure()

    assert await copying.is_exact()


async def test_a_connection_closed_for_good_is_told_by_name(copying: "Copying") -> None:
    client = await connect(copying.server.broker.ledger_url, "test")
    stream = LedgerStream(client)
    await client.close()

    with pytest.raises(NatsUnreachable, match=r"127\.0\.0\.1"):
        await stream.ensure()
