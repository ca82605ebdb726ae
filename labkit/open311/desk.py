"""What every answer of the Open311 server rests on: the ledger, the view of requests, the keys, the settings."""

from datetime import UTC, datetime
from http import HTTPStatus
from math import ceil
from pathlib import Path

from msgspec import Struct

from labkit.open311.answers import Reader
from labkit.open311.documents import Value
from labkit.open311.errors import Refused, complaint, refused
from labkit.open311.keys import KeyRing
from labkit.open311.pace import Pace
from labkit.open311.parameters import Parameters
from labkit.open311.register import Register
from labkit.open311.settings import settings_of
from ledger.application import CaseLedger
from ledger.domain.vocabulary import Language
from projections.engine.place import Place, place_of
from projections.watch import Watch


class Call(Struct, frozen=True, kw_only=True):
    """One request, as far as answering it needs: what was given, who asks, and where we are."""

    given: Parameters
    reader: Reader
    secret: str
    url: str
    named: str = ""
    body: bytes = b""
    told_again_by: str | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """A document and its status."""

    root: str
    value: Value
    status: HTTPStatus = HTTPStatus.OK


class Desk:
    """The Open311 server of one data directory."""

    def __init__(
        self, ledger: CaseLedger, watch: Watch, data: Path, *, views: Place | None = None, pace: Pace | None = None
    ) -> None:
        self.ledger = ledger
        self.register = Register(views or place_of(data, None), watch)
        self._keys = KeyRing(data)
        self._settings = settings_of(data)
        self._pace = pace or Pace()

    def reader(self, secret: str, language: Language) -> Reader:
        """Return who asks, once his key is known and he is not too fast; without a key, everybody.

        Raises:
            Refused: the key is nobody's, or it asks too much at a time.
        """
        settings = self._settings.current()
        partner = self._keys.partner(secret) if secret else None
        if secret and partner is None:
            raise refused(HTTPStatus.FORBIDDEN, "open311-error.wrong-key")
        if partner:
            self._slow_down(self._pace.wait_s(partner, burst=settings.burst, per_second=settings.per_second))
        return Reader(language=language, partner=partner, reveal=self.ledger.reveal, settings=settings)

    def settings_written_at(self) -> datetime | None:
        """Return when the settings were last written, `None` if there is no such file."""
        signature = self._settings.signature()
        return datetime.fromtimestamp(signature[0] // 1_000_000_000, UTC) if signature else None

    def close(self) -> None:
        """Close the view."""
        self.register.close()

    def _slow_down(self, wait_s: float) -> None:
        if wait_s > 0:
            again = ceil(wait_s)
            too_many = complaint(HTTPStatus.TOO_MANY_REQUESTS, "open311-error.too-fast", seconds=again)
            raise Refused([too_many], retry_after_s=again)
