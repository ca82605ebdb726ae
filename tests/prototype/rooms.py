"""What the tests of the counter and of the telephone share: a clock, agents who act at once, pages filled in a room."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial, form_of

HOSTILE = ("", " ", "../..", "<script>alert(1)</script>", "{reference}", "%s", "\x00", "é" * 5000, "'; DROP TABLE x --")


def at(trial: Trial, moment: datetime) -> None:
    """Let it be a moment, for all that happens from now on."""
    trial.cases.clock = lambda: moment


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do all of them at the same moment, a thread each."""
    barrier = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def only_case(trial: Trial) -> ServiceCase:
    """The one case that there is."""
    (entry,) = trial.cases.entries()
    return trial.cases.get(entry.case_id)


def fill(trial: Trial, case: ServiceCase, room: str, *, pages: int) -> None:
    """Answer the next pages in a room, as its agent does."""
    for _ in range(pages):
        page = trial.service.next_page(trial.cases.get(case.id))
        assert page is not None
        answer = trial.browser.post(f"{room}/page/{page.name}", data=form_of(page, trial.samples()))
        assert answer.status_code == 200, answer.text
