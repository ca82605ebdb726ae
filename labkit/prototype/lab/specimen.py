"""A pattern of the gallery brought to life: a service of its own pages alone, and a case that is nowhere. Pure."""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from labkit.prototype.events import ServiceEvent, name_of, split
from labkit.prototype.lab.gallery import Pattern, patterns
from labkit.prototype.personas import sent_by
from labkit.prototype.project import Persona
from labkit.prototype.service import Service
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.events import CaseOpened, ServiceEventRecorded, Stamp
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

SAID_BEFORE = "short-answers"
_AT = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)
_CASE = CaseId(UUID("5b1f4b0e-6a3b-4d0c-9a52-3f6f3a1c7e03"))
_STAMP = Stamp(by="citizen", recorded_at=_AT)


class Specimen(Struct, frozen=True, kw_only=True):
    """What a page of a pattern is shown with."""

    service: Service
    case: ServiceCase
    texts: Texts
    persona: Persona


def specimen_of(pattern: Pattern, texts: Texts) -> Specimen:
    """Return a pattern as a service that was answered up to it."""
    before = patterns()[SAID_BEFORE]
    told = () if pattern == before else (before,)
    words = {key: text for each in (*told, pattern) for key, text in each.words(texts.language).items()}
    answers = {stem: fields for each in (*told, pattern) for stem, fields in each.sample().items()}
    persona = Persona(name="", about={}, answers={stem: dict(fields) for stem, fields in answers.items()})
    given = [event for each in told for kind in each.kinds if (event := sent_by(persona, kind)) is not None]
    return Specimen(
        service=Service(pages=(*(page for each in told for page in each.pages()), *pattern.pages())),
        case=ServiceCase(id=_CASE, moments=(_opening(), *(_moment(event, n) for n, event in enumerate(given, 2)))),
        texts=texts.extended(words),
        persona=persona,
    )


def _opening() -> Moment:
    opened = CaseOpened(
        version=1,
        occurred_at=_AT,
        stamp=_STAMP,
        case_id=_CASE,
        authority="216404459",
        service="specimen",
        channel=Channel.WEB,
        reference="K7F-3QX",
    )
    return Moment(event=opened)


def _moment(event: ServiceEvent, version: int) -> Moment:
    facts, content = split(event)
    recorded = ServiceEventRecorded(
        version=version,
        occurred_at=_AT,
        stamp=_STAMP,
        case_id=_CASE,
        name=name_of(event),
        channel=Channel.WEB,
        facts=facts,
        content=content,
    )
    return Moment(event=recorded, service_event=event)
