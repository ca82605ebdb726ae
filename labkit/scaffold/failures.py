"""What can stop a project from being made.

LabkitFailure
├── UnknownTemplate · NewerTemplate
├── BadAnswer · UnknownAnswer · BadAnswersFile
├── FolderTaken · OutputNotWritable
└── RenderingFailed · CreationFailed
"""

from pathlib import Path

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.messages import Texts
from labkit.scaffold.words import Words
from ledger.domain.vocabulary import Language


class UnknownTemplate(LabkitFailure):
    """No template has this name; give `name` and the `near` ones."""

    code = "unknown-template"
    exit_code = ExitCode.USAGE


class NewerTemplate(LabkitFailure):
    """A template is of a kit that came after this one; give `name`, `needs` and `kit`."""

    code = "newer-template"
    exit_code = ExitCode.BAD_INPUT


class BadAnswer(LabkitFailure):
    """An answer would give a project that cannot run."""

    code = "bad-answer"
    exit_code = ExitCode.BAD_INPUT

    def __init__(self, *, name: str, value: str, why: Words) -> None:
        """Keep which question, the value, and what would be allowed."""
        super().__init__(name=name, value=value, why=why.en)
        self.name, self.value, self.why = name, value, why

    def message(self, language: Language = "en") -> str:
        """Return the question, the value and what is allowed."""
        why = self.why.to(language)
        return Texts(language)("failure.bad-answer", name=self.name, value=self.value, why=why)


class UnknownAnswer(LabkitFailure):
    """The template does not ask this; give `name`, `template` and what is `asked`."""

    code = "unknown-answer"
    exit_code = ExitCode.BAD_INPUT


class BadAnswersFile(LabkitFailure):
    """A file does not hold answers; give `path` and `reason`."""

    code = "bad-answers-file"
    exit_code = ExitCode.BAD_INPUT


class FolderTaken(LabkitFailure):
    """Something is in the folder that the project would be; give `folder`."""

    code = "folder-taken"
    exit_code = ExitCode.BAD_INPUT


class OutputNotWritable(LabkitFailure):
    """Nothing can be written where the project would be; give `folder` and `reason`."""

    code = "output-not-writable"
    exit_code = ExitCode.STORAGE


class RenderingFailed(LabkitFailure):
    """A template could not be rendered; give `template` and `reason`."""

    code = "rendering-failed"
    exit_code = ExitCode.DEFECT


class CreationFailed(LabkitFailure):
    """A project could not be made and nothing is left of it, but a file that keeps the answers."""

    code = "creation-failed"
    exit_code = ExitCode.DEFECT

    def __init__(self, *, cause: LabkitFailure, file: Path) -> None:
        """Keep what stopped it, and where the answers are."""
        super().__init__(cause=cause, file=file)
        self.cause, self.file = cause, file
        self.exit_code = cause.exit_code  # type: ignore[misc]  # What it ends with is what stopped it.

    def message(self, language: Language = "en") -> str:
        """Return what stopped it, and how to go on with the same answers."""
        cause = self.cause.message(language)
        return Texts(language)("failure.creation-failed", cause=cause, file=self.file)
