"""What `experiment.toml` says, checked once."""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Share = Annotated[float, Meta(gt=0, lt=1)]


class Purpose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, for whom, when, and when to stop."""

    hypothesis: str
    for_whom: str
    begins_on: date
    ends_on: date
    consent: str
    stop_rule: str


class Prototype(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the prototype is, and its ledger inside it."""

    folder: str
    data: str


class Variants(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What varies, and how its variants are called; the first is what is shown today."""

    feature: str
    names: Annotated[tuple[str, ...], Meta(min_length=2, max_length=10)]


class Measures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share expected, the difference worth seeing, and what is told beside it."""

    expected_share: Share
    difference_wanted: Share
    also: tuple[str, ...] = ()


class Sample(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many cases each variant needs."""

    cases_per_variant: Annotated[int, Meta(ge=1)]


class Experiment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    experiment: Purpose
    prototype: Prototype
    variants: Variants
    measures: Measures
    sample: Sample


def read_experiment(file: Path) -> Experiment:
    """Read an experiment.

    Raises:
        OSError, msgspec.DecodeError: the file cannot be used.

    """
    return msgspec.toml.decode(file.read_bytes(), type=Experiment)


def cases_needed(share: float, difference: float) -> int:
    """Return how many cases each variant needs to see a difference (Lehr: power 80 %, error 5 %)."""
    return round(16 * share * (1 - share) / difference**2)
