"""Whether an event costs more when more are stored: the same ledger measured at each size while it is filled.

`python -m bench.programs.growth --seconds 2 10000 100000` prints a line of JSON for each size.
"""

import argparse
import json
import os
import statistics
import time
from itertools import cycle

import uvloop

from bench import servers
from bench.clients import Figures, in_coroutines
from bench.contacts import a_contact, a_publication, a_registration, a_stamp, an_opening, take
from bench.memory import resident_mb
from bench.programs.filled_log import fill
from ledger.application import CaseLedger
from ledger.domain.identifiers import CaseId
from ledger.settings import Settings
from ledger.store.identities import new_id

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
SHORT, LONG = 10, 10_000
CLIENTS, PAIRS = 64, 400
MICROSECONDS = 1_000_000


def main() -> None:
    """Fill, and measure at each size."""
    parser = argparse.ArgumentParser(prog="python -m bench.programs.growth", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    with servers.scratch() as folder, CaseLedger(Settings(data=folder)) as ledger:
        take(ledger, [a_registration(), a_publication()])
        long = _case(ledger, min(LONG, given.sizes[0] // 2))
        for events in given.sizes:
            fill(ledger, events)
            print(json.dumps({"events": ledger.head(), **_measured(ledger, long, given.seconds)}), flush=True)


def _measured(ledger: CaseLedger, long: CaseId, seconds: float) -> Figures:
    return {
        "append_us": MICROSECONDS / uvloop.run(_append(ledger, seconds))["value"],
        **_compared(ledger, _case(ledger, SHORT), long),
        "memory_mb": resident_mb(os.getpid()),
    }


async def _append(ledger: CaseLedger, seconds: float) -> Figures:
    cases = [_case(ledger, SHORT) for _ in range(CLIENTS)]

    async def work(client: int, _: int) -> None:
        await ledger.submit_async(a_contact(cases[client]), a_stamp())

    return await in_coroutines(work, CLIENTS, seconds=seconds)


def _compared(ledger: CaseLedger, short: CaseId, long: CaseId) -> Figures:
    """Return what a command takes on a short case and on a long one, by turns: the disk has moods."""
    took: dict[CaseId, list[float]] = {short: [], long: []}
    for _, case in zip(range(2 * PAIRS), cycle([short, long]), strict=False):
        started = time.perf_counter()
        ledger.execute(a_contact(case), a_stamp())
        took[case].append(time.perf_counter() - started)
    return {
        "short_case_us": MICROSECONDS * statistics.median(took[short]),
        "long_case_us": MICROSECONDS * statistics.median(took[long]),
    }


def _case(ledger: CaseLedger, events: int) -> CaseId:
    case = CaseId(new_id())
    take(ledger, [an_opening(case)])
    take(ledger, [a_contact(case) for _ in range(events - 1)])
    return case


if __name__ == "__main__":
    main()
