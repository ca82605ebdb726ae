"""`labkit new FILE.labkit`: the archive checked, its maker shown, and what the verb then makes the project with."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from labkit.catalogue import taking_up
from labkit.catalogue.pack import Pack
from labkit.catalogue.signing import settings_folder
from labkit.catalogue.trust import pin, read_pins, require_trusted
from labkit.catalogue.unpack import unpack
from labkit.scaffold.catalogue import Template
from labkit.verbs.frame import Frame


class Opened(Struct, frozen=True, kw_only=True):
    """An archive that may be taken up: what it holds, and what is asked of whoever does."""

    file: Path
    pack: Pack
    template: Template

    def make(self, answers: Mapping[str, str], into: Path) -> Path:
        """Write what the template alone would have given the authority of the answers."""
        return taking_up.pristine(self.pack, answers, into, file=self.file)

    def settle(self, project: Path, answers: Mapping[str, str], *, keep_theme: bool) -> None:
        """Put what its makers made of it there instead."""
        taking_up.settle(self.pack, answers, project, file=self.file, keep_theme=keep_theme)

    def remember(self) -> None:
        """Trust this key for its authority from now on."""
        fingerprint = self.pack.signature.fingerprint
        pin(settings_folder(os.environ), authority=self.pack.entry.authority, fingerprint=fingerprint)


def opened(frame: Frame, file: Path, *, trust: str | None) -> Opened:
    """Return an archive whose signature is good and whose key is not another than the one awaited.

    Raises:
        BrokenPack: it is not what its maker signed, or not safe to open.
        UntrustedKey: another key was awaited.
    """
    pack = unpack(file)
    entry, fingerprint = pack.entry, pack.signature.fingerprint
    pins = read_pins(settings_folder(os.environ))
    require_trusted(pins, authority=entry.authority, fingerprint=fingerprint, given=trust, pack=file)
    known = trust is not None or fingerprint in pins.get(entry.authority, [])
    frame.write(frame.say("catalogue.from", title=entry.title.to(frame.say.language), authority=entry.authority_name))
    frame.write(frame.say("catalogue.fingerprint", fingerprint=fingerprint))
    if not known:
        frame.write(frame.say("catalogue.first-seen"))
    return Opened(file=file, pack=pack, template=taking_up.questions_of(pack, file))
