"""The pages: each handler asks the reader and fills a template. Nothing here writes, nothing decides.

`console(reader)` is all that an application mounts; what moves comes from its `/events`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import Dependency
from litestar.static_files import create_static_files_router

from projections.console.data import Reader
from projections.console.frame import YEAR_S, Frame, clock, frame_of
from projections.console.happenings import Happening, tell
from projections.console.inboxes import Choice, choice_of
from projections.console.rendering import FEED_LENGTH, STATIC, STATIC_PATH, page, problem
from projections.console.rows import badge_of, show
from projections.console.story import tell_story
from projections.keys import BadCursor

Reads = Annotated[Reader, Dependency(skip_validation=True)]
Framed = Annotated[Frame, Dependency(skip_validation=True)]
Chosen = Annotated[Choice, Dependency(skip_validation=True)]


@get("/", sync_to_thread=True)
def overview_page(reader: Reads, frame: Framed) -> Response[str]:
    """Show the whole at a glance."""
    overview = reader.overview(frame.now)
    return page("overview.html", frame, reader, overview=overview, feed=_feed(reader))


@get("/console/overview", sync_to_thread=True)
def overview_part(reader: Reads, frame: Framed) -> Response[str]:
    """Show the figures again."""
    return page("_overview.html", frame, reader, overview=reader.overview(frame.now))


@get("/console/feed", sync_to_thread=True)
def feed_part(reader: Reads, frame: Framed) -> Response[str]:
    """Show again what just happened."""
    return page("_feed.html", frame, reader, feed=_feed(reader))


@get("/inbox", sync_to_thread=True)
def all_inboxes_page(reader: Reads, frame: Framed, choice: Chosen) -> Response[str]:
    """Show who waits for whom on all channels together."""
    return _inbox(reader, frame, choice)


@get("/inbox/{channel:str}", sync_to_thread=True)
def inbox_page(reader: Reads, frame: Framed, choice: Chosen) -> Response[str]:
    """Show who waits for whom on one channel."""
    return _inbox(reader, frame, choice)


@get("/cases/{case_id:uuid}", sync_to_thread=True)
def case_page(request: Request[object, object, State], reader: Reads, frame: Framed) -> Response[str]:
    """Show the story of a case across its channels."""
    case_id: UUID = request.path_params["case_id"]
    entries = reader.case(case_id)
    if not entries:
        return problem(frame, "problem.no-case", "problem.no-case.lead")
    story = tell_story(case_id, entries, reader.reveal)
    badge = badge_of(story.header.deadline, story.header.status, frame.now)
    return page("case.html", frame, reader, story=story, deadline_badge=badge)


def not_found(request: Request[object, object, State], _: Exception) -> Response[str]:
    """Say in the reader's language that there is nothing at this address."""
    return problem(frame_of(request, clock()), "problem.not-found", "problem.not-found.lead")


def console(reader: Reader, now: Callable[[], datetime] = clock) -> Router:
    """Return all pages and their static files, over what a reader knows."""
    static = create_static_files_router(
        path=STATIC_PATH,
        directories=[STATIC],
        cache_control=CacheControlHeader(max_age=YEAR_S, public=True, immutable=True),
        name="console-static",
    )
    return Router(
        path="/",
        route_handlers=[overview_page, overview_part, feed_part, all_inboxes_page, inbox_page, case_page, static],
        dependencies={
            "reader": Provide(lambda: reader, sync_to_thread=False),
            "clock_now": Provide(now, sync_to_thread=False),
            "frame": Provide(frame_of, sync_to_thread=False),
            "choice": Provide(choice_of, sync_to_thread=False),
        },
        exception_handlers=dict.fromkeys((BadCursor, NotFoundException, ValidationException), not_found),
        include_in_schema=False,
    )


def _inbox(reader: Reader, frame: Frame, choice: Choice) -> Response[str]:
    found = reader.inbox(choice.channel, choice.query)
    rows = [show(row, reader.reveal, frame.now) for row in found.rows]
    counts = reader.awaiting_counts()
    return page("inbox.html", frame, reader, choice=choice, rows=rows, following=found.cursor, counts=counts)


def _feed(reader: Reader) -> list[Happening]:
    """Tell what just happened without revealing anything: the overview may hang on a wall."""
    return [tell(entry, reveal=str) for entry in reader.recent(FEED_LENGTH)]
