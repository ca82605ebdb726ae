"""What can stop a prototype, or the reading of its project."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class UnknownCase(LabkitFailure):
    """No case of this service has this identifier or reference; give `reference`."""

    code = "unknown-case"
    exit_code = ExitCode.REFUSED


class CannotBeKept(LabkitFailure):
    """Something is longer, or shaped otherwise, than what the ledger keeps; give `reason`."""

    code = "cannot-be-kept"
    exit_code = ExitCode.BAD_INPUT


class NoProject(LabkitFailure):
    """There is no prototype in a folder; give `folder`."""

    code = "no-project"
    exit_code = ExitCode.BAD_INPUT


class BrokenProject(LabkitFailure):
    """A project's file cannot be used; give `file` and `reason`."""

    code = "broken-project"
    exit_code = ExitCode.BAD_INPUT
