"""What can stop a verb of `labkit`: each failure has its message in both languages and its exit code.

LabkitFailure
├── RequestRefused · RequestFailed
├── NothingRunning · StrangeAnswer · ForwardFailed
├── UnreadableFile · BrokenXes · BadMapping · InvalidAuthority · UnknownTerritory
├── UnknownReference · AmbiguousReference
├── UnknownView · RebuildFailed
├── BadSettings · AlreadyRunning · RoleFailed
├── PortTaken · NewerData · NatsUnreachable · StorageFailed
└── (anything else is a defect)
"""

from typing import ClassVar

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from ledger.domain.vocabulary import Language


class LabkitFailure(Exception):
    """A verb could not do what was asked."""

    code: ClassVar[str]
    exit_code: ClassVar[ExitCode]

    def __init__(self, **details: object) -> None:
        """Keep the particulars that the message names."""
        super().__init__()
        self.details = details

    def message(self, language: Language = "en") -> str:
        """Return what failed and what to do."""
        return Texts(language)(f"failure.{self.code}", **self.details)

    def __str__(self) -> str:
        """Return the English message."""
        return self.message()


class RequestRefused(LabkitFailure):
    """A rule of the ledger said no; the details are the problem that it answered."""

    code = "request-refused"
    exit_code = ExitCode.REFUSED


class RequestFailed(LabkitFailure):
    """The running instance could not answer."""

    code = "request-failed"
    exit_code = ExitCode.DEFECT


class ForwardFailed(LabkitFailure):
    """An address did not take an event; the details are `url`, `position`, `before` and `reason`."""

    code = "forward-failed"
    exit_code = ExitCode.REFUSED


class NothingRunning(LabkitFailure):
    """No instance answers for this data directory."""

    code = "nothing-running"
    exit_code = ExitCode.NOTHING_RUNNING


class StrangeAnswer(LabkitFailure):
    """Something answers there, and it is not this version of Collectivilab."""

    code = "strange-answer"
    exit_code = ExitCode.NOTHING_RUNNING


class BrokenXes(LabkitFailure):
    """A log cannot be read further than a line; what came before it was whole."""

    code = "broken-xes"
    exit_code = ExitCode.BAD_INPUT

    def __init__(self, reason: str, *, line: int, column: int = 1, **details: object) -> None:
        """Keep where the log breaks and why; `reason` names a text of the catalogue."""
        super().__init__(reason=reason, line=line, column=column, **details)
        self.reason, self.line, self.column = reason, line, column

    def message(self, language: Language = "en") -> str:
        """Return the line, what is wrong there, and what to do."""
        say = Texts(language)
        why = say(f"xes.{self.reason}", **self.details)
        return say("failure.broken-xes", line=self.line, column=self.column, why=why)


class BadMapping(LabkitFailure):
    """A mapping file does not say how to read a log."""

    code = "bad-mapping"
    exit_code = ExitCode.BAD_INPUT


class InvalidAuthority(LabkitFailure):
    """The nine digits given for an authority are not a SIREN."""

    code = "invalid-authority"
    exit_code = ExitCode.BAD_INPUT


class UnreadableFile(LabkitFailure):
    """A file is missing or may not be read."""

    code = "unreadable-file"
    exit_code = ExitCode.BAD_INPUT


class UnknownTerritory(LabkitFailure):
    """No inter-municipal body of France has this SIREN."""

    code = "unknown-territory"
    exit_code = ExitCode.BAD_INPUT


class UnknownReference(LabkitFailure):
    """No case has this identifier or reference."""

    code = "unknown-reference"
    exit_code = ExitCode.REFUSED


class AmbiguousReference(LabkitFailure):
    """Several cases have this reference."""

    code = "ambiguous-reference"
    exit_code = ExitCode.REFUSED


class PortTaken(LabkitFailure):
    """Another program listens there; give `port`."""

    code = "port-taken"
    exit_code = ExitCode.PORT_TAKEN


class NewerData(LabkitFailure):
    """A newer Collectivilab wrote the data directory; give `data`."""

    code = "newer-data"
    exit_code = ExitCode.NEWER_DATA


class NatsUnreachable(LabkitFailure):
    """No NATS server answers; give `url`."""

    code = "nats-unreachable"
    exit_code = ExitCode.NATS_UNREACHABLE


class StorageFailed(LabkitFailure):
    """The disk or the database takes no more; give `reason`."""

    code = "storage-failed"
    exit_code = ExitCode.STORAGE


class AlreadyRunning(LabkitFailure):
    """Another `labkit up` holds the data directory; give `data`."""

    code = "already-running"
    exit_code = ExitCode.PORT_TAKEN


class BadSettings(LabkitFailure):
    """The environment holds a setting that cannot be used; give `reason`."""

    code = "bad-settings"
    exit_code = ExitCode.USAGE


class RoleFailed(LabkitFailure):
    """One of the processes cannot do its work; give `role` and `reason`."""

    code = "role-failed"
    exit_code = ExitCode.DEFECT


class UnknownView(LabkitFailure):
    """No view has this name; give `name` and the `known` ones."""

    code = "unknown-view"
    exit_code = ExitCode.USAGE


class RebuildFailed(LabkitFailure):
    """The feed ended too early; the live view was left as it was. Give `reason`."""

    code = "rebuild-failed"
    exit_code = ExitCode.DEFECT
