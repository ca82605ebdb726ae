"""A trial as a file: what was done and when, without a word of what was written, unless it is asked for. Pure."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from labkit.prototype.story import Moment
from labkit.prototype.trials import Trial
from ledger.domain.citizen import personal_fields
from ledger.domain.events import ServiceEventRecorded
from ledger.domain.vocabulary import Channel


class ExportedMoment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One moment: seconds since the beginning, what happened, and the names of what was left out."""

    seconds: int
    event: str
    channel: Channel | None
    by: str
    facts: dict[str, Any] = {}
    written: dict[str, Any] = {}
    left_out: tuple[str, ...] = ()


class ExportedTrial(Struct, frozen=True, kw_only=True):
    """One trial; nothing leads from it to the case, or to the participant."""

    label: str
    persona: str | None
    channel: str
    page: str | None
    consent: str | None
    state: str
    begun_at: datetime | None
    seconds: int | None
    answered: tuple[str, ...]
    stopped_at: str | None
    moments: tuple[ExportedMoment, ...]


def exported(trial: Trial, *, content: bool) -> ExportedTrial:
    """Return a trial as it is handed over; with its content only if that is asked for."""
    prepared = trial.prepared
    return ExportedTrial(
        label=prepared.label,
        persona=prepared.persona,
        channel=prepared.channel,
        page=prepared.page,
        consent=trial.consent,
        state=trial.state,
        begun_at=trial.begun_at,
        seconds=trial.taken_s,
        answered=trial.answered,
        stopped_at=trial.stopped_at,
        moments=tuple(_moment(moment, trial, content=content) for moment in trial.moments),
    )


def _moment(moment: Moment, trial: Trial, *, content: bool) -> ExportedMoment:
    event, begun_at = moment.event, trial.begun_at or moment.occurred_at
    written = _written(moment)
    return ExportedMoment(
        seconds=round((moment.occurred_at - begun_at).total_seconds()),
        event=moment.name,
        channel=moment.channel,
        by=event.stamp.by,
        facts=dict(event.facts) if isinstance(event, ServiceEventRecorded) else {},
        written=written if content else {},
        left_out=() if content else tuple(written),
    )


def _written(moment: Moment) -> dict[str, Any]:
    if isinstance(moment.event, ServiceEventRecorded):
        fields: dict[str, Any] = msgspec.json.decode(moment.event.content) if moment.event.content else {}
        return fields
    names = personal_fields(type(moment.event))
    return {name: text for name in names if (text := getattr(moment.event, name))}
