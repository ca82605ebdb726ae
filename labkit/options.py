"""What a person may ask of `labkit up`."""

from pathlib import Path

from msgspec import Struct

from ledger.domain.vocabulary import Language

DATA = Path(".collectivilab")
PORT = 8420


class UpOptions(Struct, frozen=True, kw_only=True):
    """How to start: where the data are, on which port, and whether residents come to life."""

    data: Path = DATA
    port: int = PORT
    browser: bool = True
    empty: bool = False
    json: bool = False
    language: Language = "en"
