"""What is personal in an event, whose it is, and whether that person was forgotten.

A field typed `Personal` is sealed under its subject's own key before it reaches any disk, stream or
view. The subject is the citizen of the case or, for an anonymous contact, the case itself.
"""

from functools import cache
from typing import Annotated, get_type_hints
from uuid import UUID

from msgspec import Meta, Struct

from ledger.domain.identifiers import CitizenRef

_MARK = {"personal": True}

Personal = Annotated[str, Meta(extra=_MARK)]
PersonalText = Annotated[str, Meta(max_length=4000, extra=_MARK)]
PersonalRecord = Annotated[str, Meta(max_length=20_000, extra=_MARK)]
PersonalLine = Annotated[str, Meta(max_length=200, extra=_MARK)]


class Citizen(Struct, frozen=True, kw_only=True):
    """A person served, known here by pseudonym (usager)."""

    ref: CitizenRef
    version: int = 0
    known: bool = True
    forgotten: bool = False


@cache
def personal_fields(kind: type[Struct]) -> tuple[str, ...]:
    """Return the names of the fields of a struct that hold personal data."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(name for name in kind.__struct_fields__ if _is_personal(hints[name]))


def _is_personal(hint: object) -> bool:
    return any(isinstance(mark, Meta) and mark.extra == _MARK for mark in getattr(hint, "__metadata__", ()))


def data_subject(citizen: CitizenRef | None, case_id: UUID) -> UUID:
    """Return under whose key the personal fields of a case are sealed."""
    return citizen or case_id
