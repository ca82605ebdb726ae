"""Tells whether the page after the question is asked."""

from labkit.prototype import ServiceCase
from labkit.prototype.lab.patterns.condition.event import HelpWanted


def needs_help(case: ServiceCase) -> bool:
    """Tell whether somebody asked for help."""
    answer = case.latest(HelpWanted)
    return answer is not None and answer.wanted
