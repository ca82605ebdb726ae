"""The running NATS server follows a change of integrators at once, open connections included.

The server is asked by its operator to read its settings again, and answers when it has. A server that is not ours
follows when its own operator says so: they get the accounts as a file to include.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import nats.errors
from msgspec import Struct

from labkit.broker import ledger_url, operator_url, write_configuration
from labkit.integrators.accounts import accounts_of
from labkit.integrators.failures import ServerNotReloaded
from ledger.access.registry import Registry
from ledger.publishing.copies import Copy
from ledger.publishing.epochs import Epochs, read_epochs
from ledger.publishing.jetstream import Client, LedgerStream, NatsUnreachable, PublishDoubt, connect

PATIENCE_S = 5.0
INCLUDED = "integrators.conf"


class _Server(Struct):
    id: str


class _About(Struct):
    server: _Server
    error: dict[str, object] | None = None


class RunningServer:
    """The embedded server of a data directory, while it runs."""

    def __init__(self, data: Path, url: str) -> None:
        """Address it where the instance says that it listens."""
        self._data = data
        self._url = url

    def follow(self) -> None:
        """Have it read its settings again: who was let in may come, who was not is put out.

        Raises:
            ServerNotReloaded: it does not answer, or refuses.
        """
        write_configuration(self._data, int(self._url.rpartition(":")[2]))
        self._do(operator_url(self._data, self._url), _reload)

    def copy(self, copy: Copy) -> None:
        """Make the stream that an integrator reads.

        Raises:
            ServerNotReloaded: the server does not answer, or refuses.
        """
        self._do(ledger_url(self._data, self._url), lambda client: _copied(client, copy, read_epochs(self._data)))

    def drop(self, stream: str) -> None:
        """Delete the stream that an integrator read.

        Raises:
            ServerNotReloaded: the server does not answer.
        """
        self._do(ledger_url(self._data, self._url), lambda client: LedgerStream(client).drop_copy(stream))

    def _do(self, url: str, ask: Callable[[Client], Awaitable[None]]) -> None:
        async def done() -> None:
            client = await connect(url, "labkit-integrator")
            try:
                await ask(client)
            finally:
                await client.close()

        try:
            asyncio.run(done())
        except (NatsUnreachable, PublishDoubt, nats.errors.Error, TimeoutError) as error:
            raise ServerNotReloaded(reason=error) from error


async def _copied(client: Client, copy: Copy, epochs: Epochs) -> None:
    stream = LedgerStream(client, epochs=epochs)
    await stream.ensure()
    await stream.ensure_copy(copy)


async def _reload(client: Client) -> None:
    about = await client.request("$SYS.REQ.SERVER.PING", b"", timeout=PATIENCE_S)
    server = msgspec.json.decode(about.data, type=_About).server.id
    # Twice: the first time it makes a new account, and only the second time what that account imports (2.15).
    for _ in range(2):
        answer = await client.request(f"$SYS.REQ.SERVER.{server}.RELOAD", b"", timeout=PATIENCE_S)
        refused = msgspec.json.decode(answer.data, type=_About).error
        if refused:
            raise PublishDoubt(str(refused.get("description", "the server refuses its settings")))


def write_for_operator(data: Path) -> Path:
    """Write the accounts of the integrators for the configuration of a server that is not ours."""
    file = data / "nats" / INCLUDED
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts = accounts_of(Registry(data).all())
    # What is included goes among the members of an object, so it is one without its braces.
    members = msgspec.json.encode(accounts).decode().removeprefix("{").removesuffix("}")
    file.write_text(f"{members}\n", encoding="utf-8")
    return file
