"""The files of the deployment guide, as far as they can be tried here: NATS servers run on them, systemd reads them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nats
import nats.errors
import pytest
import yaml

from ledger.publishing.jetstream import LedgerStream, connect
from ledger.settings import read_settings
from tests.scale.cluster import HOST, NAMES, Cluster

FILES = Path(__file__).parents[2] / "docs" / "assets" / "deploy"
ROLES = {"ledger serve", "ledger relay", "ledger webhooks", "projections run", "projections serve"}
SETTING = re.compile(r"^(?:# )?([A-Z_]+)=(\S+)$", re.MULTILINE)
PASSWORD = "CHANGE-ME"
NOT_INSTALLED = re.compile(r"Command \S+ is not executable")


class ReadyCluster(Cluster):
    """Three servers on the file of the guide, at addresses of this machine."""

    user = f"ledger:{PASSWORD}@"

    def configure(self, name: str, folder: Path) -> tuple[Path, dict[str, str]]:
        for file in ("cluster.conf", "accounts.conf"):
            text = (FILES / "nats" / file).read_text().replace("0.0.0.0", HOST).replace("/var/lib/nats", str(folder))
            text = text.replace("port: 4222", f"port: {self.ports[name]}")
            (folder / file).write_text(text.replace("port: 6222", f"port: {self.routes[name]}"))
        environment = settings_of("nats.env") | {"SERVER_NAME": name}
        for other in NAMES:
            environment[f"ROUTE_{other.upper()}"] = f"nats://route:{PASSWORD}@{HOST}:{self.routes[other]}"
        return folder / "cluster.conf", environment


def settings_of(name: str) -> dict[str, str]:
    """What an environment file sets, and what it shows behind a #."""
    return dict(SETTING.findall((FILES / "systemd" / name).read_text()))


@pytest.fixture
def ready_cluster(tmp_path: Path) -> Iterator[ReadyCluster]:
    servers = ReadyCluster(tmp_path)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


async def may_write(address: str) -> bool:
    """Whether a client of that address gets a message into the stream."""
    client = await nats.connect(address, error_cb=quiet)
    try:
        await client.jetstream().publish("ledger.a.b.c.d", b"{}", timeout=0.5)
    except nats.errors.Error:
        return False
    else:
        return True
    finally:
        await client.close()


async def quiet(_: Exception) -> None:
    """Leave a refused publication to who waits for its acknowledgement."""


async def test_three_servers_on_the_ready_file_keep_the_stream_and_let_readers_only_read(
    ready_cluster: ReadyCluster,
) -> None:
    client = await connect(ready_cluster.url, "relay", attempts=20, wait_s=0.1)
    await LedgerStream(client, replicas=3).ensure()
    kept = (await client.jetstream().stream_info("LEDGER")).config.num_replicas
    await client.close()
    address = f"{HOST}:{ready_cluster.ports['south']}"

    assert kept == 3
    assert not await may_write(f"nats://reader:{PASSWORD}@{address}")
    assert await may_write(f"nats://ledger:{PASSWORD}@{address}")


def test_the_environment_files_hold_settings_that_there_are() -> None:
    ledger, views = (settings_of(name) for name in ("ledger.env", "views.env"))

    assert read_settings(ledger).stream_replicas == 3
    assert views.keys() == {"NATS_URL", "DATABASE_URL"}
    assert len({ledger["DATABASE_URL"], ledger["KEYS_DATABASE_URL"], views["DATABASE_URL"]}) == 3


def test_units_and_containers_run_every_role_and_no_other() -> None:
    units = [path.read_text() for path in (FILES / "systemd").glob("collectivilab-*.service")]
    services = yaml.safe_load((FILES / "containers" / "compose.yaml").read_text())["services"].values()

    assert {" ".join(re.findall(r"^ExecStart=\S+ -m (\w+) (\w+)", unit, re.MULTILINE)[0]) for unit in units} == ROLES
    assert {" ".join(service["command"][:2]) for service in services if "command" in service} == ROLES


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_reads_the_units_without_complaint(tmp_path: Path) -> None:
    units = shutil.copytree(FILES / "systemd", tmp_path / "units")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units.glob("*.service")],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"},
        timeout=60,
    )

    said = checked.stderr.splitlines()
    assert [
        line for line in said if str(units) in line or ("collectivilab" in line and not NOT_INSTALLED.search(line))
    ] == []
