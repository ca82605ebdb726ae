"""What the tests of the laboratory share: a small instance in memory, and the real data where they are."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import msgspec
import pytest

from ledger.domain.case import State, evolve
from ledger.domain.citizen import Citizen
from ledger.domain.commands import ForgetCitizen, LedgerCommand
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.errors import Refusal
from ledger.domain.events import CaseOpened, LedgerEvent, Stamp, tag_of
from ledger.domain.identifiers import authority_stream

SHARED = Path(__file__).parents[2].parent / "shared"


class QuietServer(ThreadingHTTPServer):
    """A server that takes a lost connection for what it is: a part of the test."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


class FakeInstance:
    """The routes that `labkit` calls, over the real rules and a list of events."""

    def __init__(self) -> None:
        self.events: list[LedgerEvent] = []
        self.states: dict[UUID, State] = {}
        self.done: dict[UUID, str] = {}
        self.requests: list[list[LedgerCommand]] = []
        self.agents: list[str] = []
        self.lose_answers = 0
        self.answer_with: list[tuple[int, dict[str, object]]] = []
        self._one_at_a_time = threading.Lock()
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def submit(self, command: LedgerCommand) -> dict[str, object]:
        """Decide one command, as the ledger does, and say what became of it."""
        with self._one_at_a_time:
            return self._submit(command)

    def _submit(self, command: LedgerCommand) -> dict[str, object]:
        answer: dict[str, object] = {"command_id": command.command_id, "problem": None}
        if command.command_id in self.done:
            known = {"status": self.done[command.command_id], "repeated": True}
            return {**answer, **known, "position": len(self.events)}
        read = authority_read_by(command)
        authority = self.states.get(authority_stream(read)) if read else None
        state = self.states.get(command.stream_id)
        if isinstance(command, ForgetCitizen):
            state = state or Citizen(ref=command.citizen)
        try:
            events = decide(command, state, Stamp(by="test", recorded_at=datetime.now(UTC)), authority)
        except Refusal as refusal:
            problem = {"type": f"/problems/{refusal.code}", "title": refusal.code, "detail": str(refusal)}
            return {**answer, "status": "refused", "position": len(self.events), "problem": problem}
        for event in events:
            self.states[command.stream_id] = evolve(self.states.get(command.stream_id), event)
            self.events.append(event)
        status = self.done[command.command_id] = "accepted" if events else "unchanged"
        return {**answer, "status": status, "position": len(self.events)}

    def entries(self, chosen: Callable[[LedgerEvent], bool] = lambda _: True) -> list[dict[str, object]]:
        """Return events as the timeline shows them."""
        return [
            {
                "position": position,
                "event_id": UUID(int=position),
                "event": tag_of(event),
                "case_id": getattr(event, "case_id", None),
                "channel": getattr(event, "channel", None) or "internal",
                "occurred_at": event.occurred_at,
                "data": event,
            }
            for position, event in enumerate(self.events, start=1)
            if chosen(event)
        ]


def _handler(instance: FakeInstance) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            match parts.path:
                case "/status":
                    position = len(instance.events)
                    views = [{"name": "inbox", "position": position}]
                    whole = {"ledger": {"position": position}, "stream": {"position": position}, "views": views}
                    self._answer(whole)
                case "/events":
                    self._stream(int(asked["since"]))
                case "/views/timeline":
                    self._page(asked)
                case "/views/inbox":
                    found = instance.entries(
                        lambda event: isinstance(event, CaseOpened) and event.reference == asked["reference"]
                    )
                    rows = [{"case_id": row["case_id"], "reference": asked["reference"]} for row in found]
                    self._answer({"rows": rows, "cursor": None})
                case _:
                    self._answer({"detail": "nothing here"}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            instance.agents.append(self.headers["Agent"])
            if instance.answer_with:
                status, problem = instance.answer_with.pop(0)
                self._answer(problem, status)
                return
            if self.path == "/commands":
                commands = msgspec.json.decode(body, type=list[LedgerCommand])
                instance.requests.append(commands)
                results = [instance.submit(command) for command in commands]
                answer: dict[str, object] = {"position": len(instance.events), "results": results}
            else:
                citizen = UUID(self.path.split("/")[2])
                answer = instance.submit(msgspec.convert({**json.loads(body), "citizen": citizen}, ForgetCitizen))
            if instance.lose_answers:
                instance.lose_answers -= 1
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self._answer(answer)

        def _page(self, asked: dict[str, str]) -> None:
            rows = instance.entries(lambda event: str(getattr(event, "case_id", "")) == asked["case"])
            first = int(asked.get("cursor", 0))
            limit = int(asked["limit"])
            more = str(first + limit) if first + limit < len(rows) else None
            page = {"position": len(instance.events), "rows": rows[first : first + limit], "cursor": more}
            self._answer(page)

        def _stream(self, since: int) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"retry: 1000\n\nevent: counters\ndata: {}\n\n")
            for entry in instance.entries()[since:]:
                data = msgspec.json.encode(entry)
                self.wfile.write(b"id: %d\nevent: ledger\ndata: %s\n\n" % (entry["position"], data))
            self.close_connection = True

        def _answer(self, value: object, status: int = 200) -> None:
            body = msgspec.json.encode(value)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def instance() -> Iterator[FakeInstance]:
    running = FakeInstance()
    yield running
    running.stop()


@pytest.fixture
def data(instance: FakeInstance, tmp_path: Path) -> Path:
    run = {"url": instance.url, "pid": 1, "nats_url": None, "started_at": datetime.now(UTC)}
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(run))
    return tmp_path


@pytest.fixture(scope="session")
def receipt_log() -> Path:
    log = SHARED / "data" / "receipt.xes.gz"
    if not log.exists():
        pytest.skip("the real log, ../shared/data/receipt.xes.gz, is not here")
    return log
