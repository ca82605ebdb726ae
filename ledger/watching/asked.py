"""What was asked to be watched, read from an environment, and refused at once where it cannot be done.

What else OpenTelemetry can be told (where to send, how much to sample, a name) its own library reads by itself.
"""

from collections.abc import Mapping
from importlib.util import find_spec

from msgspec import Struct

PORT_MAX = 65_535
EXPORTERS = ("otlp", "console", "none")
SETTINGS = ("COLLECTIVILAB_LOGS", "COLLECTIVILAB_METRICS", "COLLECTIVILAB_METRICS_PORT")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
_PROTOCOL = "http/protobuf"
_EXTRA = "collectivilab[observability]"


class WatchingError(ValueError):
    """What was asked to be watched cannot be."""


class Asked(Struct, frozen=True, kw_only=True):
    """What an operator wants to see of a role; `traces` is where to, `None` is nowhere."""

    json_logs: bool = False
    metrics: bool = False
    metrics_port: int | None = None
    traces: str | None = None

    @property
    def any_metrics(self) -> bool:
        """Tell whether anything is to be counted, wherever it is read."""
        return self.metrics or self.metrics_port is not None


def read_asked(environment: Mapping[str, str]) -> Asked:
    """Read what is to be watched.

    Raises:
        WatchingError: a value does not fit, or what it needs is not installed.
    """
    port = environment.get("COLLECTIVILAB_METRICS_PORT")
    asked = Asked(
        json_logs=_choice(environment, "COLLECTIVILAB_LOGS", ("text", "json")) == "json",
        metrics=_choice(environment, "COLLECTIVILAB_METRICS", ("off", "on")) == "on",
        metrics_port=_port(port) if port else None,
        traces=_exporter(environment),
    )
    if asked.any_metrics:
        _check_installed("prometheus_client", "Metrics were asked for")
    if asked.traces:
        _check_installed("opentelemetry.sdk", "Traces were asked for")
    if asked.traces == "otlp":
        _check_installed("opentelemetry.exporter.otlp.proto.http", "Traces were asked for")
    return asked


def _exporter(environment: Mapping[str, str]) -> str | None:
    named = environment.get("OTEL_TRACES_EXPORTER")
    exporter = named or ("otlp" if any(map(environment.get, _ENDPOINTS)) else "none")
    if exporter not in EXPORTERS:
        raise WatchingError(f"OTEL_TRACES_EXPORTER must be {' or '.join(EXPORTERS)} here, not {exporter}.")
    if exporter == "none" or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    for name in _PROTOCOLS:
        if environment.get(name, _PROTOCOL) != _PROTOCOL:
            raise WatchingError(f"{name} must be {_PROTOCOL} here, not {environment[name]}.")
    return exporter


def _choice(environment: Mapping[str, str], name: str, choices: tuple[str, str]) -> str:
    given = environment.get(name) or choices[0]
    if given not in choices:
        raise WatchingError(f"{name} must be {' or '.join(choices)}, not {given}.")
    return given


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(PORT_MAX)) and 1 <= int(text) <= PORT_MAX):
        raise WatchingError(f"COLLECTIVILAB_METRICS_PORT must be a whole number from 1 to {PORT_MAX}, not {text}.")
    return int(text)


def _check_installed(module: str, asked: str) -> None:
    try:
        found = find_spec(module)
    except ModuleNotFoundError:  # not even the package that would hold it
        found = None
    if found is None:
        raise WatchingError(f"{asked}, but {module} is not installed: install {_EXTRA}, or ask for none.")
