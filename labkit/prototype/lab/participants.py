"""A participant's side of a trial: the text to agree to, the journey without the lab, the way out at any moment.

The address carries no name and no session: whoever holds the link takes part, until the trial has ended.
"""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from labkit.prototype.lab.places import first_path
from labkit.prototype.serving import Asked, Prototype, case_id_of, in_thread, see
from labkit.prototype.trials import Trial, begin, consent_of, end, erase, trial_of, version_of
from labkit.prototype.visiting import PARTICIPANT, kept


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of participants."""
    cases = prototype.cases

    @get("/{lang:str}/trial/{case_id:uuid}")
    async def invitation(request: Asked) -> Response[str]:
        """Show what is agreed to."""
        trial = await in_thread(trial_named, prototype, request)
        step = "over" if trial.ended_at is not None else "running" if trial.running else "ready"
        return await in_thread(_page, prototype, request, trial, step)

    @post("/{lang:str}/trial/{case_id:uuid}", status_code=303)
    async def agree(request: Asked) -> Response[Any]:
        """Record the agreement, and begin."""
        view, trial = prototype.view(request), await in_thread(trial_named, prototype, request)
        if trial.ended_at is not None:
            return see(view.path)
        texts = prototype.texts(view.language)
        consent = version_of(consent_of(texts, cases.offer.authority_name), texts)
        trial = await in_thread(begin, cases, trial, consent)
        answer = see(first_path(prototype, trial, view.language))
        answer.set_cookie(kept(PARTICIPANT, str(trial.case.id)))
        return answer

    @post("/{lang:str}/trial/{case_id:uuid}/stop", status_code=303)
    async def stop(request: Asked) -> Response[Any]:
        """Stop, whatever was being done."""
        view, trial = prototype.view(request), await in_thread(trial_named, prototype, request)
        if trial.begun_at is not None:
            await in_thread(end, cases, trial)
        return see(f"/{view.language}/trial/{trial.case.id}/{'over' if trial.begun_at else 'refused'}")

    @post("/{lang:str}/trial/{case_id:uuid}/erase", status_code=303)
    async def forget(request: Asked) -> Response[Any]:
        """Make unreadable what was written, because the participant withdraws."""
        view, trial = prototype.view(request), await in_thread(trial_named, prototype, request)
        if trial.ended_at is None:
            return see(f"/{view.language}/trial/{trial.case.id}")
        await in_thread(erase, cases, trial)
        return see(f"/{view.language}/trial/{trial.case.id}/erased")

    @get("/{lang:str}/trial/{case_id:uuid}/{step:str}", sync_to_thread=True)
    def said(request: Asked) -> Response[str]:
        """Say how it ended."""
        step = request.path_params["step"]
        if step not in ("over", "refused", "erased"):
            raise NotFoundException
        return _page(prototype, request, trial_named(prototype, request), step)

    return [invitation, agree, stop, forget, said]


def trial_named(prototype: Prototype, request: Asked) -> Trial:
    """Return the trial that an address names.

    Raises:
        NotFoundException: the case was prepared for no trial.
    """
    trial = trial_of(prototype.service, prototype.cases.get(case_id_of(request)))
    if trial is None:
        raise NotFoundException
    return trial


def _page(prototype: Prototype, request: Asked, trial: Trial, step: str) -> Response[str]:
    texts = prototype.texts(prototype.view(request).language)
    consent = consent_of(texts, prototype.cases.offer.authority_name)
    return prototype.page(
        "trial.html",
        request,
        step=step,
        invited=trial,
        consent=consent,
        version=version_of(consent, texts),
        card=prototype.card(trial.prepared.persona, texts),
    )
