"""What residents ask and what agents answer, service by service: the texts of `data/residents.toml`."""

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from ledger.domain.vocabulary import AuthorityKind, Channel


class Names(Struct, frozen=True, forbid_unknown_fields=True):
    """Of what invented people and places are made."""

    women: list[str]
    men: list[str]
    children: list[str]
    families: list[str]
    streets: list[str]
    schools: list[str]


class HandingOver(Struct, frozen=True, forbid_unknown_fields=True):
    """How often a commune hands a case over to its EPCI, to which unit, and why."""

    share: float
    to_unit: str
    reasons: list[str]


class Matter(Struct, frozen=True, forbid_unknown_fields=True):
    """What one case is about (motif): its title, and how it is said or written."""

    title: str
    said: list[str]
    written: list[str]


class ServiceSketch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service, who offers it, by which channels it is asked for, and the words that are said."""

    code: str
    name: str
    prefix: str
    offered_by: list[AuthorityKind]
    inhabitants_min: int
    answer_days: int
    unit: str
    team: str
    desk: str
    form: str
    partner: str
    anonymous_share: float
    channels: dict[Channel, int]
    matters: list[Matter]
    noticed: list[str]
    asked_again_said: list[str]
    asked_again_written: list[str]
    answers: list[str]
    activities: list[str]
    documents: list[str]
    documents_asked: str
    decided: bool
    grounds: list[str]
    hand_over: HandingOver | None = None


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that residents and agents may say."""

    names: Names
    services: list[ServiceSketch]


@cache
def load_catalogue() -> Catalogue:
    """Read the shipped catalogue."""
    text = files("labkit.data").joinpath("residents.toml").read_bytes()
    return msgspec.toml.decode(text, type=Catalogue)
