"""`python -m {{ cookiecutter.package_name }}`: the table of the experiment in this folder."""

import sys
from pathlib import Path

from labkit.failures import LabkitFailure
from labkit.prototype.project import Project
from labkit.replay.ledgers import opened_cases

from {{ cookiecutter.package_name }}.experiment import read_experiment
from {{ cookiecutter.package_name }}.reading import sort_cases
from {{ cookiecutter.package_name }}.table import lines


def main() -> int:
    """Read the prototype's cases and print what they say."""
    experiment = read_experiment(Path("experiment.toml"))
    try:
        project = Project(Path(experiment.prototype.folder))
        with opened_cases(project, project.folder / experiment.prototype.data) as cases:
            shown = sort_cases(cases.all(), experiment.variants.feature, experiment.variants.names)
            print("\n".join(lines(experiment, shown, cases.service)))
    except LabkitFailure as failure:
        print(failure.message("en"), file=sys.stderr)
        return int(failure.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
