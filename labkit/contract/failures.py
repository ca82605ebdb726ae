"""What can stop the work on contracts."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class NoContract(LabkitFailure):
    """There is no contract to be read; give `where` it was looked for."""

    code = "no-contract"
    exit_code = ExitCode.BAD_INPUT


class BadContract(LabkitFailure):
    """A file of a contract is none; give `file`."""

    code = "bad-contract"
    exit_code = ExitCode.BAD_INPUT


class ContractFolderTaken(LabkitFailure):
    """The folder to write to holds something; give `folder`."""

    code = "contract-folder-taken"
    exit_code = ExitCode.REFUSED
