"""What each address of the site takes and answers, for programs: one row an address.

Pages for people are no part of it. A test compares these rows with the routes of the running site.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from labkit.contract.refusing import refusals_of
from labkit.contract.shapes import BATCH, INBOX_PAGE, PARKED_PAGE, TIMELINE_PAGE, VIEWS
from ledger.api.commands import ROUTES
from ledger.api.log import LogAsked
from ledger.domain.commands import Command
from projections.asking import EventsAsked, InboxAsked, NothingAsked, OverviewAsked, TimelineAsked

JSON, EVENT_STREAM = "application/json", "text/event-stream"

_WHATEVER = ("bad-request", "foreign-host", "defect")
_COMMANDING = ("malformed-json", "not-json", "invalid-header", "invalid-command", "too-large")
_KEEPING = ("disk-full", "busy", "store-unavailable")
_ASKING = ("unknown-parameter", "bad-parameter")


class Answer(Struct, frozen=True, kw_only=True):
    """One answer that is no problem: `shape` names a component, none is a document or a stream."""

    said: str = "given"
    shape: str | None = None
    media_type: str | None = JSON
    headers: tuple[str, ...] = ()


class Operation(Struct, frozen=True, kw_only=True):
    """One method at one address."""

    name: str
    room: str
    path: str
    answers: dict[int, Answer]
    problems: tuple[str, ...] = ()
    method: str = "get"
    command: type[Command] | None = None
    body: str | None = None
    query: type[Struct] = NothingAsked
    headers: tuple[str, ...] = ()
    for_integrators: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the code of every problem that may be the answer."""
        missing = ("not-found",) if "{" in self.path else ()
        return tuple(dict.fromkeys((*self.problems, *missing, *_WHATEVER)))

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names of what the address itself says."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


def operations() -> tuple[Operation, ...]:
    """Return all of them."""
    return (*_commands(), *_VIEWS, *_LOG, *_CONTRACT)


def _commands() -> Iterator[Operation]:
    positioned = ("Ledger-Position",)
    headers = ("Agent", "Correlation-Id", "traceparent")
    for path, kind in ROUTES:
        yield Operation(
            name=str(kind.__struct_config__.tag),
            room="commands",
            path=path.replace(":str}", "}"),
            method="post",
            command=kind,
            headers=headers,
            answers={
                201: Answer(said="taken", shape="Receipt", headers=positioned),
                200: Answer(said="unchanged", shape="Receipt", headers=positioned),
            },
            problems=(*refusals_of(kind), *_COMMANDING, "contradicting-path", *_KEEPING),
        )
    yield Operation(
        name="commands",
        room="commands",
        path="/commands",
        method="post",
        body=BATCH,
        headers=headers,
        answers={200: Answer(shape="BatchReceipt", headers=positioned)},
        problems=(*_COMMANDING, *_KEEPING),
    )


def _document(name: str, path: str) -> Operation:
    kept = ("ETag", "Cache-Control")
    return Operation(
        name=name,
        room="contract",
        path=path,
        headers=("If-None-Match",),
        answers={200: Answer(headers=kept), 304: Answer(said="known", media_type=None, headers=kept)},
    )


_VIEWS = (
    Operation(
        name="views",
        room="views",
        path="/views",
        answers={200: Answer(shape=VIEWS)},
        problems=("unknown-parameter",),
    ),
    Operation(
        name="overview",
        room="views",
        path="/views/overview",
        query=OverviewAsked,
        answers={200: Answer(shape="Overview")},
        problems=(*_ASKING, "view-behind"),
    ),
    Operation(
        name="timeline",
        room="views",
        path="/views/timeline",
        query=TimelineAsked,
        answers={200: Answer(shape=TIMELINE_PAGE)},
        problems=(*_ASKING, "bad-cursor", "view-behind"),
    ),
    Operation(
        name="inbox",
        room="views",
        path="/views/{inbox}",
        query=InboxAsked,
        answers={200: Answer(shape=INBOX_PAGE)},
        problems=(*_ASKING, "bad-cursor", "unknown-view", "view-behind"),
    ),
    Operation(
        name="parked",
        room="views",
        path="/views/{name}/parked",
        answers={200: Answer(shape=PARKED_PAGE)},
        problems=("unknown-parameter", "unknown-view"),
    ),
    Operation(
        name="events",
        room="views",
        path="/events",
        query=EventsAsked,
        headers=("Last-Event-ID",),
        answers={200: Answer(media_type=EVENT_STREAM, headers=("Cache-Control",))},
        problems=(*_ASKING, "bad-event-id", "too-many-listeners"),
    ),
    Operation(
        name="ledger",
        room="views",
        path="/ledger",
        answers={200: Answer(shape="LedgerStatus")},
        problems=("store-unavailable",),
    ),
    Operation(name="health-live", room="views", path="/health/live", answers={200: Answer(shape="Alive")}),
    Operation(
        name="health-ready",
        room="views",
        path="/health/ready",
        answers={200: Answer(shape="Ready")},
        problems=("not-ready",),
    ),
    Operation(
        name="status",
        room="views",
        path="/status",
        answers={200: Answer(shape="SiteStatus")},
        problems=("store-unavailable",),
    ),
)
_LOG = (
    Operation(
        name="log",
        room="log",
        path="/log",
        query=LogAsked,
        answers={200: Answer(shape="LogPage", headers=("Ledger-Position", "Cache-Control"))},
        problems=("no-token", "unknown-token", "invalid-query", "store-unavailable"),
        for_integrators=True,
    ),
    Operation(
        name="log-stream",
        room="log",
        path="/log/stream",
        query=LogAsked,
        headers=("Last-Event-ID",),
        answers={200: Answer(media_type=EVENT_STREAM, headers=("Cache-Control",))},
        problems=(
            "no-token",
            "unknown-token",
            "invalid-query",
            "invalid-header",
            "too-many-streams",
            "store-unavailable",
        ),
        for_integrators=True,
    ),
)
_CONTRACT = (
    _document("openapi", "/openapi.json"),
    _document("asyncapi", "/asyncapi.json"),
    _document("schema", "/schemas/{name}"),
    Operation(name="problem", room="contract", path="/problems/{code}", answers={200: Answer(shape="Problem")}),
)
