"""What can stop the Open311 server or its verbs.

LabkitFailure
└── BadOpen311File · BadPartnerName · TooManyKeys · UnknownKey
"""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class BadOpen311File(LabkitFailure):
    """A file of the server does not have the form it should; give `file` and `reason`."""

    code = "bad-open311-file"
    exit_code = ExitCode.BAD_INPUT


class BadPartnerName(LabkitFailure):
    """A partner is named by a short code; give `name`."""

    code = "bad-partner-name"
    exit_code = ExitCode.USAGE


class TooManyKeys(LabkitFailure):
    """There are as many keys as there may be; give `most`."""

    code = "too-many-keys"
    exit_code = ExitCode.REFUSED


class UnknownKey(LabkitFailure):
    """No key has this identifier; give `id`."""

    code = "unknown-key"
    exit_code = ExitCode.REFUSED
