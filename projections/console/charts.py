"""Figures made into pictures: shares and heights, which the templates draw as SVG. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.vocabulary import Channel
from projections.overview import FlowPoint, ServiceFigures, UnitFigures

FLOW_MINUTES = 60
QUARTER_MINUTES = 15
FLOW_HEIGHT = 236
LEAST_CEILING = 4
LONGEST_LOAD = 8
GAP = 1


class Block(Struct, frozen=True):
    """A rectangle: `x` and `width` in percent of the picture, `y` and `height` in pixels."""

    x: float
    y: float
    width: float
    height: float


class Lane(Struct, frozen=True, kw_only=True):
    """One channel in the picture of the flow, with its figures."""

    channel: Channel
    total: int
    quarters: list[int]
    blocks: list[Block]
    spark: str


class Flow(Struct, frozen=True, kw_only=True):
    """The contacts of the last hour, minute by minute, stacked by channel."""

    lanes: list[Lane]
    total: int
    most: int
    ceiling: int
    quarters: list[datetime]
    quarter_sums: list[int]

    @property
    def height(self) -> int:
        """The height of the picture, in pixels."""
        return FLOW_HEIGHT


class Load(Struct, frozen=True, kw_only=True):
    """One bar of open cases, of which some are overdue; shares in percent of the longest bar."""

    name: str
    authority: str | None
    path: str
    open: int
    overdue: int
    late: int
    on_time_share: float = 0
    overdue_share: float = 0


class Loads(Struct, frozen=True, kw_only=True):
    """The longest bars, and how many were left out."""

    bars: list[Load]
    others: int


def flow_of(points: Iterable[FlowPoint], now: datetime) -> Flow:
    """Return the picture of the last hour; its last minute is the one that runs."""
    last = now.astimezone(UTC).replace(second=0, microsecond=0)
    first = last - timedelta(minutes=FLOW_MINUTES - 1)
    counts = _by_channel(points, first)
    minutes = [sum(series[minute] for series in counts.values()) for minute in range(FLOW_MINUTES)]
    most = max(minutes)
    ceiling = nice_ceiling(most)
    base = [0] * FLOW_MINUTES
    lanes = [_lane(channel, series, base, ceiling) for channel, series in counts.items()]
    return Flow(
        lanes=lanes,
        total=sum(minutes),
        most=most,
        ceiling=ceiling,
        quarters=[first + timedelta(minutes=start) for start in range(0, FLOW_MINUTES, QUARTER_MINUTES)],
        quarter_sums=_quarters(minutes),
    )


def nice_ceiling(most: int) -> int:
    """Return the top of a scale, such as 6, 10, 16 or 30: even, so that its half is whole."""
    if most <= LEAST_CEILING:
        return LEAST_CEILING
    magnitude = int(10 ** (len(str(most - 1)) - 1))
    steps = (round(magnitude * step) for step in (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10))
    return next(step for step in steps if step >= most and step % 2 == 0)


def service_loads(services: Sequence[ServiceFigures]) -> Loads:
    """Return the services with the most open cases; those of one name say whose they are."""
    names = Counter(figures.name for figures in services)
    return _loads([_service_load(figures, namesakes=names[figures.name] > 1) for figures in services])


def unit_loads(units: Sequence[UnitFigures]) -> Loads:
    """Return the units with the most open cases."""
    return _loads([_unit_load(figures) for figures in units])


def _service_load(figures: ServiceFigures, *, namesakes: bool) -> Load:
    return Load(
        name=figures.name,
        authority=figures.authority if namesakes else None,
        path=_inbox(authority=figures.authority, service=figures.service),
        open=figures.open,
        overdue=figures.overdue,
        late=figures.late,
    )


def _unit_load(figures: UnitFigures) -> Load:
    path = _inbox(unit=figures.unit)
    return Load(name=figures.unit, authority=None, path=path, open=figures.open, overdue=0, late=figures.late)


def _inbox(**narrowed: str) -> str:
    return f"/inbox?{urlencode(narrowed)}"


def _loads(loads: list[Load]) -> Loads:
    busy = sorted((load for load in loads if load.open), key=lambda load: (-load.open, load.name))
    shown = busy[:LONGEST_LOAD]
    longest = max((load.open for load in shown), default=1)
    bars = [
        replace(
            load,
            on_time_share=_share(load.open - load.overdue, longest),
            overdue_share=_share(load.overdue, longest),
        )
        for load in shown
    ]
    return Loads(bars=bars, others=len(busy) - len(shown))


def _by_channel(points: Iterable[FlowPoint], first: datetime) -> dict[Channel, list[int]]:
    counted: Counter[tuple[Channel, int]] = Counter()
    for point in points:
        start = datetime.fromisoformat(point.minute).replace(tzinfo=UTC)
        counted[point.channel, round((start - first).total_seconds() // 60)] += point.interactions
    every = {channel: [counted[channel, minute] for minute in range(FLOW_MINUTES)] for channel in Channel}
    return {channel: series for channel, series in every.items() if any(series)}


def _lane(channel: Channel, series: list[int], base: list[int], ceiling: int) -> Lane:
    blocks = []
    for minute, count in enumerate(series):
        if count:
            blocks.append(_block(minute, base[minute], count, ceiling))
            base[minute] += count
    quarters = _quarters(series)
    return Lane(channel=channel, total=sum(series), quarters=quarters, blocks=blocks, spark=_spark(series))


def _block(minute: int, base: int, count: int, ceiling: int) -> Block:
    pitch = 100 / FLOW_MINUTES
    height = FLOW_HEIGHT * count / ceiling
    top = FLOW_HEIGHT * (ceiling - base - count) / ceiling
    gap = min(GAP, height / 4)
    return Block(round(minute * pitch, 2), round(top + gap, 1), round(pitch * 0.78, 2), round(height - gap, 1))


def _spark(series: list[int]) -> str:
    """Return an SVG path of sixty bars in a box of 60 by 20."""
    most = max(series)
    bars = ((minute, round(20 * count / most, 1)) for minute, count in enumerate(series) if count)
    return "".join(f"M{minute} 20v-{height}h.8v{height}z" for minute, height in bars)


def _quarters(series: list[int]) -> list[int]:
    return [sum(series[start : start + QUARTER_MINUTES]) for start in range(0, FLOW_MINUTES, QUARTER_MINUTES)]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 2)
