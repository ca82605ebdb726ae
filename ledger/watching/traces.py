"""Spans across the roles, by OpenTelemetry: a command, its append, its publication, its views.

Roles are tied together by the `traceparent` that each event carries. A span says what kind of work, of what size, at
which position; never who or what it was about. A page of events is one span, however many events it holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

LINKS_MAX = 32
"""A page names so many of the traces that its first events belong to, and no more."""
WAITING_MAX = 2_048
"""So many spans wait to be sent; more are dropped, and nothing waits for them."""
EXPORT_TIMEOUT_S = 2
_SAMPLED = 0x01
_Attributes = Mapping[str, str | int]


class Tracing:
    """Makes the spans of one role."""

    def __init__(self, tracer: "Tracer") -> None:
        """Make spans with a tracer of the library."""
        # The extra may not be installed: nothing of it is imported before it is asked for.
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        self._api = trace
        self._propagator = TraceContextTextMapPropagator()
        self._tracer = tracer

    def begin(self, name: str, traceparent: str | None) -> "Span":
        """Begin a span under the current one, else under a `traceparent`; who began it ends it, from any thread."""
        if self._api.get_current_span().get_span_context().is_valid:
            return self._tracer.start_span(name)
        return self._tracer.start_span(name, context=self._context(traceparent))

    @contextmanager
    def during(self, name: str, traceparent: str | None, attributes: _Attributes) -> Iterator["Span"]:
        """Keep a span current for as long as the context lasts."""
        with self._current(name, [traceparent] if traceparent else [], attributes) as span:
            yield span

    @contextmanager
    def page(self, name: str, traceparents: Iterable[str | None], attributes: _Attributes) -> Iterator[None]:
        """Keep the span of a page of events current: under the first of them that is traced, linked to others.

        A page of events of which none is traced has no span.
        """
        traced = dict.fromkeys(each for each in islice(traceparents, LINKS_MAX) if each and is_sampled(each))
        if not traced:
            yield
            return
        with self._current(name, list(traced), attributes):
            yield

    def trace_id(self) -> str | None:
        """Return the trace that is current."""
        context = self._api.get_current_span().get_span_context()
        return self._api.format_trace_id(context.trace_id) if context.is_valid else None

    def traceparent(self, span: "Span") -> str:
        """Return what ties later work to a span (W3C Trace Context)."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, self._api.set_span_in_context(span))
        return carrier["traceparent"]

    def _context(self, traceparent: str | None) -> "Context | None":
        return self._propagator.extract({"traceparent": traceparent}) if traceparent else None

    @contextmanager
    def _current(self, name: str, traceparents: list[str], attributes: _Attributes) -> Iterator["Span"]:
        parent, *others = [self._context(each) for each in traceparents] or [None]
        links = [self._api.Link(self._api.get_current_span(other).get_span_context()) for other in others]
        # The library would record the message of an error, which may quote what a citizen said.
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            links=links,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                mark_failed(span, error)
                raise


def is_sampled(traceparent: str) -> bool:
    """Tell whether anybody keeps the trace that a `traceparent` names."""
    try:
        return bool(int(traceparent[-2:], 16) & _SAMPLED)
    except ValueError:
        return False


def mark_failed(span: "Span", error: BaseException) -> None:
    """Mark the span of what met an error, by the error's kind alone."""
    from opentelemetry.trace import StatusCode  # noqa: PLC0415  # the same

    span.set_attribute("error.type", type(error).__qualname__)
    span.set_status(StatusCode.ERROR)


def open_tracing(role: str, exporter: str) -> Tracing:
    """Trace a role for as long as the process lives; what is not sent when it ends is sent then, for a bounded time."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415  # the same
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # the same

    named = {"service.name": f"collectivilab-{role}", "collectivilab.role": role}
    provider = TracerProvider(resource=Resource.create(named).merge(OTELResourceDetector().detect()))
    # All that waits goes in one request: a collector that is down must not keep a role from ending.
    provider.add_span_processor(
        BatchSpanProcessor(_exporter(exporter), max_queue_size=WAITING_MAX, max_export_batch_size=WAITING_MAX)
    )
    return Tracing(provider.get_tracer("collectivilab"))


def _exporter(name: str) -> "SpanExporter":
    if name == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415  # the same

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # the same

    return OTLPSpanExporter(timeout=EXPORT_TIMEOUT_S)
