"""What a run found: the figures of each round, why others are missing, and what all of it depends on; kept as JSON."""

import statistics
from pathlib import Path

import msgspec
from msgspec import Struct

Figures = dict[str, float]
MAIN = "value"


class Summary(Struct, frozen=True):
    """One row over all rounds."""

    median: float
    least: float
    most: float


class Results(Struct, kw_only=True):
    """A run, as far as it came."""

    rounds: int
    seconds: float
    conditions: dict[str, str] = {}
    figures: dict[str, list[Figures]] = {}
    absent: dict[str, str] = {}
    growth: list[Figures] = []

    def add(self, row: str, figures: Figures) -> None:
        """Keep the figures of one more round."""
        self.figures.setdefault(row, []).append(figures)

    def summary(self, row: str, figure: str = MAIN) -> Summary | None:
        """Return the median of one figure of a row, and how far its rounds lie apart; `None` without any."""
        values = [figures[figure] for figures in self.figures.get(row, []) if figure in figures]
        return Summary(statistics.median(values), min(values), max(values)) if values else None


def read_results(path: Path) -> Results:
    """Return the results of a file."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def write_results(results: Results, path: Path) -> None:
    """Write the results, whole or not at all: a run that is interrupted leaves what it had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(_rounded(results)), indent=1) + b"\n")
    fresh.replace(path)


def _rounded(results: Results) -> dict[str, object]:
    """Return the results with the digits that they are worth."""

    def digits(figures: Figures) -> Figures:
        return {name: float(f"{value:.5g}") for name, value in figures.items()}

    told: dict[str, object] = msgspec.to_builtins(results)
    told["figures"] = {row: [digits(figures) for figures in rounds] for row, rounds in results.figures.items()}
    told["growth"] = [digits(figures) for figures in results.growth]
    return told
