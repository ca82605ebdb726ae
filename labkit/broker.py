"""The embedded NATS server: the real one, from a wheel, on this machine only, with credentials of its own."""

import json
import os
import secrets
import shutil
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.integrators.accounts import LEDGER, accounts_of, ledger_exports
from ledger.access.registry import Integrator, Registry

LOOPBACK = "127.0.0.1"
OPERATOR = "OPERATOR"
PROGRAM = "nats-server"


class Credentials(Struct, frozen=True, kw_only=True):
    """Passwords of the three roles: one writes the stream, one only reads it, one has the server read its settings."""

    ledger: str
    reader: str
    operator: str


class Broker(Struct, frozen=True, kw_only=True):
    """How to start the server, and how each role reaches it."""

    command: list[str]
    url: str
    ledger_url: str
    reader_url: str


def prepare_broker(data: Path) -> Broker:
    """Write the server's configuration and credentials into a data directory, readable by its owner alone.

    Raises:
        AccessError: the list of integrators cannot be read.
    """
    home = data / "nats"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    credentials = _credentials(home / "credentials.json")
    port = _port_of(home / "server.conf")
    config = write_configuration(data, port)
    return Broker(
        command=[_program(), "--config", str(config)],
        url=f"nats://{LOOPBACK}:{port}",
        ledger_url=f"nats://ledger:{credentials.ledger}@{LOOPBACK}:{port}",
        reader_url=f"nats://reader:{credentials.reader}@{LOOPBACK}:{port}",
    )


def write_configuration(data: Path, port: int) -> Path:
    """Write what the server is to follow, with the integrators of now.

    Raises:
        AccessError: the list of integrators cannot be read.
    """
    home = data / "nats"
    config = home / "server.conf"
    credentials = _credentials(home / "credentials.json")
    _write_private(config, configuration(home / "jetstream", port, credentials, Registry(data).all()))
    return config


def stream_folder(data: Path, stream: str) -> Path:
    """Return where the embedded server keeps a stream of the ledger's account."""
    return data / "nats" / "jetstream" / "jetstream" / LEDGER / "streams" / stream


def reader_url(data: Path, server_url: str | None) -> str:
    """Return the address of a running embedded server with the credentials of those who only read."""
    return _url_of("reader", _credentials_of(data).reader, server_url)


def ledger_url(data: Path, server_url: str | None) -> str:
    """Return the address of a running embedded server with the credentials of those who write."""
    return _url_of("ledger", _credentials_of(data).ledger, server_url)


def operator_url(data: Path, server_url: str | None) -> str:
    """Return the address of a running embedded server with the credentials of who has it read its settings."""
    return _url_of("operator", _credentials_of(data).operator, server_url)


def _url_of(user: str, password: str, server_url: str | None) -> str:
    return f"nats://{user}:{password}@{(server_url or '').removeprefix('nats://')}"


def _credentials_of(data: Path) -> Credentials:
    return _credentials(data / "nats" / "credentials.json")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def configuration(store: Path, port: int, credentials: Credentials, integrators: list[Integrator]) -> str:
    """Return the configuration of a server: the ledger's account, the operator's, and one of each integrator."""
    reader = {
        "publish": [
            "$JS.API.INFO",
            "$JS.API.STREAM.INFO.LEDGER",
            "$JS.API.CONSUMER.CREATE.LEDGER",
            "$JS.API.CONSUMER.CREATE.LEDGER.>",
            "$JS.API.CONSUMER.INFO.LEDGER.*",
            "$JS.API.CONSUMER.MSG.NEXT.LEDGER.*",
            "$JS.API.CONSUMER.DELETE.LEDGER.*",
            "$JS.ACK.LEDGER.>",
            "$JS.FC.LEDGER.>",
            "hint.views",
        ],
        "subscribe": ["_INBOX.>", "hint.>"],
    }
    ledger = {
        "jetstream": "enabled",
        "users": [
            {"user": "ledger", "password": credentials.ledger},
            {"user": "reader", "password": credentials.reader, "permissions": reader},
        ],
        "exports": ledger_exports(),
    }
    config = {
        "host": LOOPBACK,
        "port": port,
        "max_payload": 4_194_304,
        "jetstream": {"store_dir": str(store), "max_memory_store": 67_108_864},
        "system_account": OPERATOR,
        "accounts": {
            LEDGER: ledger,
            OPERATOR: {"users": [{"user": "operator", "password": credentials.operator}]},
            **accounts_of(integrators),
        },
    }
    return json.dumps(config, indent=2) + "\n"


def _port_of(config: Path) -> int:
    """Return the port of the last run while nobody else took it: integrators were told where the server listens."""
    with suppress(OSError, ValueError, KeyError, TypeError), socket.socket() as probe:
        port = int(json.loads(config.read_text("utf-8"))["port"])
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
        return port
    return free_port()


def _credentials(path: Path) -> Credentials:
    kept: dict[str, str] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    missing = [role for role in Credentials.__struct_fields__ if role not in kept]
    if missing:
        kept |= {role: secrets.token_urlsafe(24) for role in missing}
        _write_private(path, msgspec.json.encode(kept).decode())
    return msgspec.convert(kept, Credentials)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _program() -> str:
    beside = Path(sys.executable).with_name(PROGRAM)
    return str(beside) if beside.exists() else shutil.which(PROGRAM) or PROGRAM
