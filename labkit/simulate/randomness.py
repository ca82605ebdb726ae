"""Chance that can be repeated: everything drawn comes from a seeded generator that the caller holds."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar
from uuid import UUID

Drawn = TypeVar("Drawn")
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def draw_uuid(rng: Random) -> UUID:
    """Return a random UUID that the same seed gives again."""
    return UUID(int=rng.getrandbits(128), version=4)


def happens(rng: Random, share: float) -> bool:
    """Tell whether something happens that does so in a share of all cases."""
    return rng.random() < share


def draw_weighted(rng: Random, weights: Mapping[Drawn, float]) -> Drawn:
    """Return one of the keys, each as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def draw_reference(rng: Random, prefix: str) -> str:
    """Return a case reference that a citizen can read out on the telephone."""
    return f"{prefix}-{''.join(rng.choices(_REFERENCE_LETTERS, k=6))}"


def draw_digest(rng: Random) -> str:
    """Return the digest of a document that exists only in the story."""
    return f"sha256:{rng.getrandbits(256):064x}"
