"""What can stop the import of a log that is not XML: it has no lines to name."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.messages import Texts
from ledger.domain.vocabulary import Language


class BrokenOcel(LabkitFailure):
    """An object-centric log cannot be read; give the key of the text that says why, the file, and its particulars."""

    code = "broken-ocel"
    exit_code = ExitCode.BAD_INPUT

    def __init__(self, why: str, *, file: object, **details: object) -> None:
        super().__init__(why=why, file=file, **details)
        self.why, self.file = why, file

    def message(self, language: Language = "en") -> str:
        """Return the file, what is wrong in it, and what to do."""
        say = Texts(language)
        return say("failure.broken-ocel", file=self.file, why=say(self.why, **self.details))
