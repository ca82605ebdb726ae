"""A prototype in a test: its whole application on a ledger in memory, asked as browsers and agents ask.

`prototype(folder)` is a context; `fill` answers the pages of the journey with samples, on any channel.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from labkit.prototype.app import create_prototype
from labkit.prototype.cases import Cases
from labkit.prototype.events import stem_of
from labkit.prototype.project import Project
from labkit.prototype.questions import field_type, kind_of
from labkit.prototype.service import Page
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from ledger.application import CaseLedger
from ledger.domain.vocabulary import Channel
from ledger.settings import Settings

Answers = Mapping[str, Mapping[str, Any]]


class Trial:
    """One prototype under test, with a browser that follows redirects."""

    def __init__(self, prototype: Prototype, browser: TestClient[Litestar]) -> None:
        """Ask a prototype through its own application."""
        self.prototype = prototype
        self.project = prototype.project
        self.cases = prototype.cases
        self.service = prototype.service
        self.browser = browser

    def samples(self) -> dict[str, dict[str, Any]]:
        """Return the answers of the first persona, by event and field."""
        return next(iter(self.project.personas().values())).answers

    def begin(self, channel: Channel = Channel.WEB) -> ServiceCase:
        """Open a case on a channel."""
        return self.cases.open(channel)

    def fill(self, case: ServiceCase, channel: Channel = Channel.WEB, *, pages: int | None = None) -> ServiceCase:
        """Answer the pages that are still open with the first persona's answers, as the pages would read them."""
        for page in list(self.service.pages)[:pages]:
            case = self.cases.get(case.id)
            if page.when(case) and case.latest(page.event) is None:
                self.post(case, page, channel)
        return self.cases.get(case.id)

    def post(self, case: ServiceCase, page: Page, channel: Channel = Channel.WEB) -> None:
        """Send one page as a browser does, from the citizen's side or from the desk."""
        form = form_of(page, self.samples())
        language = self.project.languages[0]
        if channel in (Channel.WEB, Channel.MOBILE):
            answer = self.browser.post(
                f"/{language}/case/{case.id}/{page.name}", data={**form, "channel": channel.value}
            )
        else:
            path = f"/{language}/desk/case/{case.id}/page/{page.name}?channel={channel.value}"
            answer = self.browser.post(path, data=form)
        if answer.is_error:
            raise AssertionError(answer.text)


def form_of(page: Page, answers: Answers) -> dict[str, Any]:
    """Return a page's sample answers as a form sends them."""
    given = answers.get(stem_of(page.event), {})
    kinds = {name: kind_of(field_type(page.event, name)) for name in given}
    return {name: _typed(value, kinds[name]) for name, value in given.items()}


def _typed(value: Any, kind: str) -> Any:  # noqa: ANN401  # whatever the sample holds
    if kind == "yes_no":
        return "yes" if value else "no"
    if kind == "money":
        return f"{value / 100:.2f}"
    return list(value) if isinstance(value, list | tuple) else str(value)


@contextmanager
def prototype(folder: Path) -> Iterator[Trial]:
    """Run the prototype of a folder on a ledger of its own that is forgotten afterwards."""
    project = Project(folder)
    with (
        TemporaryDirectory() as data,
        CaseLedger(Settings(data=Path(data)), in_memory=True) as ledger,
    ):
        cases = Cases(ledger, project.service(), project.offer())
        cases.publish()
        running = Prototype(project, cases, data=Path(data))
        with TestClient(create_prototype(running), base_url="http://127.0.0.1") as browser:
            yield Trial(running, browser)
