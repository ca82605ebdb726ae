"""One row, once, in a process of its own: `python [-O] -m bench.row NAME --seconds 2` prints its figures as JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from importlib import import_module

from bench.catalogue import Row, all_rows
from bench.failures import NotMeasured

EXIT_NOT_MEASURED = 3
SECONDS = 2.0
Program = Callable[..., dict[str, float]]


def program_of(row: Row) -> Program:
    """Return the function that measures a row.

    Raises:
        NotMeasured: a package that it needs is not installed.
    """
    module, _, name = row.program.partition(":")
    try:
        program: Program = getattr(import_module(f"bench.programs.{module}"), name)
    except ModuleNotFoundError as missing:
        raise NotMeasured(f"the package {missing.name} is not installed") from missing
    return program


def main() -> int:
    """Measure one row; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.row", description=__doc__)
    parser.add_argument("name", choices=[row.name for row in all_rows()])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    row = next(row for row in all_rows() if row.name == given.name)
    try:
        figures = program_of(row)(seconds=given.seconds, **row.given)
    except NotMeasured as why:
        print(why, file=sys.stderr)
        return EXIT_NOT_MEASURED
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
