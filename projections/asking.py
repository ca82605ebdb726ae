"""What may be asked of the views in the query of an address: one struct a route, nothing unknown, nothing guessed."""

import re
from functools import cache
from typing import Annotated, TypeVar, cast
from uuid import UUID

import msgspec
from litestar.datastructures import MultiDict
from msgspec import Meta, Struct
from msgspec.inspect import BoolType, IntType, StructType, Type, UnionType, type_info

from projections.inbox import InboxQuery
from projections.keys import BadCursor
from projections.problems import Unanswerable
from projections.wording import PAGE_MAX, POSITION_MAX

Position = Annotated[int, Meta(ge=0, le=POSITION_MAX)]
Limit = Annotated[int, Meta(ge=1, le=PAGE_MAX)]
Asked = TypeVar("Asked", bound=Struct)

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_DIGITS = re.compile(r"[0-9]{1,18}")
_PLACE = re.compile(r"`\$\.(\w+)`\Z")


class NothingAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route without parameters."""


class OverviewAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which position on."""

    at_least: Position = 0


class TimelineAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The story of one case, or what was recorded since a position."""

    case: UUID | None = None
    since: Position = 0
    limit: Limit = 50
    cursor: str | None = None
    at_least: Position = 0

    @property
    def after(self) -> int:
        """Return the position after which to go on in the order of the ledger."""
        return self.since if self.cursor is None else position_in(self.cursor)


class InboxAsked(InboxQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows of an inbox, and from which position on."""

    at_least: Position = 0


class EventsAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which position on to listen; without one, from now on."""

    since: Position | None = None


def read_query(query: MultiDict[str], kind: type[Asked]) -> Asked:
    """Return what is asked.

    Raises:
        Unanswerable: a parameter is not known, or does not have the form asked for.
    """
    known = kind.__struct_fields__
    if not set(query) <= set(known):
        raise Unanswerable("unknown-parameter", names=", ".join(known) or "–")
    try:
        return msgspec.convert({name: _written(query[name], _forms(kind)[name]) for name in query}, kind)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        raise Unanswerable("bad-parameter", parameter=place[1] if place else "") from error


@cache
def _forms(kind: type[Struct]) -> dict[str, type[Type]]:
    told = cast("StructType", type_info(kind))
    return {field.encode_name: type(_unless_left_out(field.type)) for field in told.fields}


def _unless_left_out(form: Type) -> Type:
    return form.types[0] if isinstance(form, UnionType) else form


def _written(text: str, form: type[Type]) -> object:
    # The lenient mode of msgspec takes `1` for true, `null` for nothing and `5.0` for a whole number as well.
    if form is BoolType:
        return {"true": True, "false": False}.get(text, text)
    return int(text) if form is IntType and _WHOLE.fullmatch(text) else text


def read_event_id(header: str) -> int:
    """Return the position in a `Last-Event-ID`.

    Raises:
        Unanswerable: it is none that was ever sent.
    """
    if not _DIGITS.fullmatch(header):
        raise Unanswerable("bad-event-id")
    return int(header)


def position_in(cursor: str) -> int:
    """Return the position in a cursor of the order of the ledger.

    Raises:
        BadCursor: it is none.
    """
    if not _DIGITS.fullmatch(cursor):
        raise BadCursor(cursor)
    return int(cursor)
