"""A fresh stream from the log: with the same positions in the same epoch, and after a restoration in a new one."""

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from labkit.controls import cast
from labkit.integrators.credentials import fresh_secrets, integrator_of
from labkit.restreaming.failures import StreamOfAnotherLedger, StreamOfAnotherPast
from labkit.restreaming.run import rebuild_stream
from ledger.access.grants import Grant
from ledger.access.registry import Registry
from ledger.publishing.epochs import epochs_in, read_epochs
from ledger.webhooks.database import open_database
from ledger.webhooks.endpoints import Endpoints

if TYPE_CHECKING:
    from tests.auditing.conftest import Town


def ids(town: "Town", stream: str = "LEDGER", *, at_least: int = 0) -> list[str]:
    return [message.header["Nats-Msg-Id"] for message in town.messages(stream, at_least=at_least)]


def of_the_ledger(town: "Town") -> list[str]:
    return [str(event_id) for event_id in town.events()]


def let_in(town: "Town") -> None:
    integrator = integrator_of("mairie", Grant(authority=cast.PAU), fresh_secrets(), datetime.now(UTC))
    Registry(town.data).add(integrator)


async def spoil(jetstream: JetStreamContext) -> None:
    """Put something that is no event where the last one was, in a stream that somebody made with other settings."""
    await jetstream.delete_stream("LEDGER")
    await jetstream.add_stream(name="LEDGER", subjects=["ledger.>"])
    for _ in range(5):
        await jetstream.publish("ledger.a.b.c.d", b"spoilt")


def test_a_fresh_stream_holds_the_log_at_the_same_positions(town: "Town") -> None:
    head = town.record(cases=5)
    town.publish()
    town.on_stream(spoil)

    made = rebuild_stream(town.data, new_epoch=False)

    assert (made.events, made.epoch, made.shared) == (head, 1, None)
    assert ids(town) == of_the_ledger(town)
    assert read_epochs(town.data) == ()


def test_a_stream_that_is_not_there_is_made(town: "Town") -> None:
    town.record(cases=2)

    rebuild_stream(town.data, new_epoch=False)

    assert ids(town) == of_the_ledger(town)


def test_integrators_copies_and_their_durable_consumers_go_on_where_they_were(town: "Town") -> None:
    head = town.record(cases=5)
    let_in(town)
    rebuild_stream(town.data, new_epoch=False)
    before = ids(town, "LEDGER-mairie", at_least=head)

    async def read_four(jetstream: JetStreamContext) -> None:
        config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT)
        reading = await jetstream.pull_subscribe("", durable="theirs", stream="LEDGER-mairie", config=config)
        for message in await reading.fetch(4, timeout=5):
            await message.ack_sync()

    async def read_on(jetstream: JetStreamContext) -> list[str]:
        reading = await jetstream.pull_subscribe_bind("theirs", "LEDGER-mairie")
        return [message.header["Nats-Msg-Id"] for message in await reading.fetch(len(before) - 4, timeout=5)]

    town.on_stream(read_four)

    rebuild_stream(town.data, new_epoch=False)

    assert ids(town, "LEDGER-mairie", at_least=head) == before
    assert town.on_stream(read_on) == before[4:]


def test_a_stream_ahead_of_a_restored_ledger_is_refused_and_named(town: "Town") -> None:
    shared = town.record(cases=2)
    town.copy_ledger()
    end = town.record(cases=3)
    town.publish()
    town.put_ledger_back()

    with pytest.raises(
        StreamOfAnotherPast, match=f"up to position {end}.* up to {shared}.*part after position {shared}"
    ):
        rebuild_stream(town.data, new_epoch=False)

    assert len(ids(town)) == end


def test_a_new_epoch_tells_up_to_where_it_is_the_same(town: "Town") -> None:
    shared = town.record(cases=2)
    town.copy_ledger()
    town.record(cases=3)
    town.publish()
    town.put_ledger_back()
    head = town.record(cases=6, name="another future")

    made = rebuild_stream(town.data, new_epoch=True)

    async def told(jetstream: JetStreamContext) -> dict[str, str]:
        return dict((await jetstream.stream_info("LEDGER")).config.metadata or {})

    epochs = epochs_in(town.on_stream(told))
    assert (made.events, made.epoch, made.shared) == (head, 2, shared)
    assert [epoch.after for epoch in epochs] == [shared]
    assert epochs == read_epochs(town.data)
    assert ids(town) == of_the_ledger(town)


def test_webhooks_are_set_back_to_what_both_pasts_share(town: "Town") -> None:
    shared = town.record(cases=2)
    town.copy_ledger()
    end = town.record(cases=3)
    town.publish()
    let_in(town)
    with closing(open_database(town.data)) as database:
        (mairie,) = Registry(town.data).all()
        Endpoints(database).add(mairie, "https://mairie.example", secret="whsec_", after=end, at=datetime.now(UTC))
    town.put_ledger_back()

    rebuild_stream(town.data, new_epoch=True)

    with closing(open_database(town.data)) as database:
        assert Endpoints(database).get("mairie").cursor == shared


def test_the_stream_of_another_ledger_is_never_deleted(town: "Town") -> None:
    town.record(cases=2, name="theirs")
    town.publish()
    theirs = ids(town)
    for file in town.data.glob("ledger.db*"):
        file.unlink()
    town.record(cases=2, name="ours")

    with pytest.raises(StreamOfAnotherLedger):
        rebuild_stream(town.data, new_epoch=True)

    assert ids(town) == theirs


def test_a_lost_server_is_filled_in_the_epoch_it_had(town: "Town") -> None:
    town.record(cases=2)
    town.publish()
    rebuild_stream(town.data, new_epoch=True)

    town.on_stream(lambda jetstream: jetstream.delete_stream("LEDGER"))
    made = rebuild_stream(town.data, new_epoch=False)

    assert made.epoch == 2
