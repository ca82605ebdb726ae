"""When a delivery is attempted again, and when it is no more. Pure.

The delays are those that the Standard Webhooks specification advises, to the letter: the guide for integrators shows
the same table, and a test compares them.
"""

from datetime import datetime, timedelta

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the attempt before each attempt is made."""

ATTEMPTS_MAX = len(DELAYS)
SWITCHED_OFF_AFTER = timedelta(days=5)
"""How long an endpoint may accept nothing at all; longer than all attempts at one delivery take."""


def next_attempt(made: int, now: datetime) -> datetime | None:
    """Return when a delivery is attempted after so many failures, `None` if it is a dead letter."""
    return now + DELAYS[made] if made < ATTEMPTS_MAX else None


def fails_for_too_long(failing_since: datetime, now: datetime) -> bool:
    """Tell whether an endpoint is to be switched off."""
    return now - failing_since >= SWITCHED_OFF_AFTER
