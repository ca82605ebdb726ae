"""The table that is printed: one line a variant, its share with its interval, and what may be concluded."""

from collections.abc import Iterator

from labkit.prototype import Service

from {{ cookiecutter.package_name }}.experiment import Experiment
from {{ cookiecutter.package_name }}.intervals import wilson
from {{ cookiecutter.package_name }}.reading import Shown, measured
from {{ cookiecutter.package_name }}.verdict import conclude


def lines(experiment: Experiment, shown: Shown, service: Service) -> Iterator[str]:
    """Yield the lines of the table."""
    wanted, first = experiment.sample.cases_per_variant, experiment.variants.names[0]
    width = max(len(name) for name in experiment.variants.names)
    yield experiment.experiment.hypothesis
    for name, cases in shown.cases.items():
        low, high = wilson(shown.sent(name), len(cases))
        share = f"{shown.sent(name) / len(cases):4.0%}" if cases else "   –"
        said = "" if name == first else conclude(shown, name, against=first, cases_wanted=wanted)
        interval = f"[{low:.0%}, {high:.0%}]"
        yield f"{name:<{width}}  {len(cases):>6} of {wanted}  {share}  {interval}  {said}".rstrip()
        for measure, value in measured(service, cases, experiment.measures.also).items():
            yield f"{'':<{width}}  {measure}: {'–' if value is None else value}"
    yield f"left out: {shown.left_out}"
