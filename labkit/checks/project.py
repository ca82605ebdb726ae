"""A whole project checked: what can be read first, then every page, then the pages in a browser if there is one."""

from pathlib import Path

from msgspec import Struct

from labkit.checks.colours import check_colours
from labkit.checks.findings import Finding, sort_findings
from labkit.checks.links import check_links
from labkit.checks.markup import check_markup, doors_of, read
from labkit.checks.privacy import check_privacy
from labkit.checks.visits import addresses_of, visit
from labkit.checks.words import check_words
from labkit.messages import Texts
from labkit.prototype.project import Project
from labkit.prototype.trying import Trial, prototype


class Checked(Struct, frozen=True, kw_only=True):
    """What was looked at, and what was found; `browser` is the Chromium that looked along, if one did."""

    findings: list[Finding]
    pages: int = 0
    browser: str | None = None

    @property
    def passed(self) -> bool:
        """Tell whether nothing must be mended."""
        return not any(finding.severity == "error" for finding in self.findings)


def check_project(folder: Path, say: Texts, *, pages: bool = True, chromium: str | None = None) -> Checked:
    """Check a project; without `pages` only what can be read without running it.

    Raises:
        LabkitFailure: there is no project there, or its code cannot be imported.
    """
    project = Project(folder)
    found = [*check_words(project), *check_colours(project, say), *check_privacy(project, project.service())]
    if not pages:
        return Checked(findings=sort_findings(found))
    with prototype(folder) as trial:
        shown = _check_pages(trial, say, chromium)
    return Checked(findings=sort_findings([*found, *shown.findings]), pages=shown.pages, browser=shown.browser)


def _check_pages(trial: Trial, say: Texts, chromium: str | None) -> Checked:
    addresses, unanswered = addresses_of(trial)
    visits, unshown = visit(trial, addresses)
    documents = [read(each) for each in visits]
    beyond, closed = visit(trial, doors_of(documents))
    documents += [read(each) for each in beyond]
    found = [*unanswered, *unshown, *closed, *(each for document in documents for each in check_markup(document))]
    found += check_links(trial, documents)
    if chromium is not None:
        # The server of the browser's pages is loaded only where a browser is.
        from labkit.checks.axe import check_seen  # noqa: PLC0415
        from labkit.checks.browser import look  # noqa: PLC0415

        seen = [document.visit.address for document in documents]
        found += check_seen(look(trial, seen, chromium=chromium), seen, say.language)
    return Checked(findings=found, pages=len(documents), browser=chromium)
