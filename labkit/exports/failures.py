"""What can stop an export: nothing is left half-written by any of them."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class NoLedger(LabkitFailure):
    """There is no ledger in the data directory; give `data`."""

    code = "no-ledger"
    exit_code = ExitCode.BAD_INPUT


class UnknownEnding(LabkitFailure):
    """The name of the file does not say which form is wanted; give `file` and the `known` endings."""

    code = "unknown-ending"
    exit_code = ExitCode.USAGE


class ExportExists(LabkitFailure):
    """A file of that name is there already; give `file`."""

    code = "export-exists"
    exit_code = ExitCode.BAD_INPUT


class NotExported(LabkitFailure):
    """The file could not be written; give `file` and `reason`."""

    code = "not-exported"
    exit_code = ExitCode.STORAGE


class ParquetMissing(LabkitFailure):
    """What writes Parquet is an optional extra, and it is not installed."""

    code = "parquet-missing"
    exit_code = ExitCode.BAD_INPUT


class UnreadableEvent(LabkitFailure):
    """An event of the log does not fit its type; give its `position` and `reason`."""

    code = "unreadable-event"
    exit_code = ExitCode.DEFECT
