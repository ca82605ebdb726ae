"""Trials as makers see them: links made ready, trials watched while they run, notes, endings, exports."""

from ipaddress import ip_address
from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.exceptions import NotFoundException

from labkit.prototype.cases import Cases
from labkit.prototype.events import name_of
from labkit.prototype.kit_events import TrialPrepared
from labkit.prototype.lab.exporting import exported
from labkit.prototype.lab.frame import CASES_MAX, lab
from labkit.prototype.lab.invitation import Unusable, invite, qr_code, read_invitation
from labkit.prototype.lab.participants import trial_named
from labkit.prototype.lab.places import name_of_page
from labkit.prototype.lab.timeline import shown_faces
from labkit.prototype.questions import Form
from labkit.prototype.serving import Asked, Prototype, form_of, in_thread, one, see
from labkit.prototype.trials import KEPT, OBSERVER, Trial, end, erase, note, trial_of, trials_of
from ledger.domain.vocabulary import Channel

NOTE_LENGTH_MAX = 2_000
FIELDS = ("label", "persona", "channel", "page", "origin", "reference", "version")


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of trials."""
    cases = prototype.cases

    @get("/_lab/{lang:str}/trials")
    async def trials(request: Asked) -> Response[str]:
        """Show the trials, and how to make a link."""
        return await in_thread(_list, prototype, request)

    @post("/_lab/{lang:str}/trials", status_code=303)
    async def make(request: Asked) -> Response[Any]:
        """Make a case ready for a participant."""
        view, form = prototype.view(request), await form_of(request)
        personas = prototype.project.personas()
        try:
            invitation = await in_thread(read_invitation, form, cases, personas)
        except Unusable as wrong:
            return await in_thread(_list, prototype, request, form=form, wrong=wrong.name)
        trial = await in_thread(invite, cases, invitation, personas.get(invitation.prepared.persona or ""))
        return see(lab(view.language, "trials", trial.case.id))

    @post("/_lab/{lang:str}/trials/erase-due", status_code=303)
    async def erase_due(request: Asked) -> Response[Any]:
        """Erase what was kept as long as participants were told."""
        view = prototype.view(request)
        for trial in await in_thread(due_trials, cases):
            await in_thread(erase, cases, trial)
        return see(lab(view.language, "trials"))

    @get("/_lab/{lang:str}/trials/{case_id:uuid}", sync_to_thread=True)
    def observe(request: Asked) -> Response[str]:
        """Watch one trial."""
        view, trial = prototype.view(request), trial_named(prototype, request)
        texts = prototype.texts(view.language)
        url = f"{str(request.base_url).rstrip('/')}/{view.language}/trial/{trial.case.id}"
        seen = prototype.presence.of(trial.case.id)
        return prototype.page(
            "lab_trial.html",
            request,
            watched=trial,
            case=trial.case,
            url=url,
            qr=qr_code(url),
            loopback=is_loopback(request.url.hostname or ""),
            place=name_of_page(prototype.service, seen.path, texts) if seen else "",
            faces=shown_faces(prototype, trial.case, texts),
        )

    @post("/_lab/{lang:str}/trials/{case_id:uuid}/{act:str}", status_code=303)
    async def do(request: Asked) -> Response[Any]:
        """Take a note, end the trial, or erase what was written."""
        view, form = prototype.view(request), await form_of(request)
        trial = await in_thread(trial_named, prototype, request)
        match request.path_params["act"]:
            case "note":
                if text := one(form, "text")[:NOTE_LENGTH_MAX]:
                    await in_thread(note, cases, trial.case.id, text)
            case "end":
                await in_thread(end, cases, trial, OBSERVER)
            case "erase":
                await in_thread(erase, cases, trial)
            case _:
                raise NotFoundException
        return see(lab(view.language, "trials", trial.case.id))

    @get("/_lab/{lang:str}/trials/{case_id:uuid}/export.json", sync_to_thread=True)
    def export(request: Asked) -> Response[bytes]:
        """Hand over one trial as a file."""
        trial = trial_named(prototype, request)
        file = exported(trial, content=request.query_params.get("content") == "yes")
        return Response(
            msgspec.json.format(msgspec.json.encode(file), indent=2),
            media_type=MediaType.JSON,
            headers={
                "Content-Disposition": f'attachment; filename="trial-{trial.prepared.label}.json"',
                "Cache-Control": "no-store",
            },
        )

    return [trials, make, erase_due, observe, do, export]


def due_trials(cases: Cases) -> list[Trial]:
    """Return the trials that are kept longer than participants were told: all of them, those that no list shows too."""
    now, prepared = cases.clock(), name_of(TrialPrepared)
    old = (entry for entry in cases.entries() if prepared in entry.names and now - entry.opened_at >= KEPT)
    found = (trial_of(cases.service, cases.get(entry.case_id)) for entry in old)
    return [trial for trial in found if trial is not None and trial.is_due(now)]


def is_loopback(host: str) -> bool:
    """Tell whether an address opens on this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _list(prototype: Prototype, request: Asked, *, form: Form | None = None, wrong: str = "") -> Response[str]:
    found = trials_of(prototype.cases, CASES_MAX)
    return prototype.page(
        "lab_trials.html",
        request,
        status=422 if wrong else 200,
        trials=found,
        due=len(due_trials(prototype.cases)),
        personas=prototype.project.personas(),
        given={name: one(form, name) for name in FIELDS} if form else _blank(prototype, number=len(found) + 1),
        wrong=wrong,
    )


def _blank(prototype: Prototype, *, number: int) -> dict[str, str]:
    """Return the form as it is offered: the next code, the first persona, a new case."""
    persona = next(iter(prototype.project.personas()), "")
    return dict.fromkeys(FIELDS, "") | {"label": f"P{number}", "persona": persona, "channel": Channel.WEB.value}
