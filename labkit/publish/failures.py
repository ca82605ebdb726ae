"""What can stop a prototype from being published, or from being opened by those whom it is for."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class PasswordNeeded(LabkitFailure):
    """A prototype that other machines reach asks for a password, and there is none; give `listen` and `file`."""

    code = "password-needed"
    exit_code = ExitCode.USAGE


class BrokenPasswords(LabkitFailure):
    """The file of passwords cannot be used; give `file` and `reason`."""

    code = "broken-passwords"
    exit_code = ExitCode.BAD_INPUT


class BadPasswordName(LabkitFailure):
    """A password cannot be kept under this name; give `name` and how many there may be at `most`."""

    code = "bad-password-name"
    exit_code = ExitCode.BAD_INPUT


class UnknownPassword(LabkitFailure):
    """No password has this name; give `name` and `file`."""

    code = "unknown-password"
    exit_code = ExitCode.BAD_INPUT


class NotInstalled(LabkitFailure):
    """Something that is needed at run time is not installed here; give `name` and what it is needed `by`."""

    code = "not-installed"
    exit_code = ExitCode.BAD_INPUT


class OutputIsProject(LabkitFailure):
    """The notes of what is published would take the place of the project's own; give `output`."""

    code = "output-is-project"
    exit_code = ExitCode.BAD_INPUT


class NotPublished(LabkitFailure):
    """What was to be published could not be written; give `output` and `reason`."""

    code = "not-published"
    exit_code = ExitCode.STORAGE
