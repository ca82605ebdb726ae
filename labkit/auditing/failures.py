"""What can stop an audit; what an audit finds is no failure."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class AuditInterrupted(LabkitFailure):
    """The stream or the views could not be read to the end; give `reason`."""

    code = "audit-interrupted"
    exit_code = ExitCode.NATS_UNREACHABLE
