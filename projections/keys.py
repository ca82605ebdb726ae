"""How moments are written in the tables of a view, and places in its cursors.

An instant is a whole number of microseconds of universal time since 1970: it sorts, whatever the time
zone a moment came in.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from struct import Struct, error

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PLACE = Struct(">qq")


class BadCursor(ValueError):
    """What was given as a cursor is not one."""

    def __init__(self, cursor: str) -> None:
        """Say which, and what to do."""
        super().__init__(f"“{cursor}” is not a cursor: give the one that came with the last page, or none.")


def to_instant(moment: datetime) -> int:
    """Return the instant of a moment of any time zone."""
    return (moment - _EPOCH) // _MICROSECOND


def to_moment(instant: int) -> datetime:
    """Return the moment of an instant, in universal time; what lies beyond the calendar is its first or last."""
    try:
        return _EPOCH + instant * _MICROSECOND
    except OverflowError:
        return _FIRST if instant < 0 else _LAST


def to_cursor(rank: int, position: int) -> str:
    """Return the opaque text of a place in an ordered list."""
    return urlsafe_b64encode(_PLACE.pack(rank, position)).rstrip(b"=").decode()


def from_cursor(cursor: str) -> tuple[int, int]:
    """Return the rank and the position that a cursor names."""
    try:
        rank, position = _PLACE.unpack(urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (ValueError, error) as unreadable:
        raise BadCursor(cursor) from unreadable
    return rank, position
