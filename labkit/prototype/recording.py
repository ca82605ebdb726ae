"""Keeps what happens in a running prototype: the pages as they were shown, the forms sent, the events of its cases.

It stands behind the gate and before the application, and changes nothing of what passes. The lab's own pages are left
out: they are about the trial, and not of it.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from html import unescape
from pathlib import Path
from threading import Lock
from typing import cast

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from labkit.prototype.cases import Cases
from labkit.prototype.project import Project
from labkit.prototype.serving import Prototype, language_of
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.telling import told
from labkit.replay.recorded import FORMAT, EventTold, FormSent, Header, PageShown, Words
from labkit.replay.recording_file import RecordingFile
from labkit.scaffold.kit import version
from ledger.domain.events import LedgerEvent
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Language

LOOK_EVERY_S = 0.25
LOG_PAGE = 1000
PAGE_BYTES_MAX = 1_000_000
PATH_LENGTH_MAX = 300
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
_LEFT_OUT = re.compile(r"/_lab(/|$)|/(fr|en)/gate$|/static/|/mobile/|/theme\.css$|/health$")


class Recorder:
    """One recording under way; its methods may be called from several threads."""

    def __init__(self, file: Path, prototype: Prototype, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Record from now on, or go on with what an earlier process of the same run began."""
        self._cases, self._project = prototype.cases, prototype.project
        self._clock = clock
        self._lock = Lock()
        self._file = RecordingFile(file, header_of(prototype.project, prototype.cases))
        self._began = clock() - self._file.offset
        self._position = prototype.cases.position()

    def shown(self, path: str, html: str) -> None:
        """Keep a page, after what had happened when it was made."""
        self.catch_up()
        title = _TITLE.search(html)
        page = PageShown(
            offset=self._offset(),
            path=path[:PATH_LENGTH_MAX],
            title=unescape(title[1]).strip() if title else "",
            language=language_of(path) or self._project.languages[0],
            html=html,
        )
        with self._lock:
            self._file.write(page)

    def sent(self, path: str) -> None:
        """Keep that a form was sent, and where to."""
        with self._lock:
            self._file.write(FormSent(offset=self._offset(), path=path[:PATH_LENGTH_MAX]))

    def catch_up(self) -> None:
        """Keep what happened on the ledger since the last time."""
        with self._lock:
            while rows := self._cases.ledger.read(self._position, LOG_PAGE):
                service = self._cases.offer.service
                moved = (row.metadata.subject for row in rows if row.metadata.service == service)
                for case_id in dict.fromkeys(CaseId(subject) for subject in moved if subject is not None):
                    self._take(case_id)
                self._position = rows[-1].position

    def close(self) -> None:
        """Keep what is left, and close the file."""
        self.catch_up()
        with self._lock:
            self._file.close()

    def beside(self, app: ASGIApp) -> ASGIApp:
        """Return the application with the recorder beside it."""

        async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or _LEFT_OUT.match(scope["path"]):
                await app(scope, receive, send)
                return
            if scope["method"] == "POST":
                await asyncio.to_thread(self.sent, scope["path"])
            answer = _Answer(send)
            await app(scope, receive, answer.send)
            if html := answer.page():
                await asyncio.to_thread(self.shown, scope["path"], html)

        return recorded

    @asynccontextmanager
    async def listening(self, _: Litestar) -> AsyncIterator[None]:
        """Look at the ledger for as long as the prototype serves."""
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await asyncio.to_thread(self.close)

    async def _listen(self) -> None:
        while not self._file.full:
            await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.to_thread(self.catch_up)

    def _take(self, case_id: CaseId) -> None:
        case = self._cases.get(case_id)
        for moment in case.moments[self._file.versions.get(case_id, 0) :]:
            self._file.write(event_told(case, moment, self._project, offset=self._offset()))

    def _offset(self) -> float:
        return round(max(0.0, self._clock() - self._began), 3)


class _Answer:
    """Passes an answer on, and remembers it if it is a page."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_page = False
        self._parts: list[bytes] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            self._is_page = headers.get(b"content-type", b"").startswith(b"text/html")
        elif message["type"] == "http.response.body" and self._is_page:
            self._size += len(message["body"])
            self._is_page = self._size <= PAGE_BYTES_MAX
            self._parts.append(message["body"])
        await self._send(message)

    def page(self) -> str | None:
        """Return the page, `None` where only a part of one was sent."""
        html = b"".join(self._parts).decode(errors="replace") if self._is_page else ""
        return html if "<html" in html else None


def header_of(project: Project, cases: Cases) -> Header:
    """Return what a recording of this prototype begins with."""
    return Header(
        format=FORMAT,
        kit=version(),
        began_at=cases.clock(),
        project=project.name,
        service=cases.offer.service,
        authority_name=cases.offer.authority_name,
        languages=project.languages,
    )


def event_told(case: ServiceCase, moment: Moment, project: Project, *, offset: float) -> EventTold:
    """Return one event of a case as a recording keeps it."""
    return EventTold(
        offset=offset,
        case=case.id,
        reference=case.reference,
        version=moment.version,
        name=moment.name,
        channel=moment.channel,
        words={language: _words(moment, project, language) for language in project.languages},
        event=cast(LedgerEvent, moment.event),
    )


def _words(moment: Moment, project: Project, language: Language) -> Words:
    said = told(moment, project.texts(language))
    return Words(title=said.title, by=said.by, text=said.text, answers=said.answers)
