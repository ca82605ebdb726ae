"""What keeps a subscriber from being tried at all."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class CommandNotStarted(LabkitFailure):
    """A command cannot be run; give `command` and `reason`."""

    code = "command-not-started"
    exit_code = ExitCode.BAD_INPUT


class ProbeUnusable(LabkitFailure):
    """The probe never told a position; give `command`, what it `printed`, and the subscriber's own `complaint`."""

    code = "probe-unusable"
    exit_code = ExitCode.BAD_INPUT


class NotFresh(LabkitFailure):
    """The subscriber stands somewhere before it was ever started; give its `position`."""

    code = "subscriber-not-fresh"
    exit_code = ExitCode.BAD_INPUT
