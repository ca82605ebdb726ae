"""The log that is imported while processes are killed, and what must come out: the real one, or an invented one.

The invented log has the real one's shape (channels, departments, steps a case, cases without an end), is always
the same for a seed, and comes with the figures counted while it was written.
"""

import gzip
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

REAL_LOG = Path(__file__).parents[2].parent / "shared" / "data" / "receipt.xes.gz"
CHANNELS = {"Internet": "web", "Desk": "counter", "Post": "post", "e-mail": "email", "Intern": "internal"}
INVENTED_CASES = 800
_FOUNDING_EVENTS = 2
_EVENTS_OF_AN_OPENING = 2


class Figures(NamedTuple):
    """What an import must leave in the overview."""

    cases: int
    steps: int
    closed: int
    late: int
    cases_by_channel: dict[str, int]

    @property
    def events(self) -> int:
        """How many events the ledger must hold: each case is opened with its first contact."""
        return _FOUNDING_EVENTS + _EVENTS_OF_AN_OPENING * self.cases + self.steps + self.closed


class Log(NamedTuple):
    """A log, and what must come out of it."""

    path: Path
    figures: Figures


REAL_FIGURES = Figures(
    cases=1434,
    steps=8577,
    closed=1329,
    late=377,
    cases_by_channel={"web": 1250, "counter": 109, "post": 53, "email": 21, "internal": 1},
)


def real_or_invented_log(folder: Path, seed: int = 1) -> Log:
    """Return the real log where it is at hand, else one invented into a folder."""
    if REAL_LOG.exists():
        return Log(REAL_LOG, REAL_FIGURES)
    return invented_log(folder, seed=seed)


def invented_log(folder: Path, *, seed: int, cases: int = INVENTED_CASES) -> Log:
    """Write a log of the real one's shape."""
    draw = random.Random(seed)
    path = folder / f"invented-{seed}.xes.gz"
    counted: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
        )
        file.write('<string key="concept:name" value="Invented receipts"/>\n')
        for number in range(1, cases + 1):
            file.write(_trace(draw, number, counted, channels))
        file.write("</log>\n")
    figures = Figures(cases, counted["steps"], counted["closed"], counted["late"], dict(channels))
    return Log(path, figures)


def _trace(draw: random.Random, number: int, counted: Counter[str], channels: Counter[str]) -> str:
    opened_at = datetime(2010, 10, 2, 7, tzinfo=UTC) + timedelta(minutes=draw.randrange(680_000))
    channel = draw.choices(list(CHANNELS), weights=[87, 8, 3, 1, 1])[0]
    steps = draw.choices([1, 3, 6, 9, 14], weights=[8, 15, 55, 17, 5])[0]
    deadline = opened_at + timedelta(days=56)
    lines = [
        "<trace>",
        f'<string key="concept:name" value="case-{number}"/>',
        f'<string key="channel" value="{channel}"/>',
        f'<string key="department" value="{draw.choice(["General", "Experts"])}"/>',
        f'<date key="deadline" value="{deadline.isoformat()}"/>',
    ]
    moments = sorted(opened_at + timedelta(minutes=draw.randrange(12_000)) for _ in range(steps))
    if draw.random() < 0.93:
        closed_at = max(moments[-1], opened_at + timedelta(days=draw.randrange(90)))
        lines.append(f'<date key="enddate" value="{closed_at.isoformat()}"/>')
        counted["closed"] += 1
        counted["late"] += closed_at > deadline
    lines += [_event(draw, rank, moment) for rank, moment in enumerate(moments)]
    counted["steps"] += steps
    channels[CHANNELS[channel]] += 1
    return "\n".join([*lines, "</trace>\n"])


def _event(draw: random.Random, rank: int, moment: datetime) -> str:
    return (
        f'<event><string key="concept:name" value="T{rank:02} étape"/>'
        f'<string key="org:resource" value="agent-{draw.randrange(48):02}"/>'
        f'<string key="org:group" value="Group {draw.randrange(10)}"/>'
        f'<date key="time:timestamp" value="{moment.isoformat()}"/></event>'
    )
