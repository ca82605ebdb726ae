"""The picture of how many inhabitants meet each limit, on a log scale, with a line for each place on the way."""

import math

from bench.catalogue import Language
from bench.picture import WIDTH, svg, text
from bench.sizing.inhabitants import inhabitants_of
from bench.sizing.limits import LIMITS, Machine
from bench.sizing.words import word
from bench.tables import number

LEFT, RIGHT, TOP, ROW = 290, 30, 150, 34
SMALLEST, LARGEST = 1e3, 1e11


def drawn(machine: Machine, language: Language) -> str:
    """Return the picture as SVG."""
    height = TOP + ROW * len(LIMITS) + 50
    title = word("picture-title", language)
    body = [text(12, 24, title, bold=True)]
    for rank, place in enumerate(machine.assumed.place):
        people = inhabitants_of(place)
        label = f"{place.label(language)}, {number(people, language)}"
        body += _mark(_at(people), 52 + 18 * rank, label, height - 44)
    for rank, limit in enumerate(LIMITS):
        top = TOP + ROW * rank
        body.append(text(LEFT - 10, top + 20, word(f"limit-{limit}", language), anchor="end"))
        carried = [machine.carried(limit, scenario) for scenario in machine.assumed.scenario]
        known = [people for people in carried if people is not None]
        body += _bar(known, top) if known else [text(LEFT + 10, top + 20, word("unmeasured", language))]
    body.append(text(12, height - 14, word("picture-key", language)))
    return svg(height, body, title)


def _at(people: float) -> float:
    low, high = math.log10(SMALLEST), math.log10(LARGEST)
    along = (math.log10(min(max(people, SMALLEST), LARGEST)) - low) / (high - low)
    return LEFT + (WIDTH - LEFT - RIGHT) * along


def _bar(carried: list[float], top: int) -> list[str]:
    left, right, middle = _at(min(carried)), _at(max(carried)), _at(sorted(carried)[len(carried) // 2])
    return [
        f'<rect class="met" x="{left:.1f}" y="{top + 6}" width="{right - left:.1f}" height="{ROW - 14}" rx="2"/>',
        f'<line class="must" x1="{middle:.1f}" y1="{top + 2}" x2="{middle:.1f}" y2="{top + ROW - 4}"/>',
    ]


def _mark(x: float, y: int, label: str, bottom: float) -> list[str]:
    return [
        f'<line class="grid" x1="{x:.1f}" y1="{y + 4}" x2="{x:.1f}" y2="{bottom:.1f}"/>',
        text(x + 4, y, label),
    ]
