from typing import TYPE_CHECKING

import pytest

from ledger.publishing.jetstream import LedgerStream, NatsUnreachable, connect
from ledger.publishing.message import StreamMismatch
from tests.scale.cluster import Cluster

if TYPE_CHECKING:
    from tests.conftest import NatsServer


async def test_one_server_alone_is_refused_as_the_keeper_of_three_copies(server: "NatsServer") -> None:
    client = await connect(server.broker.ledger_url, "relay", attempts=20, wait_s=0.1)

    with pytest.raises(StreamMismatch, match="replicas > 1 not supported"):
        await LedgerStream(client, replicas=3).ensure()

    await client.close()


async def test_a_stream_kept_by_fewer_servers_than_asked_is_used_and_said(
    server: "NatsServer", caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect(server.broker.ledger_url, "relay", attempts=20, wait_s=0.1)
    await LedgerStream(client).ensure()

    end = await LedgerStream(client, replicas=3).end()

    assert end.position == 0
    assert "The stream LEDGER is kept by 1 servers, not by 3 as asked" in caplog.text
    await client.close()


async def test_a_role_starts_though_the_first_server_named_is_down(cluster: Cluster) -> None:
    cluster.kill("north")

    client = await connect(cluster.url, "relay", attempts=5, wait_s=0.1)

    assert client.connected_url is not None
    assert client.connected_url.port in (cluster.ports["middle"], cluster.ports["south"])
    await client.close()


def test_of_several_servers_that_do_not_answer_the_first_is_named_without_its_password() -> None:
    unreachable = NatsUnreachable("nats://ledger:s3cret@north:4222,nats://ledger:s3cret@south:4222")

    assert str(unreachable).startswith("No NATS server answers at north:4222: ")
