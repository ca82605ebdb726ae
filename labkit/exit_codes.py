"""The numbers that `labkit` ends with; their meaning, in both languages, is in `data/messages/core.toml`.

A number never changes its meaning: scripts rest on it.
"""

from enum import IntEnum

from labkit.messages import Texts


class ExitCode(IntEnum):
    """How a run of `labkit` ended."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    NOTHING_RUNNING = 3
    BAD_INPUT = 4
    PORT_TAKEN = 5
    NEWER_DATA = 6
    NATS_UNREACHABLE = 7
    STORAGE = 8
    FOUND = 10
    CONFLICT = 11
    DEFECT = 70
    INTERRUPTED = 130


def meanings(say: Texts) -> dict[ExitCode, str]:
    """Return what each exit code means, for the help and for the documentation."""
    return {code: say(f"exit.{code.name.lower().replace('_', '-')}") for code in ExitCode}
