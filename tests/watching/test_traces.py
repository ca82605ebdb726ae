import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from labkit.controls import commands, events
from ledger.domain.record import Cause
from ledger.watched import WatchedLedger
from ledger.watching.traces import LINKS_MAX, Tracing, is_sampled

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{CALLER}-01"
Spans = Callable[[], dict[str, ReadableSpan]]


@pytest.fixture
def named(spans: InMemorySpanExporter) -> Spans:
    """The spans that have ended, by name; the last of a name."""
    return lambda: {span.name: span for span in spans.get_finished_spans()}


def _register(client: TestClient[Litestar], **headers: str) -> Any:
    asked = commands.register_authority()
    return client.post("/authorities", content=_body(asked), headers=headers)


def _body(command: object) -> bytes:
    return msgspec.json.encode(command)


def test_an_append_belongs_to_its_request_and_the_request_to_its_caller(
    client: TestClient[Litestar], named: Spans
) -> None:
    answer = _register(client, traceparent=TRACEPARENT)

    assert answer.status_code == 201
    request, append = named()["POST /authorities"], named()["append"]
    assert f"{request.context.trace_id:032x}" == f"{append.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == CALLER
    assert append.parent.span_id == request.context.span_id
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/authorities",
        "http.response.status_code": 201,
    }


def test_an_event_carries_the_span_of_its_append(
    client: TestClient[Litestar], ledger: WatchedLedger, named: Spans
) -> None:
    _register(client, traceparent=TRACEPARENT)

    (event,) = ledger.read(0, 10)
    assert event.metadata.traceparent == f"00-{TRACE}-{named()['append'].context.span_id:016x}-01"


def test_a_request_that_nobody_traces_begins_a_trace(client: TestClient[Litestar], named: Spans) -> None:
    _register(client)

    assert named()["POST /authorities"].parent is None


def test_commands_of_one_request_share_one_append(client: TestClient[Litestar], spans: InMemorySpanExporter) -> None:
    batch = [commands.register_authority(), commands.publish_service(), commands.open_case()]
    answer = client.post("/commands", content=_body(batch))

    assert answer.status_code == 200, answer.text
    (append,) = [span for span in spans.get_finished_spans() if span.name == "append"]
    assert append.attributes == {"ledger.commands": 3}


def test_a_name_is_a_route_and_never_an_address(client: TestClient[Litestar], named: Spans) -> None:
    refused = commands.forget_citizen()
    client.post(f"/citizens/{refused.citizen}/forgetting?q=Zebulon", content=_body(refused))

    assert "POST /citizens/{citizen}/forgetting" in named()
    assert all(str(refused.citizen) not in span.to_json() for span in named().values())


def test_what_reads_has_no_span(client: TestClient[Litestar], named: Spans) -> None:
    assert client.get("/ledger").status_code == 200
    assert named() == {}


def test_a_command_of_the_python_interface_goes_on_with_the_cause_it_is_given(
    ledger: WatchedLedger, named: Spans
) -> None:
    ledger.execute(commands.register_authority(), events.case_opened().stamp, Cause(traceparent=TRACEPARENT))
    ledger.execute_together([(commands.publish_service(), events.case_opened().stamp)], Cause(traceparent=TRACEPARENT))

    assert f"{named()['append'].parent.span_id:016x}" == CALLER
    assert {event.metadata.traceparent[:36] for event in ledger.read(0, 10)} == {f"00-{TRACE}-"}


def test_a_page_belongs_to_its_first_traced_event_and_names_a_bounded_number_of_others(
    tracing: Tracing, spans: InMemorySpanExporter
) -> None:
    others = (f"00-{number:032x}-{CALLER}-01" for number in range(1, 10_000))
    with tracing.page("publish", [None, TRACEPARENT, *others], {"ledger.position.first": 1}):
        pass

    (span,) = spans.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACE
    assert len(span.links) == LINKS_MAX - 2


def test_a_page_that_nobody_traces_has_no_span(tracing: Tracing, spans: InMemorySpanExporter) -> None:
    unsampled = f"00-{TRACE}-{CALLER}-00"
    with tracing.page("fold", [None, unsampled, None], {}):
        assert tracing.trace_id() is None

    assert not is_sampled(unsampled)
    assert not is_sampled("nonsense")
    assert spans.get_finished_spans() == ()


def test_a_failure_is_told_by_its_kind(tracing: Tracing, spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Zebulon"), tracing.during("work", None, {}):
        raise ValueError("Zebulon Marquis")

    (span,) = spans.get_finished_spans()
    assert span.attributes == {"error.type": "ValueError"}
    assert not span.status.is_ok
    assert "Zebulon" not in json.dumps(json.loads(span.to_json()))
