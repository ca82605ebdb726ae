"""A real territory (territoire): one EPCI and its member communes, from the shipped data.

Nothing here is invented and nothing is asked of another host; `data/NOTICE.md` says where it comes from.
"""

import csv
import gzip
from collections.abc import Iterator
from importlib.resources import files
from io import TextIOWrapper

from msgspec import Struct

from labkit.failures import UnknownTerritory
from ledger.domain.vocabulary import AuthorityKind

PAU_BEARN_PYRENEES = "200067254"


class Commune(Struct, frozen=True, kw_only=True):
    """A commune, with the figures of its population."""

    insee_code: str
    siren: str
    name: str
    department: str
    region: str
    municipal_population: int
    total_population: int
    postal_codes: tuple[str, ...]


class Territory(Struct, frozen=True, kw_only=True):
    """An EPCI and its communes, the most populated first."""

    siren: str
    name: str
    kind: str
    communes: tuple[Commune, ...]

    @property
    def short_name(self) -> str:
        """Return the name without the kind of body that it begins with."""
        return self.name.removeprefix(f"{self.kind} ")

    @property
    def total_population(self) -> int:
        """Return how many people live in all communes together."""
        return sum(commune.total_population for commune in self.communes)


class KnownAuthority(Struct, frozen=True):
    """What the shipped data know of an authority."""

    name: str
    kind: AuthorityKind


def load_territory(siren: str = PAU_BEARN_PYRENEES) -> Territory:
    """Load one EPCI with its communes."""
    epci = next((row for row in _rows("epci.csv.gz") if row["siren"] == siren), None)
    if epci is None:
        raise UnknownTerritory(siren=siren)
    communes = [_commune(row) for row in _rows("communes.csv.gz") if row["epci_siren"] == siren]
    communes.sort(key=lambda commune: (-commune.total_population, commune.insee_code))
    return Territory(siren=siren, name=epci["name"], kind=epci["kind"], communes=tuple(communes))


def find_authority(siren: str) -> KnownAuthority | None:
    """Look an authority up among the communes and the EPCI of France."""
    for source, kind in (("epci.csv.gz", AuthorityKind.EPCI), ("communes.csv.gz", AuthorityKind.COMMUNE)):
        for row in _rows(source):
            if siren and row["siren"] == siren:
                return KnownAuthority(row["name"], kind)
    return None


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("labkit.data").joinpath(name).open("rb") as file, gzip.open(file) as unzipped:
        yield from csv.DictReader(TextIOWrapper(unzipped, encoding="utf-8", newline=""))


def _commune(row: dict[str, str]) -> Commune:
    return Commune(
        insee_code=row["insee_code"],
        siren=row["siren"],
        name=row["name"],
        department=row["department"],
        region=row["region"],
        municipal_population=int(row["municipal_population"]),
        total_population=int(row["total_population"]),
        postal_codes=tuple(row["postal_codes"].split()),
    )
