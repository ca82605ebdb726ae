"""The metrics of one role, in the form that Prometheus reads. Their names and labels are all in this module.

A label is a view's name or a route, of which there are a known number; never a case, a citizen or an agent.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from msgspec import Struct
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import start_http_server
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE_LATEST", "COUNTED", "READINGS", "Meters", "Reading"]

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
PREFIX = "collectivilab_"
READINGS = {
    "ledger_position": "Position of the last event of the ledger.",
    "queue_length": "Commands handed in that are not answered yet.",
    "relay_position": "Position up to which the stream is a copy of the ledger; NaN when its server does not say.",
    "relay_lag": "Events of the ledger that the stream does not hold yet.",
    "view_position": "Position that a view reflects.",
    "view_lag": "Events of the ledger that a view does not reflect yet.",
    "audit_position": "Position up to which ledger, stream and views were compared.",
    "audit_findings": "Places where ledger, stream and views were found not to be the same.",
    "parked_events": "Events that a view set aside: it could not digest them, or one before them of the same case.",
}
COUNTED: dict[str, tuple[str, tuple[float, ...]]] = {
    "append_seconds": (
        "Time from handing in a command to its answer, which is durable.",
        (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
    ),
    "group_commands": ("Commands committed together.", (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024)),
}


class Reading(Struct, frozen=True):
    """What one gauge shows now; `name` is one of `READINGS`."""

    name: str
    value: float
    view: str | None = None


Read = Callable[[], Iterable[Reading]]


class Meters:
    """What one role counts, and what is read from it when somebody asks."""

    def __init__(self) -> None:
        """Begin at nothing, without a second series for the moment at which each began."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types
        self._registry = CollectorRegistry()

    def histogram(self, name: str) -> Histogram:
        """Begin to count what is one of `COUNTED`, once a process."""
        text, buckets = COUNTED[name]
        return Histogram(f"{PREFIX}{name}", text, buckets=buckets, registry=self._registry)

    def show(self, read: Read) -> None:
        """Show readings from now on, taken when somebody asks."""
        self._registry.register(_Readings(read))

    def exposition(self) -> bytes:
        """Return everything, with what Litestar and Python tell of the process."""
        return generate_latest(REGISTRY) + generate_latest(self._registry)

    def serve(self, port: int) -> None:
        """Answer on this machine only, from a thread, for as long as the process lives."""
        start_http_server(port, addr=LOOPBACK, registry=self._registry)


class _Readings(Collector):
    def __init__(self, read: Read) -> None:
        self._read = read

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Promise nothing: what is read now may not be there yet."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read, and leave out what cannot be read: the rest is worth having."""
        try:
            readings = sorted(self._read(), key=lambda reading: reading.name)
        except Exception:
            log.exception("Some metrics could not be read")
            return
        for name, of_name in groupby(readings, key=lambda reading: reading.name):
            yield _family(name, list(of_name))


def _family(name: str, readings: list[Reading]) -> GaugeMetricFamily:
    labels = ["view"] if readings[0].view else []
    family = GaugeMetricFamily(f"{PREFIX}{name}", READINGS[name], labels=labels)
    for reading in readings:
        family.add_metric([reading.view] if reading.view else [], reading.value)
    return family
