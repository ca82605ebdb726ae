"""The door of a prototype: whoever has not given a password is asked for it, once in twelve hours.

It stands before the whole application. What it lets through: the look, whether the prototype serves, what machines
send signed, and whoever takes part in a trial, in their own case and nowhere else.
It refuses to say which passwords there are.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from labkit.prototype.app import rooms_of
from labkit.prototype.failures import UnknownCase
from labkit.prototype.lab.frame import here_of
from labkit.prototype.passwords import LENGTH_MAX, PROOF_S, Passwords
from labkit.prototype.rendering import STATIC_PATH
from labkit.prototype.serving import Asked, Prototype, form_of, in_thread, language_of, one, preferred, see
from labkit.prototype.trials import trial_of
from labkit.prototype.visiting import participant_of
from ledger.domain.identifiers import CaseId

COOKIE = "gate"
ATTEMPTS_MAX = 5
WINDOW_S = 60.0
ADDRESSES_MAX = 10_000
_OPEN = frozenset({"/health", "/theme.css", "/robots.txt", "/favicon.ico", "/sw.js"})
_OPEN_FOLDERS = (f"{STATIC_PATH}/", "/mobile/")
_FOR_PARTICIPANTS = (["start"], ["m"], ["m", "journey.json"])
_NEVER_FOR_PARTICIPANTS = frozenset({"desk", "gate"})
_IPV6_NETWORK_BITS = 64


class Attempts:
    """How often each address tried lately; whoever tries too often waits, whatever they type."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember nobody."""
        self._clock = clock
        self._tries: dict[str, deque[float]] = {}

    def allow(self, address: str) -> bool:
        """Take note of one more try, and tell whether it may be made."""
        now = self._clock()
        tries = self._tries.pop(address, None) or deque(maxlen=ATTEMPTS_MAX)
        allowed = len(tries) < ATTEMPTS_MAX or now - tries[0] >= WINDOW_S
        if allowed:
            tries.append(now)
        self._tries[address] = tries
        while len(self._tries) > ADDRESSES_MAX:
            self._tries.pop(next(iter(self._tries)))
        return allowed

    def forget(self, address: str) -> None:
        """Count from nothing again for an address that knew the password."""
        self._tries.pop(address, None)


class Gate:
    """The door of one prototype."""

    def __init__(self, prototype: Prototype, passwords: Passwords, *, required: bool = False) -> None:
        """Ask for a password wherever there is one; if `required`, even when all were taken back."""
        self._prototype = prototype
        self._passwords = passwords
        self._required = required or bool(passwords.entries())
        self._attempts = Attempts()
        self._open = _OPEN.union(*(getattr(room, "SIGNED_PATHS", ()) for room in rooms_of(prototype.project)))

    def routes(self) -> list[Any]:
        """Return the routes of the page that asks."""

        @get("/{lang:str}/gate", sync_to_thread=False)
        def ask(request: Asked) -> Response[str]:
            """Ask for the password."""
            return self._page(request, to=str(request.query_params.get("to", "")))

        @post("/{lang:str}/gate", status_code=303)
        async def enter(request: Asked) -> Response[Any]:
            """Open to whoever knows it."""
            form = await form_of(request)
            home = f"/{self._prototype.view(request).language}"
            to, address = here_of({"here": form.get("to", ())}, home), _address_of(request)
            if not self._attempts.allow(address):
                return self._page(request, to=to, error="gate.too-often", status=429)
            proof = await in_thread(self._passwords.proof, one(form, "password")[:LENGTH_MAX])
            if proof is None:
                return self._page(request, to=to, error="gate.wrong", status=422)
            self._attempts.forget(address)
            answer = see(to)
            answer.cookies.append(_cookie(proof, secure=request.url.scheme == "https"))
            return answer

        return [ask, enter]

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return the application with the door before it."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or await self._opens_to(Request(scope)):
                await app(scope, receive, send)
            else:
                await self._turn_away(Request(scope), send)

        return guarded

    async def _opens_to(self, request: Asked) -> bool:
        path = request.url.path
        if path in self._open or path.startswith(_OPEN_FOLDERS) or path.split("/")[2:] == ["gate"]:
            return True
        if not self._required and not self._passwords.entries():
            return True
        if self._passwords.accepts(request.cookies.get(COOKIE)):
            return True
        return is_invited(path) or await in_thread(self._takes_part, path, request.cookies)

    def _takes_part(self, path: str, cookies: Mapping[str, str]) -> bool:
        case_id = participant_of(cookies)
        if case_id is None or not is_own(path, case_id):
            return False
        try:
            trial = trial_of(self._prototype.service, self._prototype.cases.get(case_id))
        except UnknownCase:
            return False
        return trial is not None and trial.running

    async def _turn_away(self, request: Asked, send: Send) -> None:
        """Send a reader to the page that asks; a form that was being sent is not sent after it."""
        languages = self._prototype.project.languages
        language = language_of(request.url.path) or preferred(request.headers.get("accept-language", ""), languages)
        whole = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        to = f"?to={quote(whole)}" if request.method in ("GET", "HEAD") else ""
        headers = {
            "location": f"/{language}/gate{to}",
            "cache-control": "no-store",
            "x-robots-tag": "noindex, nofollow",
        }
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 303, "headers": told})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _page(self, request: Asked, *, to: str, error: str = "", status: int = 200) -> Response[str]:
        return self._prototype.page("gate.html", request, status=status, to=to, error=error, lab_bar=False)


def is_invited(path: str) -> bool:
    """Tell whether an address is a participant's link: it names a case, which is all that it takes to begin a trial."""
    match path.split("/")[1:]:
        case [_, "trial", case_id, *_]:
            return _is_case(case_id)
    return False


def is_own(path: str, case_id: CaseId) -> bool:
    """Tell whether an address belongs to the case of whoever takes part in a trial."""
    language, *rest = path.split("/")[1:]
    if language_of(f"/{language}") is None or _NEVER_FOR_PARTICIPANTS & set(rest):
        return False
    named = [part for part in rest if _is_case(part)]
    return named == [str(case_id)] or not rest or rest in _FOR_PARTICIPANTS


def _is_case(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _address_of(request: Asked) -> str:
    """Return who tries: an address, or the network of one where everybody has billions of them."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> _IPV6_NETWORK_BITS) if isinstance(address, IPv6Address) else host


def _cookie(proof: str, *, secure: bool) -> Cookie:
    return Cookie(key=COOKIE, value=proof, max_age=PROOF_S, path="/", httponly=True, samesite="lax", secure=secure)
