"""The whole at a glance: cases, contacts and steps by channel, service and unit; what is open and late.

*Late* is a case closed after its deadline, *overdue* one open past it. A case lasts from its first step to
its last, and counts for the channel it was opened on.
"""

from datetime import datetime
from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import asdict

from ledger.domain.vocabulary import Channel
from projections.durations import durations
from projections.engine.view import View
from projections.figures import FOLDED, INDEXES, MINUTE, SCHEMA
from projections.keys import to_instant, to_moment
from projections.tally import tally

_MINUTES_SHOWN = 60
_COUNTED = ("cases", "interactions", "steps")
_BY_CHANNEL = "SELECT channel, cases, interactions, steps FROM channels"
_SUMS = "SELECT coalesce(sum(cases), 0), coalesce(sum(interactions), 0), coalesce(sum(steps), 0) FROM channels"


class ChannelFigures(Struct, frozen=True, kw_only=True):
    """The cases opened on one channel, their contacts and steps, and how long their steps took."""

    channel: Channel
    cases: int
    interactions: int
    steps: int
    median_hours: float | None
    ninth_decile_hours: float | None


class ServiceFigures(Struct, frozen=True, kw_only=True):
    """The cases of one service."""

    authority: str
    service: str
    name: str
    cases: int
    open: int
    closed: int
    late: int
    overdue: int


class UnitFigures(Struct, frozen=True, kw_only=True):
    """The cases in one unit's charge, and the steps that unit did."""

    unit: str
    cases: int
    steps: int
    open: int
    late: int


class FlowPoint(Struct, frozen=True, kw_only=True):
    """Contacts recorded on one channel during one minute (`minute`: `2026-11-22T09:41`, UTC)."""

    minute: str
    channel: Channel
    interactions: int


class Totals(Struct, frozen=True, kw_only=True):
    """The figures that are cheap enough to be asked for at every moment."""

    cases: int
    interactions: int
    steps: int
    open: int
    closed: int
    late: int
    overdue: int


class Overview(Totals, frozen=True, kw_only=True):
    """All figures of the overview, at one position of the ledger."""

    position: int
    median_hours: float | None
    ninth_decile_hours: float | None
    channels: list[ChannelFigures]
    services: list[ServiceFigures]
    units: list[UnitFigures]
    flow: list[FlowPoint]


def overview(db: Connection, position: int, now: datetime) -> Overview:
    """All figures at one position; `now` tells what is overdue, and which hour of the flow is shown."""
    services = _services(db, to_instant(now))
    return Overview(
        position=position,
        channels=_channels(db),
        services=services,
        units=_units(db),
        flow=_flow(db, to_instant(now) // MINUTE),
        **asdict(_totals(db, services)),
        **asdict(durations(db)),
    )


def totals(db: Connection, now: datetime) -> Totals:
    """The sums alone, without ranks and flow."""
    return _totals(db, _services(db, to_instant(now)))


def names(db: Connection) -> dict[str, str]:
    """The names of authorities by `<SIREN>`, and of services by `<SIREN>/<service>`."""
    return dict(
        db.execute(
            """
            SELECT authority, name FROM authorities
            UNION ALL SELECT authority || '/' || service, name FROM services WHERE name IS NOT NULL
            """
        ).fetchall()
    )


def _totals(db: Connection, services: list[ServiceFigures]) -> Totals:
    cases, interactions, steps = db.execute(_SUMS).fetchone()
    return Totals(
        cases=cases,
        interactions=interactions,
        steps=steps,
        open=sum(figures.open for figures in services),
        closed=sum(figures.closed for figures in services),
        late=sum(figures.late for figures in services),
        overdue=sum(figures.overdue for figures in services),
    )


def _channels(db: Connection) -> list[ChannelFigures]:
    counted = {channel: dict(zip(_COUNTED, counts, strict=True)) for channel, *counts in db.execute(_BY_CHANNEL)}
    nothing = dict.fromkeys(_COUNTED, 0)
    return [
        ChannelFigures(channel=channel, **counted.get(channel.value, nothing), **asdict(durations(db, channel)))
        for channel in Channel
    ]


def _services(db: Connection, now: int) -> list[ServiceFigures]:
    counted = db.execute(
        """
        SELECT authority, service, coalesce(name, service), cases, closed, late,
            (SELECT count(*) FROM cases WHERE cases.authority = services.authority
                AND cases.service = services.service AND closed_at IS NULL AND deadline < ?)
        FROM services WHERE cases > 0 OR name IS NOT NULL ORDER BY authority, service
        """,
        (now,),
    )
    return [
        ServiceFigures(
            authority=authority,
            service=service,
            name=name,
            cases=cases,
            open=cases - closed,
            closed=closed,
            late=late,
            overdue=overdue,
        )
        for authority, service, name, cases, closed, late, overdue in counted
    ]


def _units(db: Connection) -> list[UnitFigures]:
    counted = db.execute(
        "SELECT unit, cases, steps, closed, late FROM units WHERE cases > 0 OR steps > 0 ORDER BY unit"
    )
    return [
        UnitFigures(unit=unit, cases=cases, steps=steps, open=cases - closed, late=late)
        for unit, cases, steps, closed, late in counted
    ]


def _flow(db: Connection, now: int) -> list[FlowPoint]:
    counted = db.execute(
        "SELECT minute, channel, interactions FROM flow WHERE minute > ? AND minute <= ?",
        (now - _MINUTES_SHOWN, now),
    )
    points = [
        FlowPoint(
            minute=to_moment(minute * MINUTE).strftime("%Y-%m-%dT%H:%M"),
            channel=Channel(channel),
            interactions=interactions,
        )
        for minute, channel, interactions in counted
    ]
    order = list(Channel)
    return sorted(points, key=lambda point: (point.minute, order.index(point.channel)))


VIEW = View(
    name="overview",
    version=2,
    schema=SCHEMA + INDEXES,
    indexes=INDEXES,
    events=FOLDED,
    project=lambda db, event: tally(db, (event,)),
    project_page=tally,
)
