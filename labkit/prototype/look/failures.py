"""Why a theme's file cannot be used; each names the file, what is wrong there, and what to write."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class UnknownToken(LabkitFailure):
    """A theme names something that no page uses; give `path`, `place` and the `known` ones."""

    code = "unknown-token"
    exit_code = ExitCode.BAD_INPUT


class MissingToken(LabkitFailure):
    """A theme lacks something that pages use; give `path` and `place`."""

    code = "missing-token"
    exit_code = ExitCode.BAD_INPUT


class BadColour(LabkitFailure):
    """A colour is not written as `#rgb` or `#rrggbb`; give `path`, `place` and `value`."""

    code = "bad-colour"
    exit_code = ExitCode.BAD_INPUT


class BadToken(LabkitFailure):
    """A token other than a colour is not written as its kind asks; give `path`, `place` and `value`."""

    code = "bad-token"
    exit_code = ExitCode.BAD_INPUT


class MissingLogo(LabkitFailure):
    """The drawing that a theme names is not beside it; give `path` and `file`."""

    code = "missing-logo"
    exit_code = ExitCode.BAD_INPUT


class ThemeExists(LabkitFailure):
    """A theme would be written over another; give `path`."""

    code = "theme-exists"
    exit_code = ExitCode.BAD_INPUT
