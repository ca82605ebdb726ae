"""The colours of a project: whether all that its pages put together can be read, by day and by night."""

from collections.abc import Iterator

from labkit.checks.findings import Finding
from labkit.failures import LabkitFailure
from labkit.messages import Texts
from labkit.prototype.lab.looks import OWN
from labkit.prototype.look.contrast import problems_of
from labkit.prototype.look.theme import read_theme
from labkit.prototype.project import Project


def check_colours(project: Project, say: Texts) -> Iterator[Finding]:
    """Find colours that cannot be read together, or a theme that is none."""
    try:
        problems = problems_of(read_theme(project.folder / OWN))
    except LabkitFailure as failure:
        details = {"reason": failure.message(say.language)}
        yield Finding(severity="error", where=OWN, what="check.no-theme", mend="check.mend-theme", details=details)
        return
    for problem in problems:
        details = {
            "front": problem.front,
            "back": problem.back,
            "ratio": f"{problem.ratio:.2f}",
            "least": f"{problem.least:.1f}",
            "token": problem.token,
            "colour": problem.nearest or "",
        }
        yield Finding(
            severity="error",
            where=f"{OWN} [{problem.mode}]",
            what="check.contrast",
            mend="check.change-colour" if problem.nearest else "check.change-ground",
            details=details,
        )
