"""What can stop the work on integrators."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class IntegratorExists(LabkitFailure):
    """The name is taken; give `name`."""

    code = "integrator-exists"
    exit_code = ExitCode.REFUSED


class UnknownIntegrator(LabkitFailure):
    """There is no integrator of that name; give `name`."""

    code = "unknown-integrator"
    exit_code = ExitCode.REFUSED


class TooManyIntegrators(LabkitFailure):
    """There are as many as there may be; give `name`."""

    code = "too-many-integrators"
    exit_code = ExitCode.REFUSED


class UnreadableIntegrators(LabkitFailure):
    """The list cannot be read; give `name`, its file."""

    code = "unreadable-integrators"
    exit_code = ExitCode.STORAGE


class BadGrant(LabkitFailure):
    """What was to be granted cannot be; give `reason`."""

    code = "bad-grant"
    exit_code = ExitCode.BAD_INPUT


class CredentialsExist(LabkitFailure):
    """The file of the credentials is there already; give `file`."""

    code = "credentials-exist"
    exit_code = ExitCode.REFUSED


class ServerNotReloaded(LabkitFailure):
    """The change is written, the running server does not follow it; give `reason`."""

    code = "server-not-reloaded"
    exit_code = ExitCode.NATS_UNREACHABLE


ACCESS: dict[str, type[LabkitFailure]] = {
    failure.code: failure
    for failure in (IntegratorExists, UnknownIntegrator, TooManyIntegrators, UnreadableIntegrators)
}
"""What each code of the list's own errors comes to."""
