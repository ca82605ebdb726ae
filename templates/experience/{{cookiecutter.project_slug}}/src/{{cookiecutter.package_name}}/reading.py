"""Which cases of the prototype count, by the variant that they were shown. Reads; writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labkit.prototype import Service, ServiceCase
from labkit.prototype.kit_events import VariantShown


@dataclass(frozen=True)
class Shown:
    """The cases of each variant, and how many saw the feature and do not count."""

    cases: Mapping[str, list[ServiceCase]]
    left_out: int

    def sent(self, variant: str) -> int:
        """Return how many cases of a variant were sent."""
        return sum(case.submitted for case in self.cases[variant])


def sort_cases(cases: Iterable[ServiceCase], feature: str, names: Iterable[str]) -> Shown:
    """Sort cases by their variant; one that was chosen in the lab, or that saw two, does not count."""
    by_variant: dict[str, list[ServiceCase]] = {name: [] for name in names}
    left_out = 0
    for case in cases:
        seen = [event for event in case.every(VariantShown) if event.feature == feature]
        drawn = {event.variant for event in seen if event.reason == "drawn"}
        if len(seen) == 1 and len(drawn) == 1 and drawn <= by_variant.keys():
            by_variant[drawn.pop()].append(case)
        else:
            left_out += bool(seen)
    return Shown(by_variant, left_out)


def measured(service: Service, cases: list[ServiceCase], names: Iterable[str]) -> dict[str, float | None]:
    """Return the service's own measures of some cases."""
    return {name: service.measures[name](cases) for name in names}
