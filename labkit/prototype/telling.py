"""The moments of a case in words: what agents read as its story, and the lab as it happens. Pure."""

from datetime import datetime

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.questions import answers_of
from labkit.prototype.story import Moment
from labkit.prototype.texts import Texts
from ledger.domain.events import CaseDecided, InteractionRecorded, ServiceEventRecorded, tag_of
from ledger.domain.vocabulary import Channel, Direction


class Told(Struct, frozen=True, kw_only=True):
    """One moment as it is shown."""

    version: int
    name: str
    title: str
    when: str
    at: datetime
    by: str
    channel: Channel | None
    direction: Direction | None = None
    text: str = ""
    answers: tuple[tuple[str, str], ...] = ()


def told(moment: Moment, texts: Texts) -> Told:
    """Return a moment in words."""
    event, own = moment.event, moment.service_event
    return Told(
        version=moment.version,
        name=moment.name,
        title=_title(moment, texts),
        when=texts.moment(moment.occurred_at),
        at=moment.occurred_at,
        by=texts.get(f"who.{event.stamp.by}") or event.stamp.by,
        channel=moment.channel,
        direction=event.direction if isinstance(event, InteractionRecorded) else None,
        text=_text(moment, texts),
        answers=tuple(answers_of(own, texts)) if own else (),
    )


def _title(moment: Moment, texts: Texts) -> str:
    if moment.service_event is not None:
        return texts(f"{stem_of(moment.service_event)}.title")
    if isinstance(moment.event, ServiceEventRecorded):
        return moment.event.name
    title = texts(f"event.{tag_of(moment.event).partition('.')[0]}")
    if isinstance(moment.event, InteractionRecorded):
        return f"{title} · {moment.event.channel.label(texts.language)}"
    return title


def _text(moment: Moment, texts: Texts) -> str:
    match moment.event:
        case InteractionRecorded(summary=summary):
            return summary
        case CaseDecided(outcome=outcome, grounds=grounds):
            return " · ".join(filter(None, (outcome.label(texts.language), grounds)))
        case _:
            return ""
