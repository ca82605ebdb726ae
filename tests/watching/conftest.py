"""What is watched here: a ledger, its relay and its views, with spans kept in memory."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ledger.api.app import create_app
from ledger.application import CaseLedger
from ledger.settings import Settings
from ledger.watched import WatchedLedger, open_ledger
from ledger.watching.http import HttpInstruments
from ledger.watching.instruments import Instruments
from ledger.watching.meters import Meters
from ledger.watching.traces import Tracing


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """Every span that has ended."""
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> Tracing:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Tracing(provider.get_tracer("tests"))


@pytest.fixture
def instruments(tracing: Tracing) -> Instruments:
    return Instruments(tracing=tracing, meters=Meters())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def ledger(settings: Settings, instruments: Instruments) -> Iterator[WatchedLedger]:
    with WatchedLedger(settings, instruments, on_commit=lambda _: None) as opened:
        yield opened


@pytest.fixture
def client(ledger: WatchedLedger, settings: Settings, instruments: Instruments) -> Iterator[TestClient[Litestar]]:
    """The write side, watched."""
    app = create_app(ledger, settings, nullcontext(), plugins=[HttpInstruments(instruments, "ledger")])
    with TestClient(app, base_url="http://127.0.0.1") as opened:
        opened.headers["content-type"] = "application/json"
        yield opened


@pytest.fixture
def serve_unwatched(settings: Settings) -> Iterator[TestClient[Litestar]]:
    """The write side as it is when nothing was asked for."""
    with (
        open_ledger(settings, Instruments(), on_commit=lambda _: None) as opened,
        TestClient(create_app(opened, settings, nullcontext()), base_url="http://127.0.0.1") as client,
    ):
        assert type(opened) is CaseLedger
        yield client
