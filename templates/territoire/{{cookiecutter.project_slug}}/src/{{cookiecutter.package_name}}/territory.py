"""What `territory.toml` says, and the communes of the kit's data that it names."""

from datetime import date, time
from pathlib import Path
from typing import Annotated

import msgspec
from labkit.simulate.territory import Territory, load_territory
from ledger.domain.vocabulary import Channel
from msgspec import Meta, Struct

Weight = Annotated[float, Meta(ge=0)]


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which communes, of which inter-municipal body."""

    name: str
    siren: str
    seed: str
    communes: tuple[str, ...] = ()


class Calendar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On which days, and at what hours, people make themselves heard."""

    working_days: Annotated[int, Meta(ge=1, le=250)]
    opens: time
    closes: time
    weekdays: tuple[Weight, Weight, Weight, Weight, Weight]
    closed: tuple[date, ...] = ()


class Pack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    territory: Place
    channels: dict[Channel, Weight]
    calendar: Calendar


class UnknownCommuneError(LookupError):
    """A commune is no member of the body."""


def read_pack(file: Path) -> Pack:
    """Read a territory.

    Raises:
        OSError, msgspec.DecodeError: the file cannot be used.

    """
    return msgspec.toml.decode(file.read_bytes(), type=Pack)


def territory_of(place: Place) -> Territory:
    """Return the body with the communes that were picked, the most populated first.

    Raises:
        UnknownTerritory: no inter-municipal body has this SIREN.
        UnknownCommuneError: a commune that was picked is not one of its members.

    """
    whole = load_territory(place.siren)
    strangers = set(place.communes) - {commune.insee_code for commune in whole.communes}
    if strangers:
        raise UnknownCommuneError(f"{whole.name} has no commune {', '.join(sorted(strangers))}")
    if not place.communes:
        return whole
    picked = tuple(commune for commune in whole.communes if commune.insee_code in place.communes)
    return msgspec.structs.replace(whole, communes=picked)
