"""Which variant of a feature a case is shown: drawn once and for all from its identifier, or chosen in the lab. Pure.

The names are OpenFeature's (flag key, targeting key, variant, reason), so that a provider can take this place; that
a case saw a variant is a fact on the ledger, recorded by `Showing.exposures`.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid5

from msgspec import Struct

from labkit.prototype.kit_events import VariantShown
from labkit.prototype.service import Variant
from labkit.prototype.story import ServiceCase

Reason = Literal["chosen", "drawn", "default"]
Choices = Mapping[str, str]


class UnknownFeature(LookupError):
    """A page asks for the variant of a feature that the service does not declare."""

    def __init__(self, flag_key: str) -> None:
        """Name the feature."""
        super().__init__(f"the service declares no variants of “{flag_key}”: add Variant(…) to SERVICE.variants")


class EvaluationDetails(Struct, frozen=True, kw_only=True):
    """Which variant of a feature, and why that one."""

    flag_key: str
    variant: str
    reason: Reason


def variant_of(feature: Variant, targeting_key: UUID | None, chosen: Choices) -> EvaluationDetails:
    """Return the variant that was chosen, else the one drawn for a case, else the first."""
    choice = chosen.get(feature.feature)
    if choice in feature.variants:
        return EvaluationDetails(flag_key=feature.feature, variant=choice, reason="chosen")
    if targeting_key is None:
        return EvaluationDetails(flag_key=feature.feature, variant=feature.variants[0], reason="default")
    # The feature's name is part of what is hashed: two experiments must not split the cases alike.
    digest = sha256(f"{feature.feature} {targeting_key}".encode()).digest()
    rank = int.from_bytes(digest[:8]) % len(feature.variants)
    return EvaluationDetails(flag_key=feature.feature, variant=feature.variants[rank], reason="drawn")


class Showing:
    """What one page asks with `variant("feature")`, and which of it is news to the ledger."""

    def __init__(self, features: Sequence[Variant], case: ServiceCase | None, chosen: Choices) -> None:
        """Answer for one case, or for a page that has none."""
        self._features = {feature.feature: feature for feature in features}
        self._case = case
        self._chosen = chosen
        self._asked: dict[str, EvaluationDetails] = {}

    def __call__(self, flag_key: str) -> str:
        """Return the variant to show.

        Raises:
            UnknownFeature: the service does not declare it.
        """
        if flag_key not in self._features:
            raise UnknownFeature(flag_key)
        details = variant_of(self._features[flag_key], self._case.id if self._case else None, self._chosen)
        self._asked[flag_key] = details
        return details.variant

    def exposures(self) -> list[VariantShown]:
        """Return what this case saw for the first time; a second variant of a feature is said too, not hidden."""
        if self._case is None or self._case.closed:
            return []
        seen = {(event.feature, event.variant) for event in self._case.every(VariantShown)}
        return [
            VariantShown(feature=details.flag_key, variant=details.variant, reason=details.reason)
            for details in self._asked.values()
            if details.reason != "default" and (details.flag_key, details.variant) not in seen
        ]


def exposure_id(case: ServiceCase, shown: VariantShown) -> UUID:
    """Return the identifier under which a case is shown a variant once, however often its pages are opened."""
    return uuid5(case.id, f"variant {shown.feature} {shown.variant}")


def read_choices(cookie: str | None) -> dict[str, str]:
    """Return the variants chosen in the lab, by feature."""
    pairs = (pair.partition(":") for pair in (cookie or "").split("&"))
    return {feature: variant for feature, _, variant in pairs if feature and variant}


def written(choices: Choices) -> str:
    """Return chosen variants as a cookie holds them."""
    return "&".join(f"{feature}:{variant}" for feature, variant in sorted(choices.items()))
