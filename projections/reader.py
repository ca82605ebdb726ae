"""All views of an installation for those who read: pages, programs, and whoever waits for a position."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from sqlite3 import Connection
from threading import Lock
from types import ModuleType
from uuid import UUID

from msgspec import Struct

from ledger.domain.vocabulary import Channel
from projections import (
    VIEWS,
    chatbot,
    counter,
    email,
    inbox,
    internal,
    mobile,
    overview,
    partner,
    post,
    social,
    telephone,
    timeline,
    web,
)
from projections.engine.place import Place
from projections.engine.store import ParkedCase, ViewStore, parked_cases, position_of
from projections.engine.view import Page
from projections.inbox import InboxQuery, InboxRow
from projections.overview import Overview
from projections.timeline import TimelineEntry

STORY_LENGTH_MAX = 10_000
Reveal = Callable[[str], str | None]

INBOXES: dict[Channel | None, ModuleType] = {
    None: inbox,
    Channel.COUNTER: counter,
    Channel.TELEPHONE: telephone,
    Channel.WEB: web,
    Channel.MOBILE: mobile,
    Channel.EMAIL: email,
    Channel.POST: post,
    Channel.SOCIAL: social,
    Channel.CHATBOT: chatbot,
    Channel.PARTNER: partner,
    Channel.INTERNAL: internal,
}


class UnknownView(LookupError):
    """There is no view of that name."""


class ViewStatus(Struct, frozen=True, kw_only=True):
    """How far a view has come, and what it could not digest."""

    name: str
    position: int
    parked: int


class ViewReader:
    """Reads the views; every method may be called from several threads."""

    def __init__(self, place: Place, reveal: Reveal = str) -> None:
        """Read the views where they live; `reveal` opens sealed texts where there is a key, else they stay."""
        self._stores = {view.name: ViewStore(view, place, reading=True) for view in VIEWS}
        self._locks = {view.name: Lock() for view in VIEWS}
        self._reveal = reveal

    def close(self) -> None:
        """Close the files."""
        for name, store in self._stores.items():
            with self._locks[name]:
                store.close()

    def views(self) -> list[ViewStatus]:
        """Return how far each view has come."""
        return [self._status(name) for name in self._stores]

    def view_position(self, name: str) -> int:
        """Return the position that one view reflects."""
        with self._reading(name) as database:
            return position_of(database)

    def parked(self, name: str) -> list[ParkedCase]:
        """Return the cases that one view could not digest."""
        with self._reading(name) as database:
            return parked_cases(database)

    def position(self) -> int:
        """Return the position that every view has reached."""
        return min(self.view_position(name) for name in self._stores)

    def overview(self, now: datetime) -> Overview:
        """Return the figures of the whole."""
        with self._reading("overview") as database:
            return overview.overview(database, position_of(database), now)

    def names(self) -> Mapping[str, str]:
        """Return names by `<SIREN>` for authorities and by `<SIREN>/<service>` for services."""
        with self._reading("overview") as database:
            return overview.names(database)

    def inbox(self, channel: Channel | None, query: InboxQuery) -> Page[InboxRow]:
        """Return a page of one channel's inbox, or of all cases."""
        with self._reading(channel.value if channel else "inbox") as database:
            page: Page[InboxRow] = INBOXES[channel].rows(database, query)
            return page

    def awaiting_counts(self) -> Mapping[Channel, int]:
        """Return how many cases wait for an agent on each channel."""
        return {channel: self._waiting(channel) for channel in Channel}

    def case(self, case_id: UUID) -> list[TimelineEntry]:
        """Return what happened to a case, in the order it happened, up to a bound."""
        with self._reading("timeline") as database:
            return list(timeline.of_case(database, case_id, limit=STORY_LENGTH_MAX).rows)

    def case_page(self, case_id: UUID, *, limit: int, cursor: str | None) -> Page[TimelineEntry]:
        """Return a page of what happened to a case."""
        with self._reading("timeline") as database:
            return timeline.of_case(database, case_id, limit=limit, cursor=cursor)

    def since(self, position: int, limit: int) -> list[TimelineEntry]:
        """Return what was recorded after a position, in ledger order."""
        with self._reading("timeline") as database:
            return timeline.since(database, position, limit)

    def recent(self, limit: int) -> list[TimelineEntry]:
        """Return what was recorded last, the newest first."""
        with self._reading("timeline") as database:
            return timeline.since(database, timeline.last_position(database) - limit, limit)[::-1]

    def reveal(self, token: str) -> str | None:
        """Return the text of a sealed token, `None` once its key is destroyed."""
        return self._reveal(token)

    def _status(self, name: str) -> ViewStatus:
        with self._reading(name) as database:
            parked = sum(case.events for case in parked_cases(database))
            return ViewStatus(name=name, position=position_of(database), parked=parked)

    def _waiting(self, channel: Channel) -> int:
        with self._reading(channel.value) as database:
            count: int = inbox.waiting(database)
            return count

    @contextmanager
    def _reading(self, name: str) -> Iterator[Connection]:
        if name not in self._stores:
            raise UnknownView(name)
        with self._locks[name]:
            yield self._stores[name].open()


def channel_named(name: str) -> Channel | None:
    """Return the channel whose inbox has that name, `None` for the inbox of all.

    Raises:
        UnknownView: no inbox is called so.
    """
    if name == "inbox":
        return None
    if name not in {channel.value for channel in Channel}:
        raise UnknownView(name)
    return Channel(name)
