"""What can be wrong with a recording, or with the ledger that it is to be played into."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class RecordingTaken(LabkitFailure):
    """There is a file where the recording would be; give `path`."""

    code = "recording-taken"
    exit_code = ExitCode.BAD_INPUT


class RecordingNotWritable(LabkitFailure):
    """Nothing can be written there; give `path` and `reason`."""

    code = "recording-not-writable"
    exit_code = ExitCode.STORAGE


class BrokenRecording(LabkitFailure):
    """A line of a recording cannot be understood; give `path`, `line` and `reason`."""

    code = "broken-recording"
    exit_code = ExitCode.BAD_INPUT


class NewerRecording(LabkitFailure):
    """A newer kit wrote the recording; give `path`, its `kit` and `ours`."""

    code = "newer-recording"
    exit_code = ExitCode.NEWER_DATA


class OtherService(LabkitFailure):
    """The recording is of another service; give `path`, its `recorded` service and `ours`."""

    code = "other-service"
    exit_code = ExitCode.BAD_INPUT


class LedgerNotEmpty(LabkitFailure):
    """There are cases already in the ledger that a recording would be played into; give `data`."""

    code = "ledger-not-empty"
    exit_code = ExitCode.BAD_INPUT


class NoLedger(LabkitFailure):
    """There is no ledger in a data directory; give `data`."""

    code = "no-ledger"
    exit_code = ExitCode.NOTHING_RUNNING
