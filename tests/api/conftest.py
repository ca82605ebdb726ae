"""The write side over a real ledger, the read side over real view files, and both on a real socket."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

import httpx
import msgspec
import pytest
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.api.app import create_app as create_write_app
from ledger.api.commands import ROUTES
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand, OpenCase
from ledger.domain.vocabulary import Channel
from ledger.publishing.feed import LogFeed
from ledger.settings import Settings
from projections import VIEWS
from projections.api import create_app as create_read_app
from projections.api import read_routes
from projections.engine.runner import Runner
from projections.live import Pace
from projections.reader import ViewReader
from projections.watch import Watch

HERE = "http://127.0.0.1:8421"
PAGE = 1_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", body_size_max_bytes=2_000_000)


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, settings: Settings) -> Iterator[CaseLedger]:
    """An empty ledger, on each store that needs no server."""
    with CaseLedger(settings, in_memory=request.param == "memory") as opened:
        yield opened


@pytest.fixture
def memory_ledger(settings: Settings) -> Iterator[CaseLedger]:
    """An empty ledger in memory, where the store makes no difference."""
    with CaseLedger(settings, in_memory=True) as opened:
        yield opened


@pytest.fixture
def serve_writing(settings: Settings) -> Iterator[Callable[[CaseLedger], TestClient[Litestar]]]:
    """Open the write side over a ledger, as often as wanted."""
    opened: list[TestClient[Litestar]] = []

    def serve(ledger: CaseLedger) -> TestClient[Litestar]:
        app = create_write_app(ledger, settings, nullcontext())
        client = TestClient(app, base_url=HERE)
        client.headers["content-type"] = "application/json"
        opened.append(client)
        return client.__enter__()

    yield serve
    for client in opened:
        client.__exit__()


@pytest.fixture
def client(ledger: CaseLedger, serve_writing: Callable[[CaseLedger], TestClient[Litestar]]) -> TestClient[Litestar]:
    """The write side, on each store."""
    return serve_writing(ledger)


@pytest.fixture
def memory_client(
    memory_ledger: CaseLedger, serve_writing: Callable[[CaseLedger], TestClient[Litestar]]
) -> TestClient[Litestar]:
    """The write side in memory, where the store makes no difference."""
    return serve_writing(memory_ledger)


def send_command(client: TestClient[Litestar], command: LedgerCommand, **headers: str) -> httpx.Response:
    path = next(path for path, kind in ROUTES if kind is type(command))
    address = re.sub(r"\{(\w+):str\}", lambda part: str(getattr(command, part[1])), path)
    return client.post(address, content=msgspec.json.encode(command), headers=headers)


@pytest.fixture
def send() -> Callable[..., httpx.Response]:
    """Send a command to its own route, with headers if wanted."""
    return send_command


@pytest.fixture
def post() -> Callable[..., httpx.Response]:
    """Send the fields of a body to an address."""

    def post(client: TestClient[Litestar], address: str, **fields: object) -> httpx.Response:
        return client.post(address, content=msgspec.json.encode(fields))

    return post


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    """One write side for all the tests in which nothing may be recorded; in the end nothing was."""
    settings = Settings(data=tmp_path_factory.mktemp("untouched"), body_size_max_bytes=2_000_000)
    with CaseLedger(settings, in_memory=True) as ledger:
        with TestClient(create_write_app(ledger, settings, nullcontext()), base_url=HERE) as client:
            client.headers["content-type"] = "application/json"
            yield client
        assert ledger.head() == 0


@pytest.fixture(scope="session")
def empty_views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    """One read side for all the tests that need no rows."""
    reader = ViewReader(tmp_path_factory.mktemp("views"))
    with TestClient(create_read_app([read_routes(reader, Watch())], nullcontext()), base_url=HERE) as client:
        yield client
    reader.close()


@pytest.fixture
def views(settings: Settings) -> Path:
    return settings.data / "views"


@pytest.fixture
def runner(views: Path) -> Iterator[Runner]:
    opened = Runner(VIEWS, views)
    yield opened
    opened.close()


@pytest.fixture
def fold(memory_ledger: CaseLedger, runner: Runner) -> Callable[[], int]:
    """Let every view catch up with the ledger; return the position reached."""
    feed, position = LogFeed(memory_ledger), 0

    def fold() -> int:
        nonlocal position
        while page := feed.read(position, PAGE):
            position = runner.fold(page)
        return position

    return fold


@pytest.fixture
def town(memory_ledger: CaseLedger, fold: Callable[[], int]) -> Callable[..., int]:
    """Let commands happen in a town that has a service, and every view catch up; return the position reached."""

    def happens(*asked: LedgerCommand) -> int:
        for command in asked:
            verdict = memory_ledger.execute(command, cast.stamp(command.occurred_at)).verdict
            assert verdict.refusal is None
        return fold()

    happens(commands.register_authority(), commands.publish_service())
    return happens


@pytest.fixture
def a_case() -> Callable[..., OpenCase]:
    """Name a case of that town, unlike those of other names."""

    def a_case(name: str, **changes: object) -> OpenCase:
        fresh = {
            "command_id": cast.command_id(name),
            "case_id": cast.identifier(f"case {name}"),
            "interaction_id": cast.identifier(f"first contact {name}"),
            "citizen": cast.identifier(f"citizen {name}"),
            "reference": name,
        }
        channel = Channel(str(changes.get("channel", "counter")))
        return replace(
            commands.open_case(),
            **{**fresh, "particulars": cast.particulars_of(channel), **changes, "channel": channel},
        )

    return a_case


@pytest.fixture
def reader(views: Path, runner: Runner) -> Iterator[ViewReader]:
    opened = ViewReader(views)
    yield opened
    opened.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pace() -> Pace:
    """Lively, so that no test waits long for what is to come."""
    return Pace(at_least_timeout_s=30.0, heartbeat_s=0.2, counters_every_s=0.05, listeners_max=3)


@pytest.fixture
def read_app(reader: ViewReader, watch: Watch, pace: Pace) -> Litestar:
    """The read side on its own."""
    return create_read_app([read_routes(reader, watch, pace)], nullcontext())


@pytest.fixture
def reading(read_app: Litestar) -> Iterator[TestClient[Litestar]]:
    """The read side, asked one question at a time."""
    with TestClient(read_app, base_url=HERE) as opened:
        yield opened


@pytest.fixture
def serve() -> Callable[[Litestar], AbstractAsyncContextManager[str]]:
    """Serve an application on a real socket of this machine, as in production."""

    @asynccontextmanager
    async def serve(app: Litestar) -> AsyncIterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:  # noqa: ASYNC110  # the server offers no event
                await asyncio.sleep(0.01)
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            finally:
                server.should_exit = True
                await serving

    return serve
