import sys

import pytest

from ledger.settings import SettingsError, read_settings
from ledger.watching.asked import Asked, WatchingError, read_asked


def test_nothing_is_watched_unless_asked_for() -> None:
    assert read_asked({}) == Asked(json_logs=False, metrics=False, metrics_port=None, traces=None)
    assert (
        read_asked({"COLLECTIVILAB_METRICS": "off", "OTEL_TRACES_EXPORTER": "none", "OTEL_SERVICE_NAME": "x"})
        == Asked()
    )


def test_everything_may_be_asked_for() -> None:
    given = {
        "COLLECTIVILAB_LOGS": "json",
        "COLLECTIVILAB_METRICS": "on",
        "COLLECTIVILAB_METRICS_PORT": "9464",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
    }

    assert read_asked(given) == Asked(json_logs=True, metrics=True, metrics_port=9464, traces="otlp")
    assert read_settings(given).watching == read_asked(given)


def test_the_switch_of_the_library_turns_traces_off() -> None:
    given = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}

    assert read_asked(given).traces is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLLECTIVILAB_LOGS", "xml"),
        ("COLLECTIVILAB_METRICS", "yes"),
        ("COLLECTIVILAB_METRICS_PORT", "65536"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be .* not {value}"):
        read_settings({name: value})


def test_a_protocol_that_is_not_spoken_here_is_refused() -> None:
    given = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}

    with pytest.raises(WatchingError, match="OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf here, not grpc"):
        read_asked(given)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"COLLECTIVILAB_METRICS": "on"}, "prometheus_client"),
        ({"COLLECTIVILAB_METRICS_PORT": "9464"}, "prometheus_client"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "opentelemetry.sdk"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "opentelemetry.exporter.otlp.proto.http"),
    ],
)
def test_what_is_not_installed_is_said_with_the_way_out(
    given: dict[str, str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(WatchingError) as refused:
        read_asked(given)

    assert f"{missing} is not installed: install collectivilab[observability]" in str(refused.value)
