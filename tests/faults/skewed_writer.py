"""The writer as it is, with a wall clock that a file can set back: `python -m tests.faults.skewed_writer FILE`."""

import sys
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import ledger.api.commands
from ledger.__main__ import main


class SkewedClock:
    """Stands where the write side reads the time."""

    def __init__(self, skew: Path) -> None:
        self._skew = skew

    def now(self, zone: tzinfo) -> datetime:
        skew_s = 0.0
        with suppress(FileNotFoundError, ValueError):
            skew_s = float(self._skew.read_text("ascii"))
        return datetime.now(zone) + timedelta(seconds=skew_s)


if __name__ == "__main__":
    ledger.api.commands.datetime = SkewedClock(Path(sys.argv[1]))  # type: ignore[attr-defined,assignment]  # its only use there is `now`
    sys.exit(main(["serve"]))
