"""`python -m bench`: every row in turn, several rounds, then medians, spreads and ratios, with the conditions."""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROW_TIMEOUT_S = 300


class Row(Struct, frozen=True):
    """One line of the table: its program, what it says, its unit, and what is asked of it."""

    name: str
    label: str
    unit: str
    flags: tuple[str, ...] = ()
    target: str = ""


ROWS = (
    Row("stock-64", "stock eventsourcing, 64 clients", "commands/s"),
    Row("stock-64", "stock eventsourcing, python -O, 64 clients", "commands/s", ("-O",)),
    Row("tuned-64", "stock eventsourcing, best-tuned cache, 64 clients", "commands/s"),
    Row("stock-1", "stock eventsourcing, 1 client", "commands/s"),
    Row("ours-64", "ledger, 64 clients", "commands/s", (), "≥ 10 × stock, 64 clients"),
    Row("ours-1", "ledger, 1 client", "commands/s"),
    Row("bulk", "ledger, bulk", "events/s", (), "20,000 is the aim"),
    Row("raw-64", "raw SQLite, batches of 64", "rows/s"),
    Row("raw-1000", "raw SQLite, batches of 1000", "rows/s"),
    Row("warm-start", "labkit up, warm: command to first page", "s", (), "≤ 5"),
    Row("commit-to-visible", "answer to view, p99 at 200 commands/s", "ms", (), "≤ 25"),
    Row("memory", "resident memory of all processes, real log", "MB", (), "≤ 400"),
    Row("first-page", "labkit: from nothing to a prototype's first page", "s", (), "≤ 5"),
    Row("first-page-govuk", "GOV.UK Prototype Kit 13.20.3: the same", "s"),
    Row("first-page-now", "Now Prototype It 0.14.2: the same", "s"),
)


def measure(row: Row) -> float | None:
    """Run one row once, in a process of its own; `None` when it cannot be had here."""
    command = [sys.executable, *row.flags, "-m", "bench.row", row.name]
    run = subprocess.run(command, capture_output=True, text=True, timeout=ROW_TIMEOUT_S, check=False)
    if run.returncode:
        sys.stderr.write(f"{row.label}: {run.stderr.strip().splitlines()[-1]}\n")
        return None
    return float(run.stdout.strip().splitlines()[-1])


def main() -> None:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", help="the rows whose names begin so, for example first-page")
    given = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    rows = [row for row in ROWS if row.name.startswith(given.only or "")]
    got: dict[str, list[float]] = {row.label: [] for row in rows}
    for row in track([row for _ in range(given.rounds) for row in rows], "Measuring", console=console):
        figure = measure(row)
        if figure is not None:
            got[row.label].append(figure)
    base = statistics.median(got.get(ROWS[0].label) or [0.0])
    table = Table(title="Medians, in one run; durability of all SQLite rows: WAL, synchronous=FULL")
    for column in ("row", "median", "min … max", "unit", "× stock (64)", "asked"):
        table.add_column(column, justify="left" if column in {"row", "unit", "asked"} else "right")
    for row in rows:
        figures = got[row.label]
        if not figures:
            table.add_row(row.label, "–", "not measured here", row.unit, "", row.target)
            continue
        median = statistics.median(figures)
        ratio = f"{median / base:.1f}" if base and row.unit.endswith("/s") else ""
        spread = f"{min(figures):,.1f} … {max(figures):,.1f}"
        table.add_row(row.label, f"{median:,.1f}", spread, row.unit, ratio, row.target)
    console.print(table)
    console.print(conditions())
    if given.json:
        given.json.write_text(json.dumps({"conditions": conditions(), "rows": got}, indent=2), encoding="utf-8")


def conditions() -> str:
    """Return what the figures depend on."""
    load = os.getloadavg()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in ("eventsourcing", "msgspec", "nats-py"))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}"
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{python}, {packages}; {machine}; load {load:.1f} at the end"


if __name__ == "__main__":
    main()
