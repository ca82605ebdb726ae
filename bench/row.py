"""One row of the table, in a process of its own: `python [-O] -m bench.row NAME` prints its figure."""

import sys
from collections.abc import Callable

from bench.appends import CLIENTS, TUNED, bulk, ours, raw, stock
from bench.first_page import govuk_first_page, labkit_first_page, nowprototypeit_first_page
from bench.whole import commit_to_visible, memory_on_the_real_log, warm_start

SECONDS = 2.0

ROWS: dict[str, Callable[[], float]] = {
    "stock-1": lambda: stock(SECONDS, 1),
    "stock-64": lambda: stock(SECONDS, CLIENTS),
    "tuned-64": lambda: stock(SECONDS, CLIENTS, **TUNED),
    "ours-1": lambda: ours(SECONDS, 1),
    "ours-64": lambda: ours(SECONDS, CLIENTS),
    "bulk": lambda: bulk(20_000),
    "raw-64": lambda: raw(SECONDS, 64),
    "raw-1000": lambda: raw(SECONDS, 1000),
    "warm-start": warm_start,
    "commit-to-visible": commit_to_visible,
    "memory": memory_on_the_real_log,
    "first-page": labkit_first_page,
    "first-page-govuk": govuk_first_page,
    "first-page-now": nowprototypeit_first_page,
}

if __name__ == "__main__":
    print(ROWS[sys.argv[1]]())
