"""The clients of NATS publishing to JetStream, each as its documentation shows it, with the deduplicating header."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import nats
import uvloop

from bench import servers
from bench.clients import Clock, Figures
from bench.contacts import PAYLOAD
from bench.failures import NotMeasured
from bench.programs.relay_socket import STREAM, SUBJECT, make_stream

WINDOW = 1_024
STALL_S = 30.0
PENDING_BYTES = 64 << 20


def nats_py_windowed(*, seconds: float, sync: str = "default") -> Figures:
    """Return messages a second of nats-py's `publish_async`, acknowledged at the end."""

    async def run(url: str) -> Figures:
        client = await nats.connect(url, pending_size=PENDING_BYTES)
        context = client.jetstream(publish_async_max_pending=WINDOW)

        async def publish(rank: int) -> object:
            headers = {"Nats-Msg-Id": str(rank)}
            return await context.publish_async(SUBJECT, PAYLOAD, wait_stall=STALL_S, headers=headers)

        figures = await _published(publish, context.publish_async_completed, seconds)
        await _check(context, figures)
        await client.close()
        return figures

    return _on_a_server(run, sync)


def nats_py_one_by_one(*, seconds: float, sync: str = "default") -> Figures:
    """Return messages a second of nats-py when each is acknowledged before the next."""

    async def run(url: str) -> Figures:
        client = await nats.connect(url)
        context = client.jetstream()

        async def publish(rank: int) -> object:
            return await context.publish(SUBJECT, PAYLOAD, headers={"Nats-Msg-Id": str(rank)})

        figures = await _published(publish, None, seconds)
        await client.close()
        return figures

    return _on_a_server(run, sync)


def natsio_windowed(*, seconds: float, sync: str = "default") -> Figures:
    """Return messages a second of natsio's `publish_async`."""
    try:
        import natsio  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  # it needs Python 3.13, and only this row needs it
    except ModuleNotFoundError as missing:
        raise NotMeasured("natsio is not installed: it needs Python 3.13") from missing

    async def run(url: str) -> Figures:
        client = await natsio.connect(url)
        context = client.jetstream(publish_async_max_pending=WINDOW, publish_async_stall_wait=STALL_S)

        async def publish(rank: int) -> object:
            return await context.publish_async(SUBJECT, PAYLOAD, headers={"Nats-Msg-Id": str(rank)})

        figures = await _published(publish, lambda: context.publish_async_complete(STALL_S), seconds)
        await client.close()
        return figures

    return _on_a_server(run, sync)


def _on_a_server(run: Callable[[str], Awaitable[Figures]], sync: str) -> Figures:
    async def on(url: str) -> Figures:
        await make_stream(url)
        return await run(url)

    with servers.nats(sync) as url:
        return uvloop.run(on(url))


async def _published(
    publish: Callable[[int], Awaitable[object]], complete: Callable[[], Awaitable[object]] | None, seconds: float
) -> Figures:
    """Publish until the time is over and all is acknowledged; the time that this takes counts, the warm-up as well."""
    loop = asyncio.get_running_loop()
    started, rank = loop.time(), 0
    clock = Clock(seconds)
    while clock.goes_on():
        await publish(rank)
        rank += 1
    if complete:
        await complete()
    return {"value": rank / (loop.time() - started), "messages": rank}


async def _check(context: Any, figures: Figures) -> None:  # noqa: ANN401  # the library's context has no common type
    stored = (await context.stream_info(STREAM)).state.messages
    if stored < figures["messages"]:
        raise RuntimeError(f"{stored} messages are stored of {figures['messages']:.0f}")
