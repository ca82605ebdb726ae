"""A receiver that does as it is told, a log with some cases in it, and a clock that runs as fast as one likes."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from time import sleep
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from labkit.controls import cast
from labkit.integrators.credentials import fresh_secrets, integrator_of
from ledger.access.grants import Grant
from ledger.access.registry import Registry
from ledger.domain.identifiers import CommandId
from ledger.domain.record import EventMetadata, LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.webhooks.database import open_database
from ledger.webhooks.endpoints import Endpoint, Endpoints
from ledger.webhooks.outbox import DeadLetter, Outbox, Tally
from ledger.webhooks.sender import Sender
from ledger.webhooks.signature import check, key_of, secret_of

SOURCE = "https://ledger.test"
SECRET = secret_of(bytes(range(32)))
BEGIN = datetime(2026, 11, 22, 8, tzinfo=UTC)
TURNS_MAX = 20_000
HANG = -1


def logged(position: int, about: str | None = None, **changed: Any) -> LoggedEvent:
    """An event of a case, or of a citizen; the receiver only sees that it is published."""
    metadata = EventMetadata(
        authority=cast.PAU,
        service="voirie",
        channel=Channel.WEB,
        subject=None if about is None else UUID(about),
        occurred_at=BEGIN,
        recorded_at=BEGIN,
        command_id=CommandId(UUID(int=position)),
    )
    tag = changed.pop("tag", "interaction-recorded.v1")
    fresh = replace(metadata, **changed)
    return LoggedEvent(position, UUID(int=10_000 + position), tag, fresh, b'{"n":%d}' % position)


class ListedLog:
    """A log in a list."""

    def __init__(self) -> None:
        self.events: list[LoggedEvent] = []

    def add(self, about: str | None = None, **changed: Any) -> LoggedEvent:
        self.events.append(logged(len(self.events) + 1, about, **changed))
        return self.events[-1]

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        return self.events[after : after + limit]

    def head(self) -> int:
        return len(self.events)


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Seen(msgspec.Struct):
    """One attempt as the receiver saw it."""

    event_id: str
    at: datetime
    event: dict[str, Any]
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def case(self) -> str | None:
        case: str | None = self.event.get("subject")
        return case

    @property
    def position(self) -> int:
        return int(self.event["sequence"])


class Receiver:
    """A server of its own; `answer` says what to make of each event, by its position."""

    def __init__(self, clock: Clock) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[dict[str, Any]], int] = lambda _: 204
        self.secret = SECRET
        self._clock, self._lock = clock, Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks?who=kiosk"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        check(headers, body, keys=[key_of(self.secret)], now=self._clock.now)
        event = msgspec.json.decode(body)
        with self._lock:
            status = self.answer(event)
            self.seen.append(Seen(headers["webhook-id"], self._clock.now, event, headers, body, status))
        if status == HANG:
            sleep(0.3)
            return
        handler.send_response(status)
        if status // 100 == 3:
            handler.send_header("Location", self.url)
        handler.end_headers()
        handler.wfile.write(b"x" * 100_000 if status == 200 else b"")

    def accepted(self) -> list[Seen]:
        return [each for each in self.seen if each.status // 100 == 2]

    def attempts(self, event: LoggedEvent) -> list[Seen]:
        return [each for each in self.seen if each.event_id == str(event.event_id)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Post:
    """The whole of it: a log, endpoints, and a sender that works when it is told to."""

    def __init__(self, data: Path, receiver: Receiver, clock: Clock) -> None:
        self.data, self.receiver, self.clock, self.log = data, receiver, clock, ListedLog()
        self.registry = Registry(data)
        self.database = open_database(data)
        self.endpoints, self.outbox = Endpoints(self.database), Outbox(self.database)

    def let_in(self, name: str = "kiosk", grant: Grant | None = None) -> None:
        self.registry.add(integrator_of(name, grant or Grant(authority=cast.PAU), fresh_secrets(), self.clock.now))

    def add(self, name: str = "kiosk", *, url: str | None = None, grant: Grant | None = None, after: int = 0) -> None:
        self.let_in(name, grant)
        integrator = self.registry.get(name)
        self.endpoints.add(integrator, url or self.receiver.url, secret=SECRET, after=after, at=self.clock.now)

    def endpoint(self, name: str = "kiosk") -> Endpoint:
        return self.endpoints.get(name)

    def tally(self, name: str = "kiosk") -> Tally:
        return self.outbox.tally(self.endpoint(name))

    def dead(self, name: str = "kiosk") -> list[DeadLetter]:
        return self.outbox.dead(self.endpoint(name))

    def sender(self, timeout_s: float = 5.0) -> Sender:
        return Sender(
            self.log,
            self.database,
            registry=self.registry,
            source=SOURCE,
            clock=self.clock,
            timeout_s=timeout_s,
        )

    def deliver(self, timeout_s: float = 5.0) -> None:
        """Deliver until nothing is due at this moment."""
        run(self._settle(timeout_s))

    async def _settle(self, timeout_s: float) -> None:
        sender = self.sender(timeout_s)
        for _ in range(TURNS_MAX):
            if not await sender.turn(0.002):
                return
        raise AssertionError("it never ends")

    def live(self, **for_at_most: float) -> None:
        """Deliver, and let time pass to the next attempt, until nothing is due within that time."""
        end = self.clock.now + timedelta(**for_at_most)
        for _ in range(TURNS_MAX):
            self.deliver()
            due = [self.outbox.tally(each).next_at for each in self.endpoints.all() if each.off_at is None]
            later = [moment for moment in due if moment is not None and moment <= end]
            if not later:
                return
            self.clock.now = max(self.clock.now, min(later))
        raise AssertionError("it never ends")


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)
