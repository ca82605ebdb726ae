import math
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec import json

from labkit.auditing.continuous import AuditStatus
from labkit.auditing.durability import Acknowledgement
from labkit.broker import free_port
from labkit.controls import commands, events
from labkit.readings import SiteReadings
from labkit.status import LedgerPosition, SiteStatus, StreamStatus
from ledger.domain.record import Cause
from ledger.publishing.message import End, Message, PublishDoubt
from ledger.publishing.watched import WatchedStream
from ledger.settings import Settings
from ledger.watched import WatchedLedger
from ledger.watching.asked import Asked, WatchingError
from ledger.watching.instruments import Instruments, begin
from ledger.watching.meters import COUNTED, PREFIX, READINGS, Meters, Reading
from projections import VIEWS
from projections.reader import ViewReader, ViewStatus
from projections.readings import view_readings


def shown(text: str) -> dict[str, float]:
    """Every sample, by its name and labels."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def meters_of(instruments: Instruments) -> dict[str, float]:
    assert instruments.meters
    return shown(instruments.meters.exposition().decode())


def test_the_write_side_tells_where_it_stands_and_how_it_fares(client: TestClient[Litestar]) -> None:
    for command, path in [(commands.register_authority(), "/authorities"), (commands.open_case(), "/cases")]:
        client.post(path, content=json.encode(command))
    client.get("/nowhere/Zebulon")

    answer = client.get("/metrics")
    samples = shown(answer.text)

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert samples["collectivilab_ledger_position"] == 1
    assert samples["collectivilab_queue_length"] == 0
    assert samples["collectivilab_append_seconds_count"] == 2
    assert samples["collectivilab_group_commands_sum"] == 2
    assert any(name.startswith("collectivilab_http_requests_total{") and 'path="/cases"' in name for name in samples)


def test_a_label_is_a_route_and_never_an_address(client: TestClient[Litestar]) -> None:
    forget, assign = commands.forget_citizen(), commands.assign_case()
    client.post(f"/citizens/{forget.citizen}/forgetting", content=json.encode(forget))
    client.post(f"/cases/{assign.case_id}/assignment?who=Zebulon", content=json.encode(assign))
    client.get("/nowhere/Zebulon")

    text = client.get("/metrics").text

    assert 'path="/citizens/{citizen}/forgetting"' in text
    assert not any(told in text for told in (str(forget.citizen), str(assign.case_id), "Zebulon"))
    labels = set(re.findall(r"(\w+)=", "".join(re.findall(r"^collectivilab_\w*(\{.*?\}) ", text, re.MULTILINE))))
    assert labels == {"app_name", "le", "method", "path", "status_code"}


def test_a_method_that_somebody_made_up_is_not_counted_apart(client: TestClient[Litestar]) -> None:
    client.request("ZEBULON", "/cases")

    assert "ZEBULON" not in client.get("/metrics").text


def test_without_being_asked_for_there_is_no_such_page(
    settings: Settings, serve_unwatched: TestClient[Litestar]
) -> None:
    assert serve_unwatched.get("/metrics").status_code == 404


class _Stream:
    """A stream in memory, which may not answer."""

    def __init__(self) -> None:
        self.position = 0
        self.silent = False

    async def ensure(self) -> None:
        """Have it."""

    async def end(self) -> End:
        if self.silent:
            raise PublishDoubt("silent")
        return End(self.position)

    async def append(self, messages: list[Message]) -> None:
        self.position = messages[-1].position


async def test_the_relay_tells_how_far_the_stream_is_behind(ledger: WatchedLedger) -> None:
    ledger.execute(commands.register_authority(), events.case_opened().stamp, Cause())
    instruments, stream = Instruments(meters=Meters()), _Stream()
    relayed = WatchedStream(stream, ledger, instruments)

    assert math.isnan(meters_of(instruments)["collectivilab_relay_position"])
    await relayed.end()
    assert meters_of(instruments)["collectivilab_relay_lag"] == 1
    (event,) = ledger.read(0, 1)
    await relayed.append([Message(1, event.event_id, "ledger.a", b"{}")])
    assert meters_of(instruments)["collectivilab_relay_lag"] == 0
    stream.silent = True
    with pytest.raises(PublishDoubt):
        await relayed.end()
    assert math.isnan(meters_of(instruments)["collectivilab_relay_lag"])


async def test_the_site_tells_of_the_stream_and_of_the_views() -> None:
    async def status() -> SiteStatus:
        return SiteStatus(
            ledger=LedgerPosition(10),
            stream=StreamStatus(position=0, reachable=False),
            views=[ViewStatus(name="inbox", position=7, parked=2)],
            audit=AuditStatus(checked=6),
            acknowledgement=Acknowledgement(store="sqlite", ledger="disk", stream="unknown"),
            version="2026.11.0",
        )

    readings = SiteReadings(status)
    assert readings.read() == []
    await readings.refresh()
    told = {(reading.name, reading.view): reading.value for reading in readings.read()}

    assert math.isnan(told.pop(("relay_position", None)))
    assert math.isnan(told.pop(("relay_lag", None)))
    of_the_inbox = {("view_position", "inbox"): 7, ("view_lag", "inbox"): 3, ("parked_events", "inbox"): 2}
    assert told == {**of_the_inbox, ("audit_position", None): 6, ("audit_findings", None): 0}


def test_every_view_is_told_of(tmp_path: Path) -> None:
    instruments = Instruments(meters=Meters())
    assert instruments.meters
    reader = ViewReader(tmp_path / "views")
    instruments.meters.show(lambda: view_readings(reader))

    samples = meters_of(instruments)

    assert {f'{PREFIX}view_position{{view="{view.name}"}}' for view in VIEWS} <= set(samples)
    reader.close()


def test_what_cannot_be_read_is_left_out_and_the_rest_is_told() -> None:
    def failing() -> list[Reading]:
        raise OSError("Zebulon")

    instruments = Instruments(meters=Meters())
    assert instruments.meters
    instruments.meters.show(failing)
    instruments.meters.show(lambda: [Reading("ledger_position", 3)])

    assert meters_of(instruments)["collectivilab_ledger_position"] == 3


def test_a_role_without_http_answers_on_a_port_and_says_when_it_is_taken() -> None:
    port, meters = free_port(), Meters()
    meters.show(lambda: [Reading("relay_lag", 3)])
    meters.serve(port)

    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert shown(answer.read().decode())["collectivilab_relay_lag"] == 3
    with pytest.raises(WatchingError, match=f"at port {port} "):
        begin("relay", Asked(metrics_port=port))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_metric_is_documented(language: str) -> None:
    page = Path("docs", language, "guides", "watching.md").read_text(encoding="utf-8")

    assert all(f"`{PREFIX}{name}`" in page for name in (*READINGS, *COUNTED))
