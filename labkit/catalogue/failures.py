"""What can stop a prototype from being given to others, or from being taken up.

LabkitFailure
├── PristineUnknown · FilesUnsettled · SecretInside · BadParticular · NobodyCouldOpen
├── BadSigningKey · BadPins
└── BrokenPack · UntrustedKey
"""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.messages import Texts
from ledger.domain.vocabulary import Language


class PristineUnknown(LabkitFailure):
    """What the template alone gave is not known here, so takers could not be updated; give `folder`."""

    code = "pristine-unknown"
    exit_code = ExitCode.BAD_INPUT


class FilesUnsettled(LabkitFailure):
    """Some files are neither kept by git nor ignored: nobody said whether they may go out; give `files`."""

    code = "files-unsettled"
    exit_code = ExitCode.BAD_INPUT


class SecretInside(LabkitFailure):
    """A file that would go out holds a private key; give `file`."""

    code = "secret-inside"
    exit_code = ExitCode.BAD_INPUT


class BadParticular(LabkitFailure):
    """Something said of the prototype cannot be used; give `option`, `value` and `expected`."""

    code = "bad-particular"
    exit_code = ExitCode.BAD_INPUT


class NobodyCouldOpen(LabkitFailure):
    """The archive would be refused by those whom it is for; give `why`, as the refusal would say it."""

    code = "nobody-could-open"
    exit_code = ExitCode.BAD_INPUT

    def __init__(self, refusal: "BrokenPack") -> None:
        """Keep what the refusal would be."""
        super().__init__(refusal=refusal)
        self.refusal = refusal

    def message(self, language: Language = "en") -> str:
        """Return what stands in the way."""
        return Texts(language)("failure.nobody-could-open", why=self.refusal.why(language))


class BadSigningKey(LabkitFailure):
    """The file of the signing key cannot be used; give `file` and `reason`."""

    code = "bad-signing-key"
    exit_code = ExitCode.BAD_INPUT


class BadPins(LabkitFailure):
    """The file of the keys that were trusted cannot be used; give `file` and `reason`."""

    code = "bad-pins"
    exit_code = ExitCode.BAD_INPUT


class UntrustedKey(LabkitFailure):
    """An archive is signed with another key than the one `awaited`; give `pack`, `authority`, `fingerprint`."""

    code = "untrusted-key"
    exit_code = ExitCode.REFUSED


class BrokenPack(LabkitFailure):
    """An archive is not what its maker signed, or is not safe to open; nothing of it was written."""

    code = "broken-pack"
    exit_code = ExitCode.BAD_INPUT

    def __init__(self, key: str, **details: object) -> None:
        """Keep which text says why, and its particulars: they may come from the archive, and a terminal shows them."""
        super().__init__(**{name: _shown(value) for name, value in details.items()})
        self.key = key

    def message(self, language: Language = "en") -> str:
        """Return which archive, and why it is not opened."""
        pack = self.details.get("pack", "?")
        return Texts(language)("failure.broken-pack", pack=pack, why=self.why(language))

    def why(self, language: Language) -> str:
        """Return why it is not opened."""
        return Texts(language)(self.key, **self.details)


def _shown(value: object) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))
