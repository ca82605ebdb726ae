"""A trial played again, moment after moment, at the pace at which it happened; any case can be read so."""

from typing import Any

from litestar import Response, get
from msgspec import Struct

from labkit.prototype.kit_events import NoteTaken
from labkit.prototype.lab.frame import number_of
from labkit.prototype.lab.participants import trial_named
from labkit.prototype.lab.standing import standing_of
from labkit.prototype.serving import Asked, Prototype
from labkit.prototype.story import Moment
from labkit.prototype.telling import Told, told
from labkit.prototype.texts import Texts
from labkit.prototype.trials import Trial

STEPS_MAX = 200


class Step(Struct, frozen=True, kw_only=True):
    """One moment of a replay: what happened, and how long after the beginning."""

    number: int
    seconds: int
    told: Told
    note: str


def routes(prototype: Prototype) -> list[Any]:
    """Return the page of a replay."""

    @get("/_lab/{lang:str}/trials/{case_id:uuid}/replay", sync_to_thread=True)
    def replay(request: Asked) -> Response[str]:
        """Show a trial at one of its moments."""
        trial, texts = trial_named(prototype, request), prototype.texts(prototype.view(request).language)
        steps = steps_of(trial, texts)
        asked = request.query_params.get("step", "1")
        number = number_of(asked, least=1, most=max(1, len(steps)))
        at = steps[number - 1].told.version if steps else trial.case.version
        return prototype.page(
            "lab_replay.html",
            request,
            watched=trial,
            case=trial.case,
            steps=steps,
            number=number,
            standing=standing_of(prototype.service, trial.case, at, texts),
        )

    return [replay]


def steps_of(trial: Trial, texts: Texts) -> list[Step]:
    """Return what happened in a trial, in order, from its beginning."""
    return [_step(number, moment, trial, texts) for number, moment in enumerate(trial.moments[:STEPS_MAX], start=1)]


def _step(number: int, moment: Moment, trial: Trial, texts: Texts) -> Step:
    begun_at = trial.begun_at or moment.occurred_at
    own = moment.service_event
    return Step(
        number=number,
        seconds=round((moment.occurred_at - begun_at).total_seconds()),
        told=told(moment, texts),
        note=own.text if isinstance(own, NoteTaken) else "",
    )
