"""The embedded NATS server: the real one, from a wheel, on this machine only, with credentials of its own."""

import json
import os
import secrets
import shutil
import socket
import stat
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

LOOPBACK = "127.0.0.1"
PROGRAM = "nats-server"


class Credentials(Struct, frozen=True, kw_only=True):
    """Passwords of the two roles: one writes the stream, one only reads it."""

    ledger: str
    reader: str


class Broker(Struct, frozen=True, kw_only=True):
    """How to start the server, and how each role reaches it."""

    command: list[str]
    url: str
    ledger_url: str
    reader_url: str


def prepare_broker(data: Path) -> Broker:
    """Write the server's configuration and credentials into a data directory, readable by its owner alone."""
    home = data / "nats"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    credentials = _credentials(home / "credentials.json")
    port = free_port()
    config = home / "server.conf"
    _write_private(config, _configuration(home / "jetstream", port, credentials))
    return Broker(
        command=[_program(), "--config", str(config)],
        url=f"nats://{LOOPBACK}:{port}",
        ledger_url=f"nats://ledger:{credentials.ledger}@{LOOPBACK}:{port}",
        reader_url=f"nats://reader:{credentials.reader}@{LOOPBACK}:{port}",
    )


def reader_url(data: Path, server_url: str | None) -> str:
    """Return the address of a running embedded server with the credentials of those who only read."""
    address = (server_url or "").removeprefix("nats://")
    return f"nats://reader:{_credentials(data / 'nats' / 'credentials.json').reader}@{address}"


def ledger_url(data: Path, server_url: str | None) -> str:
    """Return the address of a running embedded server with the credentials of those who write."""
    address = (server_url or "").removeprefix("nats://")
    return f"nats://ledger:{_credentials(data / 'nats' / 'credentials.json').ledger}@{address}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _configuration(store: Path, port: int, credentials: Credentials) -> str:
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
    config = {
        "host": LOOPBACK,
        "port": port,
        "max_payload": 4_194_304,
        "jetstream": {"store_dir": str(store), "max_memory_store": 67_108_864},
        "authorization": {
            "users": [
                {"user": "ledger", "password": credentials.ledger},
                {"user": "reader", "password": credentials.reader, "permissions": reader},
            ]
        },
    }
    return json.dumps(config, indent=2) + "\n"


def _credentials(path: Path) -> Credentials:
    if not path.exists():
        made = Credentials(ledger=secrets.token_urlsafe(24), reader=secrets.token_urlsafe(24))
        _write_private(path, msgspec.json.encode(made).decode())
    return msgspec.json.decode(path.read_bytes(), type=Credentials)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _program() -> str:
    beside = Path(sys.executable).with_name(PROGRAM)
    return str(beside) if beside.exists() else shutil.which(PROGRAM) or PROGRAM
