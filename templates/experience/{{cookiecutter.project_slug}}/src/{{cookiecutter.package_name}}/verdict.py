"""What may be concluded: nothing from too few cases or an uneven draw, else what the interval says.

The guards are those of an A/A test: nothing is said where two equal variants might seem to differ.
"""

from math import sqrt
from typing import Literal

from {{ cookiecutter.package_name }}.intervals import difference
from {{ cookiecutter.package_name }}.reading import Shown

Verdict = Literal["too few", "uneven draw", "no difference seen", "better", "worse"]
# One fair draw in a thousand is further from even than this.
UNEVEN_Z = 3.29


def conclude(shown: Shown, variant: str, *, against: str, cases_wanted: int) -> Verdict:
    """Say how a variant compares with another, if it may be said."""
    counts = [len(cases) for cases in shown.cases.values()]
    if min(counts) < cases_wanted:
        return "too few"
    if not is_even(counts):
        return "uneven draw"
    one, other = ((shown.sent(name), len(shown.cases[name])) for name in (against, variant))
    low, high = difference(one, other)
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no difference seen"


def is_even(counts: list[int]) -> bool:
    """Tell whether a fair draw could have given these numbers: else something else chose."""
    total, share = sum(counts), 1 / len(counts)
    spread = sqrt(total * share * (1 - share))
    return all(abs(count - total * share) <= UNEVEN_Z * spread for count in counts)
