"""One trace through every role, over a real NATS server: request, append, publication, views."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from litestar import Litestar
from litestar.testing import TestClient
from msgspec import json
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from labkit.controls import commands
from ledger.publishing.jetstream import LedgerStream
from ledger.publishing.jetstream import connect as connect_as_ledger
from ledger.publishing.relay import Relay
from ledger.publishing.watched import watched
from ledger.watched import WatchedLedger
from ledger.watching.instruments import Instruments
from ledger.watching.traces import Tracing
from projections import overview
from projections.engine.consumer import StreamFeed, connect
from projections.engine.runner import Runner
from projections.engine.watched import traced_pages

if TYPE_CHECKING:
    from tests.conftest import NatsServer

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPANS = ["POST /authorities", "append", "publish", "fold"]


async def test_one_trace_leads_from_a_request_to_the_views(
    *,
    server: "NatsServer",
    tmp_path: Path,
    client: TestClient[Litestar],
    ledger: WatchedLedger,
    tracing: Tracing,
    spans: InMemorySpanExporter,
) -> None:
    body = json.encode(commands.register_authority())
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    (await asyncio.to_thread(client.post, "/authorities", content=body, headers=headers)).raise_for_status()

    writing = await connect_as_ledger(server.broker.ledger_url, "relay")
    reading = await connect(server.broker.reader_url, "projections")
    stream = watched(LedgerStream(writing), ledger, Instruments(tracing=tracing))
    relay = Relay(ledger, stream, source="https://pau.example/ledger", wait=asyncio.sleep)
    runner = Runner([overview.VIEW], tmp_path / "views")
    runner.around_page = traced_pages(tracing)
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(runner.run(StreamFeed(reading)))]
    try:
        async with asyncio.timeout(20):
            while len(spans.get_finished_spans()) < len(SPANS):  # noqa: ASYNC110  # other tasks end them
                await asyncio.sleep(0.01)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        runner.close()
        await reading.close()
        await writing.close()

    named = {span.name: span for span in spans.get_finished_spans()}
    assert sorted(named) == sorted(SPANS)
    assert {f"{span.context.trace_id:032x}" for span in named.values()} == {TRACE}
    append = named["append"].context.span_id
    assert named["publish"].parent.span_id == append
    assert named["fold"].parent.span_id == append
    assert named["fold"].attributes == {"ledger.position.first": 1, "ledger.position.last": 1}
