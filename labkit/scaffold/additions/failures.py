"""What stops an addition before anything is written.

LabkitFailure
├── BadName · NameTaken · BadField
├── UnknownEvent · UnknownPage · UnknownPattern · UnknownChannel
├── BeyondRecognition · NoSampleAnswer
└── AdditionNotWritten
"""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.messages import Texts
from ledger.domain.vocabulary import Language


class BadName(LabkitFailure):
    """Something cannot be called that; give `name` and the longest that one may be."""

    code = "bad-name"
    exit_code = ExitCode.USAGE


class NameTaken(LabkitFailure):
    """Something else has this name; give `name` and `file`."""

    code = "name-taken"
    exit_code = ExitCode.BAD_INPUT


class BadField(LabkitFailure):
    """A field is not written as one; give `field` and the `kinds`."""

    code = "bad-field"
    exit_code = ExitCode.USAGE


class UnknownEvent(LabkitFailure):
    """The project declares no such event; give `name` and the `known` ones."""

    code = "unknown-event"
    exit_code = ExitCode.BAD_INPUT


class UnknownPage(LabkitFailure):
    """The journey has no such page; give `name` and the `known` ones."""

    code = "unknown-page"
    exit_code = ExitCode.BAD_INPUT


class UnknownPattern(LabkitFailure):
    """The gallery has no such pattern; give `name` and the `known` ones."""

    code = "unknown-pattern"
    exit_code = ExitCode.USAGE


class UnknownChannel(LabkitFailure):
    """The kit has no such channel; give `name` and the `known` ones."""

    code = "unknown-channel"
    exit_code = ExitCode.USAGE


class NoSampleAnswer(LabkitFailure):
    """Nobody can guess what a persona would answer; give `field` and `event`."""

    code = "no-sample-answer"
    exit_code = ExitCode.BAD_INPUT


class AdditionNotWritten(LabkitFailure):
    """A file takes nothing, and those written before it are as they were; give `file` and `reason`."""

    code = "addition-not-written"
    exit_code = ExitCode.STORAGE


class BeyondRecognition(LabkitFailure):
    """A file of the project is no longer such as it can be edited by program."""

    code = "beyond-recognition"
    exit_code = ExitCode.BAD_INPUT

    def __init__(self, why: str, *, file: str, by_hand: str) -> None:
        """Keep the file, what to add to it by hand, and why; `why` names a text of the catalogue."""
        super().__init__(why=why, file=file, by_hand=by_hand)
        self.why, self.file, self.by_hand = why, file, by_hand

    def message(self, language: Language = "en") -> str:
        """Return why nothing was changed, and what to write where."""
        say = Texts(language)
        return say("failure.beyond-recognition", why=say(self.why), file=self.file, by_hand=self.by_hand)
