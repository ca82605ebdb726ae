"""What can stop the making of a fresh stream."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class StreamOfAnotherPast(LabkitFailure):
    """The stream holds events that the ledger does not; give its `end`, the ledger's `head` and what both `share`."""

    code = "stream-of-another-past"
    exit_code = ExitCode.REFUSED


class StreamOfAnotherLedger(LabkitFailure):
    """The stream shares no event with the ledger; give its `end` and the `url` of the server."""

    code = "stream-of-another-ledger"
    exit_code = ExitCode.REFUSED


class StreamNotMade(LabkitFailure):
    """The server did not make the stream, or took no more of it; give `reason`."""

    code = "stream-not-made"
    exit_code = ExitCode.NATS_UNREACHABLE
