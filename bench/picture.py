"""The pictures of the page, as SVG that needs nothing else: ratios on a log scale, and cost as the ledger grows.

Each has a ground of its own, light or dark as the reader's system is, so its words can be read wherever it is shown.
"""

import math
from html import escape

from bench.catalogue import Language
from bench.results import Results
from bench.tables import number, word
from bench.targets import Target, all_targets

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 26, 400, 130, 48
_STYLE = """<style>
svg{font:13px system-ui,sans-serif;--ground:#fff;--ink:#1f2937;--faint:#d1d5db;--met:#0f766e;--missed:#b45309}
@media(prefers-color-scheme:dark){svg{--ground:#1e2129;--ink:#e5e7eb;--faint:#4b5563;--met:#2dd4bf;--missed:#fbbf24}}
.ground{fill:var(--ground)}text{fill:var(--ink)}.grid{stroke:var(--faint)}.met{fill:var(--met)}
.missed{fill:var(--missed)}.must{stroke:var(--ink);stroke-width:2}.line{fill:none;stroke-width:2}
.line.met{stroke:var(--met);fill:none}.line.missed{stroke:var(--missed);fill:none}
</style>"""


def ratios(results: Results, language: Language) -> str:
    """Return the picture of the ratios that have a target: a bar each, and a line where it must be."""
    shown = [(target, found) for target in all_targets() if target.over and (found := target.measured(results))]
    values = [value for target, found in shown for value in (found, target.must)]
    low, high = (math.floor(math.log10(min(values, default=0.1))), math.ceil(math.log10(max(values, default=100))))
    scale = _Scale(low, high)
    height = TOP + ROW * len(shown) + 34
    body = [text(12, 24, word("picture-title", language), bold=True)]
    for power in range(low, high + 1):
        x = scale.at(10**power)
        body.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 26}"/>')
        body.append(text(x, height - 8, f"{number(10**power, language)} ×", anchor="middle"))
    for rank, (target, found) in enumerate(shown):
        body += _bar(target, found, results, TOP + ROW * rank, scale, language)
    return svg(height, body, word("picture-title", language))


def growth(results: Results, language: Language) -> str:
    """Return the picture of what an append and a command cost, by how many events are stored."""
    series = (("append_us", "growth-append", "met"), ("short_case_us", "growth-short", "missed"))
    most = max((size[name] for size in results.growth for name, _, _ in series), default=1.0)
    events = [math.log10(size["events"]) for size in results.growth] or [0.0, 1.0]
    height, base, ceiling = 320, 250.0, 80.0

    def x(size: float) -> float:
        return 90 + (WIDTH - 180) * (math.log10(size) - events[0]) / max(events[-1] - events[0], 1e-9)

    def y(value: float) -> float:
        return base - (base - ceiling) * value / most

    body = [text(12, 24, word("group-growth", language), bold=True)]
    body += [
        text(x(size["events"]), base + 24, number(size["events"], language), anchor="middle") for size in results.growth
    ]
    body.append(text(WIDTH / 2, base + 52, word("growth-events", language), anchor="middle"))
    body.append(f'<line class="grid" x1="90" y1="{base}" x2="{WIDTH - 90}" y2="{base}"/>')
    for name, label, kind in series:
        points = [(x(size["events"]), y(size[name]), size[name]) for size in results.growth]
        body.append(f'<polyline class="line {kind}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)}"/>')
        for a, b, value in points:
            body.append(f'<circle class="{kind}" cx="{a:.1f}" cy="{b:.1f}" r="4"/>')
            body.append(text(a, b - 9, number(value, language), anchor="middle"))
        if points:
            body.append(text(points[0][0] - 20, points[0][1] - 30, word(label, language)))
    return svg(height, body, word("group-growth", language))


class _Scale:
    """Where a ratio stands between the left and the right edge, by its logarithm."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self._powers = max(high - low, 1)

    def at(self, ratio: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(ratio) - self._low) / self._powers


def _bar(target: Target, found: float, results: Results, top: int, scale: _Scale, language: Language) -> list[str]:
    kind = "missed" if target.verdict(results) == "missed" else "met"
    end, must = scale.at(found), scale.at(target.must)
    long = max(end - LEFT, 1)
    wanted = f"{'≤' if target.at_most else '≥'} {number(target.must, language)}"
    return [
        text(LEFT - 10, top + 16, word(f"target-{target.name}", language), anchor="end"),
        f'<rect class="{kind}" x="{LEFT}" y="{top + 4}" width="{long:.1f}" height="{ROW - 10}" rx="2"/>',
        f'<line class="must" x1="{must:.1f}" y1="{top}" x2="{must:.1f}" y2="{top + ROW - 2}"/>',
        text(max(end, must) + 8, top + 17, f"{number(found, language)} × ({wanted})"),
    ]


def text(x: float, y: float, words: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def svg(height: float, body: list[str], title: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{height}" rx="6"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", _STYLE, ground, *body, "</svg>"]) + "\n"
