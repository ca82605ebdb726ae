"""What is taken for granted, told as data in `bench/sizing.toml`: habits, scenarios, sources, places, sizes."""

from functools import cache

import msgspec
from msgspec import Struct

from bench.catalogue import FOLDER, Language


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whatever has a name in both languages."""

    en: str
    fr: str

    def label(self, language: Language) -> str:
        """Return how a person calls it."""
        return self.en if language == "en" else self.fr


class Habits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When people get in touch, how much they write, and how long it is kept."""

    days_a_year: float
    hours_a_day: float
    years_kept: float
    text_characters: int
    generations: float


class Bounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a machine may be asked for before it stops being a wise choice."""

    peak_share: float
    restore_hours: float
    copy_mb_a_second: float
    disk_gb: float


class Memory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be in memory beside our processes."""

    system_gb: float
    hot_days: float


class Scenario(Told, frozen=True, kw_only=True):
    """How much people ask for."""

    name: str
    contacts_a_year: float
    events_a_contact: float
    peak_factor: float


class Source(Told, frozen=True, kw_only=True):
    """A public count of contacts, and of the people who had them within a year."""

    contacts: float
    people: float
    url: str


class Place(Told, frozen=True, kw_only=True):
    """The communes whose column holds a code; without a column, all of them."""

    column: str
    code: str


class Cut(Told, frozen=True, kw_only=True):
    """One ledger for the communes that share the value of a column."""

    column: str


class Size(Told, frozen=True, kw_only=True):
    """A ready size: for how many inhabitants, on how many machines."""

    inhabitants: float
    machines: int


class Assumptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it."""

    habits: Habits
    limits: Bounds
    memory: Memory
    scenario: tuple[Scenario, ...]
    source: tuple[Source, ...]
    place: tuple[Place, ...]
    cut: tuple[Cut, ...]
    size: tuple[Size, ...]


@cache
def assumptions() -> Assumptions:
    """Return what the file says."""
    return msgspec.toml.decode((FOLDER / "sizing.toml").read_bytes(), type=Assumptions)
