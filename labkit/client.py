"""A small HTTP client of a running instance: one connection, kept open, and bounded patience.

Commands carry their identifiers, so a request whose answer was lost is simply sent again.
"""

import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from labkit.answers import CommandsAnswer, Problem, Status
from labkit.failures import NothingRunning, RequestFailed, RequestRefused, StorageFailed, StrangeAnswer
from ledger.domain.commands import LedgerCommand
from ledger.domain.vocabulary import Language

COMMANDS_MAX = 1000
TIMEOUT_S = 30.0
PAUSE_S = 0.1
PAUSE_S_MAX = 3.0
_OK = 200
_BAD_REQUEST = 400
_TRY_AGAIN = frozenset({502, 503, 504})
_STORAGE = frozenset({503, 507})
_SERVER_ERROR = 500
Answer = TypeVar("Answer")


class Client:
    """Speaks to one instance; `attempts_max` bounds how often a lost connection is made again."""

    def __init__(
        self,
        url: str,
        *,
        agent: str = "labkit",
        language: Language = "en",
        attempts_max: int = 2,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.url = url
        self._parts = urlsplit(url)
        self._headers = {"Accept-Language": language, "Agent": agent, "Content-Type": "application/json"}
        self._attempts_max = attempts_max
        self._sleep = sleep
        self._connection: HTTPConnection | None = None

    def status(self) -> Status:
        """Ask how far everything has come."""
        return self.get("/status", Status)

    def get(self, path: str, kind: type[Answer], **parameters: object) -> Answer:
        """Read something; parameters that are `None` are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._decoded(self._ask("GET", f"{path}?{urlencode(given)}" if given else path), kind)

    def post(self, path: str, body: object, kind: type[Answer]) -> Answer:
        """Ask for something that changes the ledger, in a way that may be asked twice."""
        return self._decoded(self._ask("POST", path, msgspec.json.encode(body)), kind)

    def send(self, commands: Sequence[LedgerCommand]) -> CommandsAnswer:
        """Send commands, at most `COMMANDS_MAX`, and return what became of each."""
        return self.post("/commands", commands, CommandsAnswer)

    def stream(self, path: str, *, timeout_s: float | None) -> HTTPResponse:
        """Open a response that goes on; closing it closes the connection."""
        connection = self._connected(timeout_s)
        try:
            connection.request("GET", self._parts.path.rstrip("/") + path, headers=self._headers)
            response = connection.getresponse()
        except (OSError, HTTPException) as error:
            connection.close()
            raise NothingRunning(where=self.url) from error
        if response.status != _OK:
            raise self._failure(response.status, response.read())
        return response

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        pause_s = PAUSE_S
        for attempt in range(1, self._attempts_max + 1):
            last = attempt == self._attempts_max
            try:
                status, answer = self._exchange(method, path, body)
            except (OSError, HTTPException) as error:
                self.close()
                if last:
                    raise NothingRunning(where=self.url) from error
            else:
                if status < _BAD_REQUEST:
                    return answer
                if last or status not in _TRY_AGAIN:
                    raise self._failure(status, answer)
            self._sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_S_MAX)
        raise NothingRunning(where=self.url)

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self._connected(TIMEOUT_S)
        self._connection.request(method, self._parts.path.rstrip("/") + path, body, self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def _connected(self, timeout_s: float | None) -> HTTPConnection:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        return kind(self._parts.hostname or "127.0.0.1", self._parts.port, timeout=timeout_s)

    def _decoded(self, answer: bytes, kind: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(answer, type=kind)
        except msgspec.DecodeError as error:
            raise StrangeAnswer(where=self.url, reason=error) from error

    def _failure(self, status: int, answer: bytes) -> RequestRefused | RequestFailed | StorageFailed:
        try:
            problem = msgspec.json.decode(answer, type=Problem)
        except msgspec.DecodeError:
            problem = Problem(status=status, detail=f"HTTP {status}")
        if status in _STORAGE:
            return StorageFailed(reason=problem)
        if status < _SERVER_ERROR:
            return RequestRefused(problem=problem)
        return RequestFailed(problem=problem)
