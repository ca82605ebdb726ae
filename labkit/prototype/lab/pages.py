"""The lab's way in, and the stream that its pages listen to; each of its rooms has its own routes."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage

from labkit.prototype.changes import changes_of
from labkit.prototype.lab import choices, gallery_pages, looks, participants, replay, timeline, trial_pages
from labkit.prototype.lab.faces import face_of
from labkit.prototype.lab.frame import CASES_MAX, lab, number_of
from labkit.prototype.lab.live import merged, moments_after, whereabouts
from labkit.prototype.lab.places import name_of_page
from labkit.prototype.rendering import View
from labkit.prototype.serving import LAB_PATH, Asked, Prototype, in_thread, preferred, see
from labkit.prototype.visiting import participant_of
from ledger.domain.identifiers import CaseId

ROOMS = (timeline, choices, looks, gallery_pages, trial_pages, replay, participants)
VERSIONS_MAX = 1_000_000


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes under `/_lab`, and those of participants."""
    cases = prototype.cases

    @get(LAB_PATH, sync_to_thread=False)
    def front(request: Asked) -> Redirect:
        """Send a maker to the lab in their language."""
        return see(lab(preferred(request.headers.get("accept-language", ""), prototype.project.languages)))

    @get("/_lab/{lang:str}", sync_to_thread=True)
    def home(request: Asked) -> Response[str]:
        """Show the cases, and what the lab can do."""
        return prototype.page(
            "lab.html",
            request,
            entries=cases.entries()[:CASES_MAX],
            personas=prototype.project.personas(),
            taking_part=participant_of(request.cookies) is not None,
        )

    @get("/_lab/{lang:str}/live")
    async def live(request: Asked) -> ServerSentEvent:
        """Tell an open page when to load itself again, and what happens to its case."""
        view, case_id = prototype.view(request), _case_in(request)
        streams = [changes_of(prototype.project.folder)]
        if case_id is not None:
            await in_thread(cases.get, case_id)
            seen = request.headers.get("last-event-id") or str(request.query_params.get("since", "0"))
            version = number_of(seen, least=0, most=VERSIONS_MAX)
            streams += [_moments(prototype, view, case_id, version), _places(prototype, view, case_id)]
        return ServerSentEvent(merged(*streams))

    return [front, home, live, *(route for room in ROOMS for route in room.routes(prototype))]


def _case_in(request: Asked) -> CaseId | None:
    text = request.query_params.get("case")
    if not text:
        return None
    try:
        return CaseId(UUID(text))
    except ValueError as error:
        raise NotFoundException from error


async def _moments(
    prototype: Prototype, view: View, case_id: CaseId, version: int
) -> AsyncIterator[ServerSentEventMessage]:
    texts = prototype.texts(view.language)
    async for moment, sealed in moments_after(prototype.cases, case_id, version):
        shown = prototype.pages.text(
            "lab_moment.html", view, texts, face=face_of(moment, sealed, texts), case_id=case_id, at=None
        )
        yield ServerSentEventMessage(data=shown, event="moment", id=moment.version)


async def _places(prototype: Prototype, view: View, case_id: CaseId) -> AsyncIterator[ServerSentEventMessage]:
    texts = prototype.texts(view.language)
    async for path in whereabouts(prototype.presence, case_id):
        yield ServerSentEventMessage(data=name_of_page(prototype.service, path, texts), event="place")
