"""`python -m bench.sizing`: the pages on sizing made anew, from what is assumed, weighed and measured."""

import argparse
from pathlib import Path

from bench.page import DOCS, FILE
from bench.results import read_results
from bench.sizing.assumptions import assumptions
from bench.sizing.footprint import measured_footprint
from bench.sizing.limits import Machine
from bench.sizing.page import FOOTPRINT, publish, read_footprint


def main() -> None:
    """Weigh an event where asked, then write the pages."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizing", description=__doc__)
    parser.add_argument(
        "--weigh", action="store_true", help="make a ledger and weigh its events; else the last sizes are taken"
    )
    parser.add_argument(
        "--from", dest="read", type=Path, metavar="FILE", help="take the speeds of that file of results"
    )
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="FOLDER", help="whose pages are written")
    given = parser.parse_args()
    assumed = assumptions()
    anew = given.weigh or not (given.docs / FOOTPRINT).exists()
    weighed = measured_footprint(assumed.habits.text_characters) if anew else read_footprint(given.docs)
    results = read_results(given.read or given.docs / FILE)
    publish(Machine(assumed=assumed, footprint=weighed, results=results), given.docs)


if __name__ == "__main__":
    main()
