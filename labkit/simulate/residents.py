"""The life of a territory: who asks for what, and what becomes of it, as commands with their moments.

A pure generator: the same seed and the same clock give the same commands, byte for byte. It sends nothing.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias
from uuid import UUID

from labkit.simulate import scenes
from labkit.simulate.calendar import draw_moment, when_open, working_days_before
from labkit.simulate.casefile import CaseFile, Scene
from labkit.simulate.catalogue import ServiceSketch, load_catalogue
from labkit.simulate.people import draw_resident
from labkit.simulate.plan import draw_plan
from labkit.simulate.randomness import draw_uuid, draw_weighted, happens
from labkit.simulate.territory import Commune, Territory
from ledger.domain.commands import LedgerCommand, PublishService, RegisterAuthority
from ledger.domain.identifiers import CommandId
from ledger.domain.vocabulary import AuthorityKind, Channel

PAST_WORKING_DAYS = 10
PAST_CASES = 70
LIVING_CASES = 40
OPENED_AT_EPCI_SHARE = 0.06
NEW_CASE_SHARE, NEW_CASE_SHARE_WHEN_QUIET = 0.1, 0.4
PAUSE_S_MIN, PAUSE_S_MAX = 1.0, 4.0
_OUT_OF_HOURS = frozenset({Channel.WEB, Channel.MOBILE, Channel.EMAIL, Channel.SOCIAL, Channel.CHATBOT})
_NAMELESS = frozenset({Channel.SOCIAL, Channel.CHATBOT})
# When a case begins, and by which channel, `None` for any that its service has.
Opening: TypeAlias = tuple[datetime, Channel | None]
_ANY_HOUR = time(7), time(22, 30)


class Life:
    """The residents and the agents of one territory, and the cases that they are living."""

    def __init__(self, seed: int | str, territory: Territory, clock: Callable[[], datetime]) -> None:
        self._rng = Random(f"{seed}/life")
        self._tempo = Random(f"{seed}/tempo")
        self._territory = territory
        self._clock = clock
        self._catalogue = load_catalogue()
        self._living: list[tuple[datetime, int, CaseFile]] = []
        self._rank = 0

    def foundation(self) -> list[LedgerCommand]:
        """Return what comes first: the authorities of the territory, and the services that they offer."""
        at = draw_moment(Random(0), working_days_before(self._clock(), PAST_WORKING_DAYS + 1)[0], time(8), time(9))
        return list(self._founding(at))

    def past(self, openings: Iterable[Opening] | None = None) -> list[LedgerCommand]:
        """Return what happened since some openings, or in the last working days, oldest first; open cases live on."""
        now = self._clock()
        for opened_at, channel in self._past_openings(now) if openings is None else openings:
            self._await(self._new_case(channel), opened_at)
        lived: list[LedgerCommand] = []
        while self._living and self._living[0][0] <= now:
            at, _, case = heapq.heappop(self._living)
            lived.append(self._play(case, at))
        return lived

    def act(self) -> LedgerCommand:
        """Return what happens now: a new case, or the next scene of one that is being lived."""
        now = self._clock()
        quiet = len(self._living) < LIVING_CASES
        if not self._living or happens(self._rng, NEW_CASE_SHARE_WHEN_QUIET if quiet else NEW_CASE_SHARE):
            case = self._new_case()
        else:
            _, _, case = heapq.heappop(self._living)
        return self._play(case, now)

    def pause_s(self) -> float:
        """Return how long to wait before the next act, at a human pace."""
        return self._tempo.uniform(PAUSE_S_MIN, PAUSE_S_MAX)

    def abandon(self, case_id: UUID) -> None:
        """Stop living a case: somebody else, at the console, took it another way."""
        self._living = [entry for entry in self._living if entry[2].id != case_id]
        heapq.heapify(self._living)

    def _founding(self, at: datetime) -> Iterator[LedgerCommand]:
        epci = self._territory
        yield self._registered(at, epci.siren, epci.name, AuthorityKind.EPCI)
        for commune in epci.communes:
            yield self._registered(at, commune.siren, commune.name, AuthorityKind.COMMUNE)
        for service in self._catalogue.services:
            if AuthorityKind.EPCI in service.offered_by:
                yield self._published(at, epci.siren, service)
            for commune in epci.communes:
                if _is_offered(service, commune):
                    yield self._published(at, commune.siren, service)

    def _registered(self, at: datetime, siren: str, name: str, kind: AuthorityKind) -> RegisterAuthority:
        return RegisterAuthority(
            command_id=CommandId(draw_uuid(self._rng)),
            occurred_at=at,
            authority=siren,
            name=name,
            kind=kind,
            parent=self._territory.siren if kind is AuthorityKind.COMMUNE else None,
        )

    def _published(self, at: datetime, siren: str, service: ServiceSketch) -> PublishService:
        return PublishService(
            command_id=CommandId(draw_uuid(self._rng)),
            occurred_at=at,
            authority=siren,
            service=service.code,
            name=service.name,
            answer_days=service.answer_days,
        )

    def _past_openings(self, now: datetime) -> list[Opening]:
        # Ten of them come by the ten channels, so that no page of a new console is empty.
        days = working_days_before(now, PAST_WORKING_DAYS)
        channels: list[Channel | None] = [*Channel, *[None] * (PAST_CASES - len(Channel))]
        self._rng.shuffle(channels)
        return [(self._opening_moment(days, channel), channel) for channel in channels]

    def _opening_moment(self, days: list[date], channel: Channel | None) -> datetime:
        day = self._rng.choice(days)
        return draw_moment(self._rng, day, *_ANY_HOUR) if channel in _OUT_OF_HOURS else draw_moment(self._rng, day)

    def _new_case(self, channel: Channel | None = None) -> CaseFile:
        rng, communes = self._rng, self._territory.communes
        commune = rng.choices(communes, [commune.total_population for commune in communes])[0]
        service = self._draw_service(commune, channel)
        channel = channel or draw_weighted(rng, service.channels)
        anonymous = channel in _NAMELESS or happens(rng, service.anonymous_share)
        postal_code = commune.postal_codes[0] if commune.postal_codes else ""
        resident = draw_resident(rng, self._catalogue.names, commune.name, postal_code, anonymous=anonymous)
        case = CaseFile(rng, service, commune, resident, channel)
        if service.hand_over is not None and happens(rng, OPENED_AT_EPCI_SHARE):
            case.go_to(self._territory, service.hand_over.to_unit)
        case.scenes.append(Scene(scenes.open_case, 0, 0))
        case.scenes.extend(draw_plan(case, self._territory))
        return case

    def _draw_service(self, commune: Commune, channel: Channel | None) -> ServiceSketch:
        return self._rng.choice(
            [
                service
                for service in self._catalogue.services
                if _is_offered(service, commune) and (channel is None or channel in service.channels)
            ]
        )

    def _play(self, case: CaseFile, at: datetime) -> LedgerCommand:
        command = case.scenes.popleft().play(case, at)
        if case.scenes:
            scene = case.scenes[0]
            due = at + timedelta(seconds=round(3600 * self._rng.uniform(scene.hours_min, scene.hours_max)))
            self._await(case, when_open(due))
        return command

    def _await(self, case: CaseFile, due: datetime) -> None:
        self._rank += 1
        heapq.heappush(self._living, (due, self._rank, case))


def _is_offered(service: ServiceSketch, commune: Commune) -> bool:
    return AuthorityKind.COMMUNE in service.offered_by and commune.total_population >= service.inhabitants_min
