"""Where one case goes on, on each channel of the project: a page of the citizen's, or the desk where an agent writes.

A channel whose room has a `next_path(prototype, case, language)` says it itself; for the others it is the desk.
"""

from importlib import import_module
from importlib.util import find_spec

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.service import Service
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.vocabulary import Channel, Language


class Place(Struct, frozen=True, kw_only=True):
    """An address at which a case goes on, on a channel."""

    channel: Channel
    path: str


def places_of(prototype: Prototype, case: ServiceCase, language: Language) -> list[Place]:
    """Return where a case goes on, channel by channel."""
    channels = dict.fromkeys((Channel.WEB, *prototype.project.channels()))
    return [Place(channel=channel, path=path_on(prototype, case, channel, language)) for channel in channels]


def name_of_page(service: Service, path: str, texts: Texts) -> str:
    """Return what a page is called that somebody is on; its address when it has no name."""
    last = path.partition("?")[0].rpartition("/")[2]
    page = service.page(last)
    if page is not None:
        return texts(f"{stem_of(page.event)}.title")
    known = {"check": "journey.check", "done": "done.title", texts.language: "service.title"}
    return texts(known[last]) if last in known else path


def path_on(prototype: Prototype, case: ServiceCase, channel: Channel, language: Language) -> str:
    """Return where a case goes on, on one channel."""
    name = f"labkit.prototype.channels.{channel.value}"
    room = import_module(name) if find_spec(name) else None
    if room is not None and hasattr(room, "next_path"):
        return str(room.next_path(prototype, case, language))
    desk, page = f"/{language}/desk/case/{case.id}", prototype.service.next_page(case)
    if page is None or case.closed:
        return desk
    return f"{desk}/page/{page.name}?channel={channel.value}"
