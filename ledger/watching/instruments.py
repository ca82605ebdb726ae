"""What one role is watched with: its logs are set up, and its traces and metrics are there or `None`."""

import logging
from typing import TYPE_CHECKING

from ledger.watching.asked import Asked, WatchingError
from ledger.watching.logs import set_up_logs
from ledger.watching.traces import Tracing, open_tracing

if TYPE_CHECKING:
    from ledger.watching.meters import Meters


class Instruments:
    """The traces and metrics of one role, each `None` unless it was asked for."""

    def __init__(self, *, tracing: Tracing | None = None, meters: "Meters | None" = None) -> None:
        """Take what there is."""
        self.tracing = tracing
        self.meters = meters


def begin(role: str, asked: Asked, *, level: int = logging.INFO) -> Instruments:
    """Set up the logs of this process, and watch it as asked.

    Raises:
        WatchingError: something else listens where metrics are to be read.
    """
    tracing = open_tracing(role, asked.traces) if asked.traces else None
    where = {"trace_id": tracing.trace_id} if tracing else {}
    set_up_logs(role, json=asked.json_logs, level=level, **where)
    return Instruments(tracing=tracing, meters=_meters(asked.metrics_port) if asked.any_metrics else None)


def _meters(port: int | None) -> "Meters":
    # The extra may not be installed: nothing of it is imported before it is asked for.
    from ledger.watching.meters import Meters  # noqa: PLC0415

    meters = Meters()
    if port:
        try:
            meters.serve(port)
        except OSError as error:
            raise WatchingError(f"Metrics cannot be read at port {port} of this machine ({error.strerror}).") from error
    return meters
