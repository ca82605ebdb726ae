"""How a case goes: the scenes after its opening, drawn once, each some hours after the one before."""

from collections.abc import Iterator

from labkit.simulate import scenes
from labkit.simulate.casefile import CaseFile, Scene
from labkit.simulate.randomness import happens
from labkit.simulate.territory import Territory

CLOSED_EARLY_SHARE = 0.08
ASKED_AGAIN_SHARE = 0.4
DOCUMENTS_SHARE = 0.35
REOPENED_SHARE = 0.07
CORRECTED_SHARE = 0.07


def draw_plan(case: CaseFile, territory: Territory) -> Iterator[Scene]:
    """Yield the scenes of one case in their order."""
    rng, service = case.rng, case.service
    yield Scene(scenes.assign_case, 0.1, 3)
    yield Scene(scenes.record_step, 0.3, 5)
    if happens(rng, CORRECTED_SHARE):
        yield Scene(scenes.correct_contact, 0.2, 6)
    if happens(rng, ASKED_AGAIN_SHARE):
        yield Scene(scenes.ask_again, 6, 40)
        yield Scene(scenes.answer, 0.2, 9)
    if happens(rng, CLOSED_EARLY_SHARE):
        yield Scene(scenes.close_early, 4, 50)
        return
    if _is_handed_over(case, territory) and service.hand_over is not None:
        yield Scene(scenes.hand_over_to(territory, service.hand_over), 1, 12)
        yield Scene(scenes.assign_case, 1, 8)
        yield Scene(scenes.record_step, 1, 20)
    if happens(rng, DOCUMENTS_SHARE):
        yield Scene(scenes.request_documents, 0.5, 8)
        if happens(rng, 0.25):
            yield Scene(scenes.receive_half, 8, 60)
        yield Scene(scenes.receive_rest, 8, 70)
    yield Scene(scenes.record_step, 1, 24)
    if happens(rng, 0.15):
        yield Scene(scenes.attach_document, 0.1, 4)
    if happens(rng, 0.5):
        yield Scene(scenes.record_step, 2, 30)
    if service.decided:
        yield Scene(scenes.decide_case, 1, 24)
    yield Scene(scenes.answer, 0.2, 5)
    yield Scene(scenes.close_case, 0.1, 4)
    if happens(rng, REOPENED_SHARE):
        yield Scene(scenes.reopen_case, 8, 40)
        yield Scene(scenes.record_step, 1, 12)
        yield Scene(scenes.answer, 0.2, 5)
        yield Scene(scenes.close_case, 0.1, 4)


def _is_handed_over(case: CaseFile, territory: Territory) -> bool:
    chance = case.service.hand_over
    return chance is not None and case.authority != territory.siren and happens(case.rng, chance.share)
