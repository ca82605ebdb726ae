"""One case in the lab: its events as they happen, the case as it stood at any of them, a fork, a fresh start."""

from typing import Any

from litestar import Response, get, post

from labkit.prototype.channels.web import next_path
from labkit.prototype.forking import fork
from labkit.prototype.kit_events import CaseForked
from labkit.prototype.lab.again import answered_until, answers_from, is_of_journey, moved, page_of
from labkit.prototype.lab.faces import Face, faces_of
from labkit.prototype.lab.frame import here_of, lab, number_of
from labkit.prototype.lab.live import sealed_of
from labkit.prototype.lab.places import path_on
from labkit.prototype.lab.standing import standing_of
from labkit.prototype.serving import Asked, Prototype, case_id_of, channel_named, form_of, in_thread, one, see
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from labkit.prototype.variants import read_choices, variant_of
from labkit.prototype.visiting import PERSONA, VARIANTS

EVENTS_MAX = 200


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of a case in the lab."""
    cases = prototype.cases

    @get("/_lab/{lang:str}/case/{case_id:uuid}", sync_to_thread=True)
    def timeline(request: Asked) -> Response[str]:
        """Show the events of a case, and the case as it stood at one of them."""
        view, case = prototype.view(request), cases.get(case_id_of(request))
        texts = prototype.texts(view.language)
        chosen = read_choices(request.cookies.get(VARIANTS))
        version = number_of(request.query_params.get("version", ""), least=1, most=case.version)
        return prototype.page(
            "lab_case.html",
            request,
            case=case,
            faces=shown_faces(prototype, case, texts),
            standing=standing_of(prototype.service, case, version, texts),
            forked=case.latest(CaseForked),
            variants=[variant_of(feature, case.id, chosen) for feature in prototype.service.variants],
        )

    @get("/_lab/{lang:str}/case/{case_id:uuid}/on/{channel:str}", sync_to_thread=True)
    def go_on(request: Asked) -> Response[Any]:
        """Go on with a case on another channel."""
        view, channel = prototype.view(request), channel_named(request.path_params["channel"])
        return see(path_on(prototype, cases.get(case_id_of(request)), channel, view.language))

    @post("/_lab/{lang:str}/case/{case_id:uuid}/fork", status_code=303)
    async def fork_case(request: Asked) -> Response[Any]:
        """Begin a new case where this one stood."""
        view, form = prototype.view(request), await form_of(request)
        case = await in_thread(cases.get, case_id_of(request))
        version = number_of(one(form, "version"), least=1, most=case.version)
        new = await in_thread(fork, cases, case, version)
        return see(lab(view.language, "case", new.id))

    @post("/_lab/{lang:str}/case/{case_id:uuid}/again", status_code=303)
    async def start_again(request: Asked) -> Response[Any]:
        """Begin a new case, empty or answered so far, and stay on the page."""
        view, form = prototype.view(request), await form_of(request)
        case = await in_thread(cases.get, case_id_of(request))
        here = here_of(form, lab(view.language, "case", case.id))
        persona = prototype.project.personas().get(request.cookies.get(PERSONA, ""))
        page_name = page_of(here)
        if one(form, "filled") != "yes":
            new = await in_thread(cases.open, case.opened.channel, by="lab")
        elif is_of_journey(cases, page_name):
            answer = answers_from(persona, case, *prototype.project.personas().values())
            new = await in_thread(answered_until, cases, page_name, answer, case.opened.channel)
        else:
            new = await in_thread(fork, cases, case, case.version)
        return see(moved(here, case, new) or next_path(prototype, new, view.language))

    return [timeline, go_on, fork_case, start_again]


def shown_faces(prototype: Prototype, case: ServiceCase, texts: Texts) -> list[Face]:
    """Return the faces of a case's last events, the newest first."""
    sealed = sealed_of(prototype.cases, case.id)
    return faces_of(case, sealed, texts)[-EVENTS_MAX:][::-1]
