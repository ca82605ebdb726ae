"""Three NATS servers on this machine that keep one stream: each can be killed, and started again where it was."""

import asyncio
import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import nats.errors

from labkit.broker import _program, free_port
from ledger.publishing.jetstream import STREAM, NatsUnreachable, connect

NAMES = ("north", "middle", "south")
HOST = "127.0.0.1"
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05


class Cluster:
    """The servers, by name, and which of them leads the stream."""

    user = ""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = {name: free_port() for name in NAMES}
        self.routes = {name: free_port() for name in NAMES}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """The address of all of them, as NATS_URL takes it."""
        return ",".join(f"nats://{self.user}{HOST}:{port}" for port in self.ports.values())

    def start(self) -> None:
        """Start all, and wait until they can keep a stream together."""
        for name in NAMES:
            self.start_one(name)
        asyncio.run(self._until_ready())

    def start_one(self, name: str) -> None:
        """Start one on the files that it has."""
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        file, environment = self.configure(name, folder)
        with (folder / "log").open("ab") as said:
            self._processes[name] = subprocess.Popen(
                [_program(), "--config", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, **environment},
            )

    def configure(self, name: str, folder: Path) -> tuple[Path, dict[str, str]]:
        """Write the configuration of one; return where, and what it takes from its environment."""
        config = {
            "server_name": name,
            "host": HOST,
            "port": self.ports[name],
            "max_payload": 4_194_304,
            "jetstream": {"store_dir": str(folder / "store"), "max_memory_store": 67_108_864},
            "cluster": {
                "name": "ledger",
                "host": HOST,
                "port": self.routes[name],
                "routes": [f"nats://{HOST}:{port}" for port in self.routes.values()],
            },
        }
        file = folder / "server.conf"
        file.write_text(json.dumps(config))
        return file, {}

    def kill(self, name: str) -> None:
        """End one as a power cut would."""
        self._processes[name].send_signal(signal.SIGKILL)
        self._processes[name].wait()

    def stop(self) -> None:
        """End all."""
        for name in self._processes:
            self.kill(name)

    async def leader(self) -> str:
        """Wait for the stream to have a leader that answers, and return its name."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(nats.errors.Error, NatsUnreachable, TimeoutError):
                client = await connect(self.url, "test")
                try:
                    info = await client.jetstream(timeout=1).stream_info(STREAM)
                    if info.cluster and info.cluster.leader:
                        return info.cluster.leader
                finally:
                    await client.close()
            await asyncio.sleep(LOOK_EVERY_S)
        raise TimeoutError("the stream has no leader")

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(nats.errors.Error, NatsUnreachable, TimeoutError):
                client = await connect(self.url, "test")
                try:
                    await client.jetstream(timeout=1).account_info()
                    return
                finally:
                    await client.close()
            await asyncio.sleep(LOOK_EVERY_S)
        raise TimeoutError("the servers do not find each other")
