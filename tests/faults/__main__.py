"""The soak: rounds of faults against real processes for as long as asked, `nox -s soak -- --seconds 600 --seed 7`.

Each round says its seed, what was tried, and what was lost, doubled, out of order, differing from the log or readable
after its fence: nothing. `--seed` of a failure with `--rounds 1` repeats that plan; moments differ, as processes do.
"""

import argparse
import os
import secrets
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.plan import plan_of
from tests.faults.postgresql import is_installed
from tests.faults.rounds import play

SECONDS = 600
SEED_MAX = ROUNDS_MAX = 1_000_000


def main() -> int:
    """Play rounds until the time is over; return 1 after the first that lost something."""
    parser = argparse.ArgumentParser(prog="nox -s soak --", description=__doc__)
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("SOAK_SECONDS", str(SECONDS))))
    parser.add_argument("--seed", type=int, default=None, help="that of the first round; drawn if not given")
    parser.add_argument("--rounds", type=int, default=ROUNDS_MAX, help="at most")
    given = parser.parse_args()
    first = given.seed if given.seed is not None else secrets.randbelow(SEED_MAX)
    started, counted = time.monotonic(), Counter[str]()
    step = 1 if is_installed() else 2  # without PostgreSQL, only seeds of SQLite
    first += first % 2 if step == 2 and given.seed is None else 0
    while counted["rounds"] < given.rounds and time.monotonic() - started < given.seconds:
        if not _played(first + step * counted["rounds"], counted):
            return 1
    print(f"{dict(counted)} in {time.monotonic() - started:.0f} s: nothing lost, doubled or out of order", flush=True)
    return 0


def _played(seed: int, counted: Counter[str]) -> bool:
    plan = plan_of(seed)
    counted["rounds"] += 1
    print(f"round {counted['rounds']}, seed {seed}, {plan.store}: {plan.told}", flush=True)
    with TemporaryDirectory(prefix="soak-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else
        try:
            outcome = play(plan, Path(folder).resolve() / "home")
        except Exception:  # noqa: BLE001  # whatever went wrong, the seed must be said
            traceback.print_exc()
            print(f"round of seed {seed} failed: nox -s soak -- --seed {seed} --rounds 1", flush=True)
            return False
    print(outcome.told, flush=True)
    counted.update({str(plan.store): 1, "answers": outcome.answers, "events": outcome.events})
    if outcome.findings.total:
        print(f"round of seed {seed} failed: nox -s soak -- --seed {seed} --rounds 1", flush=True)
    return not outcome.findings.total


if __name__ == "__main__":
    sys.exit(main())
