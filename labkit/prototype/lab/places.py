"""Where one case goes on, on each channel of the project: a page of the citizen's, or the desk where an agent writes.

Where a channel has no page of its own for a case, an agent fills in the next page at the desk, on that channel.
"""

from labkit.prototype.channels.web import next_path
from labkit.prototype.events import stem_of
from labkit.prototype.service import Service
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from labkit.prototype.trials import Trial
from ledger.domain.vocabulary import Channel, Language

_OF_A_CASE = {Channel.MOBILE: "/m?case=", Channel.CHATBOT: "/chat/", Channel.POST: "/desk/post/case/"}


def name_of_page(service: Service, path: str, texts: Texts) -> str:
    """Return what a page is called that somebody is on; its address when it has no name."""
    last = path.partition("?")[0].rpartition("/")[2]
    page = service.page(last)
    if page is not None:
        return texts(f"{stem_of(page.event)}.title")
    known = {"check": "journey.check", "done": "done.title", texts.language: "service.title"}
    return texts(known[last]) if last in known else path


def first_path(prototype: Prototype, trial: Trial, language: Language) -> str:
    """Return where a participant begins."""
    channel, page = Channel(trial.prepared.channel), trial.prepared.page
    if channel is not Channel.WEB:
        return path_on(prototype, trial.case, channel, language)
    return f"/{language}/case/{trial.case.id}/{page}" if page else f"/{language}"


def path_on(prototype: Prototype, case: ServiceCase, channel: Channel, language: Language) -> str:
    """Return where a case goes on, on one channel."""
    if channel is Channel.WEB:
        return next_path(prototype, case, language)
    if channel in _OF_A_CASE:
        return f"/{language}{_OF_A_CASE[channel]}{case.id}"
    desk, page = f"/{language}/desk/case/{case.id}", prototype.service.next_page(case)
    if page is None or case.closed:
        return desk
    return f"{desk}/page/{page.name}?channel={channel.value}"
