"""The parameters of one request, whether they came in its query or in its form.

By the standard an empty parameter is one that was not given. What is wrong is collected, so that a client
hears of all of it at once.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

from labkit.open311.documents import holds_forbidden
from labkit.open311.errors import Complaint, Refused, complaint, refused
from projections.keys import to_instant

FIELDS_MAX = 300
NAMED_AT_ONCE_MAX = 1_000
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,20})?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class Parameters:
    """What was given by name, and what was found wrong with it so far."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.complaints: list[Complaint] = []
        self._given: dict[str, list[str]] = {}
        for name, value in pairs:
            told = value.replace("\r\n", "\n").replace("\r", "\n").strip()
            if holds_forbidden(told):
                self.complain("open311-error.forbidden-characters", name=name)
            elif told:
                self._given.setdefault(name, []).append(told)

    def complain(self, text: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST, **details: object) -> None:
        """Note that something is wrong, and go on looking."""
        self.complaints.append(complaint(status, text, **details))

    def settle(self) -> None:
        """Go on only if nothing was wrong.

        Raises:
            Refused: something was.
        """
        if self.complaints:
            raise Refused(self.complaints)

    def names(self) -> Iterable[str]:
        """Return the names of what was given."""
        return self._given

    def all(self, name: str) -> list[str]:
        """Return each value that was given under a name."""
        return self._given.get(name, [])

    def text(self, name: str, *, length_max: int = 200) -> str:
        """Return the text under a name, an empty one if there is none."""
        text = next(iter(self.all(name)), "")
        if len(text) > length_max:
            self.complain("open311-error.too-long", name=name, most=length_max)
            return ""
        return text

    def listed(self, name: str) -> tuple[str, ...]:
        """Return what was declared several times, or once with commas, each only once."""
        parts = [part.strip() for value in self.all(name) for part in value.split(",")]
        found = tuple(dict.fromkeys(part for part in parts if part))
        if len(found) > NAMED_AT_ONCE_MAX:
            self.complain("open311-error.too-many-values", name=name, most=NAMED_AT_ONCE_MAX)
        return found[:NAMED_AT_ONCE_MAX]

    def number(self, name: str, least: float, most: float) -> float | None:
        """Return a number within bounds, `None` if there is none."""
        text = self.text(name)
        if not text:
            return None
        if not _NUMBER.fullmatch(text) or not least <= float(text) <= most:
            self.complain("open311-error.bad-number", name=name, least=f"{least:g}", most=f"{most:g}")
            return None
        return float(text)

    def count(self, name: str, *, default: int, most: int) -> int:
        """Return a whole number from one on."""
        text = self.text(name)
        if not text:
            return default
        if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
            self.complain("open311-error.bad-number", name=name, least=1, most=most)
            return default
        return int(text)

    def moment(self, name: str) -> int | None:
        """Return the instant of a W3C date and time with its zone, `None` if there is none."""
        # In a query, a plus that was not encoded has become a space, and there is no other that could be there.
        text = self.text(name).replace(" ", "+")
        if not text:
            return None
        moment = read_moment(text)
        if moment is None:
            self.complain("open311-error.bad-moment", name=name)
            return None
        return to_instant(moment)


def read_moment(text: str) -> datetime | None:
    """Return the moment of a W3C date and time with its zone, `None` if the text is none."""
    try:
        return datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def read_form(body: bytes) -> Parameters:
    """Return the parameters of a form.

    Raises:
        Refused: it is no form in UTF-8, or has too many fields.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError as error:  # among them UnicodeDecodeError
        raise refused(HTTPStatus.BAD_REQUEST, "open311-error.bad-form", most=FIELDS_MAX) from error
    return Parameters(pairs)
