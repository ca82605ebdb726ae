"""`python -m bench`: every row in turn, several rounds, then the table of rows, the targets and the conditions."""

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.catalogue import Language, Row, all_rows, rows_named
from bench.conditions import conditions
from bench.results import Results, read_results
from bench.run import Run
from bench.tables import groups, row_cells, row_heads, target_heads, target_table, word

FILE = Path("build/bench.json")
ROUNDS, SECONDS = 5, 2.0
GROWTH = (10_000, 100_000, 1_000_000, 5_000_000)
WIDTH_WITHOUT_TERMINAL = 150
LANGUAGE: Language = "en"


def main() -> int:
    """Measure what is asked for, show it, and publish it where asked."""
    given = _arguments()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    rows = rows_named(tuple(given.only or ()), tuple(given.group or ()))
    if given.list:
        for row in rows:
            console.print(f"{row.name:26}{row.label(LANGUAGE)}")
        return 0
    results = read_results(given.read or given.json) if given.read or given.resume else None
    if results is None:
        results = Results(rounds=given.rounds, seconds=given.seconds, conditions=conditions())
    if not given.read:
        sizes = tuple(given.sizes or GROWTH) if given.growth else ()
        with suppress(KeyboardInterrupt):  # what was measured until then is shown all the same
            tell = Console(stderr=True, highlight=False).log
            run = Run(rows=rows, results=results, file=given.json, growth=sizes, events=given.events, tell=tell)
            run.measure()
    show(results, console)
    if given.publish:
        # The page is written from the checkout only, and needs nothing that a run needs.
        from bench.page import publish  # noqa: PLC0415

        publish(results)
    return 0


def show(results: Results, console: Console) -> None:
    """Print the tables and the conditions."""
    for group, rows in groups(results):
        table = _table(word(f"group-{group}", LANGUAGE), row_heads(LANGUAGE))
        for row in rows:
            table.add_row(*row_cells(row, results, LANGUAGE), style=_style(row))
        console.print(table)
    for size in results.growth:
        console.print("  ".join(f"{name} {value:,.0f}" for name, value in size.items()))
    targets = _table(word("target", LANGUAGE), target_heads(LANGUAGE))
    for cells in target_table(results, LANGUAGE):
        targets.add_row(*cells)
    console.print(targets)
    for name, told in results.conditions.items():
        console.print(f"{name}: {told}", soft_wrap=True)
    console.print(f"{results.rounds} rounds of {results.seconds} s")


def _table(title: str, heads: list[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for rank, head in enumerate(heads):
        table.add_column(head, justify="right" if rank in {1, 2} else "left")
    return table


def _style(row: Row) -> str:
    return "bold" if row.kind == "ours" else ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long a row is measured in each round")
    parser.add_argument("--only", action="append", metavar="NAME", help="the rows whose names begin so; repeatable")
    parser.add_argument("--group", action="append", choices=list(dict.fromkeys(row.group for row in all_rows())))
    parser.add_argument("--growth", action="store_true", help="and the cost of an event as the ledger grows")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="EVENTS", help="the sizes of --growth")
    parser.add_argument("--events", type=int, default=0, help="of what size the log of all views is, to try that row")
    parser.add_argument("--json", type=Path, default=FILE, metavar="FILE", help="where the results go")
    parser.add_argument("--resume", action="store_true", help="go on with the results of that file")
    parser.add_argument("--from", dest="read", type=Path, metavar="FILE", help="measure nothing: take these results")
    parser.add_argument("--publish", action="store_true", help="write the results into the pages of the docs")
    parser.add_argument("--list", action="store_true", help="name the rows")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
