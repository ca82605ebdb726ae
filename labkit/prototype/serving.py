"""What every page of a running prototype rests on: its project, its cases, its words, and how forms are read."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from labkit.failures import NothingRunning
from labkit.instance import find_instance
from labkit.prototype.cases import Cases
from labkit.prototype.failures import UnknownCase
from labkit.prototype.following import RULES
from labkit.prototype.kit_events import VariantShown
from labkit.prototype.personas import Card, card_of, suggested
from labkit.prototype.presence import Presence
from labkit.prototype.project import Project
from labkit.prototype.questions import Form
from labkit.prototype.rendering import Pages, View
from labkit.prototype.service import Page
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import LANGUAGES, Texts
from labkit.prototype.trials import Trial, trial_of
from labkit.prototype.variants import Showing, exposure_id, read_choices
from labkit.prototype.visiting import MODE, PERSONA, VARIANTS, participant_of
from ledger.domain.errors import CaseIsClosed
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Language

Answer = TypeVar("Answer")
Asked = Request[Any, Any, Any]
LAB_PATH = "/_lab"


class Prototype:
    """What every page of a running prototype rests on."""

    def __init__(self, project: Project, cases: Cases, *, data: Path | None = None) -> None:
        """Serve a project on the cases of its service; `data` is where documents and what is sent are kept."""
        self.project = project
        self.cases = cases
        self.service = cases.service
        self.pages = Pages(project)
        self.data = data
        self.presence = Presence()
        self.ports: dict[Channel, int] = {}  # Where channels listen that do not come by the web, once they do.

    @property
    def console_url(self) -> str | None:
        """Return where the console of the ledger answers, once it does."""
        with suppress(NothingRunning):
            return find_instance(self.data).url if self.data else None
        return None

    def texts(self, language: Language) -> Texts:
        """Return the words in one language."""
        return self.project.texts(language)

    def view(self, request: Asked, *, case_id: CaseId | None = None) -> View:
        """Return who looks and how.

        Raises:
            NotFoundException: the address begins with no language of the project.
        """
        language = language_of(request.url.path)
        if language is None or language not in self.project.languages:
            raise NotFoundException
        return View(
            language=language,
            path=request.url.path,
            case_id=str(case_id) if case_id else None,
            mode=mode_of(request.cookies.get(MODE)),
            persona=request.cookies.get(PERSONA),
            lab=shows_lab(request, language),
        )

    def page(self, template: str, request: Asked, *, status: int = 200, **values: Any) -> Response[str]:  # noqa: ANN401  # whatever the template shows
        """Return a filled template in the language of the address."""
        case = values.get("case")
        view = self.view(request, case_id=case.id if case else None)
        texts = self.texts(view.language)
        variant = Showing(self.service.variants, case, read_choices(request.cookies.get(VARIANTS)))
        shown = {"prototype": self, "variant": variant, "trial": None if view.lab else self.trial(request), **values}
        answer = self.pages.page(template, view, texts, status=status, **shown)
        if exposures := variant.exposures():
            answer.background = BackgroundTask(in_thread, self._expose, case, exposures)
        return answer

    def trial(self, request: Asked) -> Trial | None:
        """Return the trial that this browser takes part in, if it still runs, and keep where it is."""
        case_id = participant_of(request.cookies)
        if case_id is None:
            return None
        with suppress(UnknownCase):
            trial = trial_of(self.service, self.cases.get(case_id))
            if trial is not None and trial.running:
                self.presence.note(case_id, request.url.path, self.cases.clock())
                return trial
        return None

    def suggested(self, request: Asked, page: Page) -> dict[str, Any] | None:
        """Return what the persona chosen in the lab would answer; a participant answers alone."""
        persona = self.project.personas().get(request.cookies.get(PERSONA, ""))
        if persona is None or participant_of(request.cookies) is not None:
            return None
        return suggested(persona, page.event)

    def card(self, name: str | None, texts: Texts) -> Card | None:
        """Return what a participant is told of the persona they play."""
        persona = self.project.personas().get(name or "")
        return None if persona is None else card_of(persona, self.service, texts)

    def _expose(self, case: ServiceCase, exposures: list[VariantShown]) -> None:
        with suppress(CaseIsClosed):  # Closed while its page was being read: there is nothing left to compare.
            for shown in exposures:
                self.cases.record(case.id, shown, Channel.WEB, by=RULES, command_id=exposure_id(case, shown))


async def in_thread(ask: Callable[..., Answer], *given: Any, **named: Any) -> Answer:  # noqa: ANN401  # passed on
    """Do something that waits for the ledger, away from the event loop."""
    return await asyncio.to_thread(ask, *given, **named)


async def form_of(request: Asked) -> Form:
    """Return the fields of a filled form, each with all its values."""
    form = await request.form()
    return {name: [value for value in form.getall(name) if isinstance(value, str)] for name in form}


def one(form: Form, name: str) -> str:
    """Return the one value of a field, empty if it is not there."""
    return next(iter(form.get(name, ())), "").strip()


def typed(form: Form) -> dict[str, Any]:
    """Return what was typed, to be shown again; the three parts of a day as one, whatever they hold."""
    shown = {name: values[0] if len(values) == 1 else list(values) for name, values in form.items()}
    days = [name.removesuffix("-year") for name in form if name.endswith("-year")]
    return shown | {day: "-".join(one(form, f"{day}-{part}") for part in ("year", "month", "day")) for day in days}


def case_id_of(request: Asked) -> CaseId:
    """Return the case that an address names."""
    return CaseId(request.path_params["case_id"])


def page_named(prototype: Prototype, request: Asked) -> Page:
    """Return the page of the service that an address names, for an agent.

    Raises:
        NotFoundException: there is none.
    """
    page = prototype.service.page(request.path_params["page_name"])
    if page is None:
        raise NotFoundException
    return page


def page_of_journey(prototype: Prototype, request: Asked) -> Page:
    """Return the page that an address names, for a citizen, who is not asked those of the desk.

    Raises:
        NotFoundException: there is none.
    """
    page = page_named(prototype, request)
    if page not in prototype.service.pages:
        raise NotFoundException
    return page


def channel_named(code: str) -> Channel:
    """Return a channel by its code.

    Raises:
        NotFoundException: there is none.
    """
    if code not in {channel.value for channel in Channel}:
        raise NotFoundException
    return Channel(code)


def see(path: str) -> Redirect:
    """Send the browser on, so that reloading the next page sends nothing again."""
    return Redirect(path, status_code=303)


def shows_lab(request: Asked, language: Language) -> bool:
    """Tell whether a page has the lab beside it: not for who takes part in a trial, nor where one is asked to."""
    path = request.url.path
    if path.startswith(LAB_PATH):
        return True
    return participant_of(request.cookies) is None and not path.startswith(f"/{language}/trial/")


def language_of(path: str) -> Language | None:
    """Return the language that an address begins with, in the lab too."""
    first = path.removeprefix(LAB_PATH).split("/")[1:2]
    return next((language for language in LANGUAGES if [language] == first), None)


def preferred(accepted: str, languages: Sequence[Language]) -> Language:
    """Return the first language that a browser accepts, else the project's first."""
    wanted = [part.split(";")[0].strip().lower()[:2] for part in accepted.split(",")]
    return next((language for tag in wanted for language in languages if language == tag), languages[0])


def mode_of(cookie: str | None) -> str | None:
    """Return the colours asked for, `None` for those of the machine."""
    return cookie if cookie in ("light", "dark") else None
