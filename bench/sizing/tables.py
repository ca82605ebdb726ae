"""The tables of the pages on sizing, as cells of text in either language; a head, then rows."""

from collections.abc import Callable
from typing import NamedTuple

from bench.catalogue import Language
from bench.sizing.assumptions import Scenario
from bench.sizing.demand import HOUR_S
from bench.sizing.inhabitants import inhabitants_by, inhabitants_of
from bench.sizing.limits import GIGA, LIMITS, SPEEDS, Limit, Machine
from bench.sizing.words import NO_BREAK, PERCENT, amount, count, lasting, percent, several, word
from bench.tables import number

Cells = list[str]
DAYS_A_YEAR = 365


class Table(NamedTuple):
    """What a table says."""

    heads: Cells
    rows: list[Cells]


def scenarios(machine: Machine, language: Language) -> Table:
    """Return what is assumed of people."""
    keys = ("scenario", "contacts-a-year", "events-a-contact", "peak-factor", "in-touch-at-peak")
    return Table(
        _heads(keys, language),
        [
            [
                scenario.label(language),
                number(scenario.contacts_a_year, language),
                number(scenario.events_a_contact, language),
                number(scenario.peak_factor, language),
                f"{number(PERCENT * machine.demand(scenario).in_touch_at_peak, language)}{NO_BREAK}%",
            ]
            for scenario in machine.assumed.scenario
        ],
    )


def sources(machine: Machine, language: Language) -> Table:
    """Return the public counts that the scenarios rest on."""
    return Table(
        _heads(("source", "contacts-a-person"), language),
        [
            [f"[{source.label(language)}]({source.url})", number(source.contacts / source.people, language)]
            for source in machine.assumed.source
        ],
    )


def footprint(machine: Machine, language: Language) -> Table:
    """Return what an event takes."""
    weighed, generations = machine.footprint, number(machine.assumed.habits.generations, language)
    rows = [
        [word(f"copy-{copy}", language), number(getattr(weighed, copy), language)]
        for copy in ("ledger", "keys", "stream", "views", "backup")
    ]
    whole = f"**{word('copy-disk', language, generations=generations)}**"
    return Table(
        _heads(("copy", "bytes"), language), [*rows, [whole, f"**{number(machine.bytes_an_event(), language)}**"]]
    )


def load(machine: Machine, language: Language) -> Table:
    """Return what each place asks for, in each scenario."""
    keys = ("place", "inhabitants", "contacts-a-day", "events-at-peak", "events-a-year", "events-kept")
    asked = [machine.demand(scenario) for scenario in machine.assumed.scenario]

    def row(name: str, people: int) -> Cells:
        told = [
            [people * getattr(one, field) for one in asked]
            for field in ("contacts_a_day", "events_at_peak", "events_a_year", "events_kept")
        ]
        figures = [several([count(value, language) for value in values]) for values in told]
        return [name, number(people, language), *figures]

    return Table(
        _heads(keys, language), [row(place.label(language), inhabitants_of(place)) for place in machine.assumed.place]
    )


def limits(machine: Machine, language: Language) -> Table:
    """Return each limit, what was measured of it, and how many inhabitants meet it; in bold, which is met first."""
    scenarios = machine.assumed.scenario
    carried = [word("carries", language, name=scenario.label(language)) for scenario in scenarios]
    first = [machine.first_limit(scenario) for scenario in scenarios]

    def people(limit: Limit, rank: int) -> str:
        told = count(machine.carried(limit, scenarios[rank]), language)
        met = first[rank]
        return f"**{told}**" if met and met[0] == limit else told

    return Table(
        [*_heads(("limit", "measured", "asked"), language), *carried],
        [
            [
                word(f"limit-{limit}", language),
                _measured(machine, limit, language),
                _asked(machine, limit, language),
                *(people(limit, rank) for rank in range(len(scenarios))),
            ]
            for limit in LIMITS
        ],
    )


def shares(machine: Machine, language: Language) -> Table:
    """Return which part of each limit a place uses; in bold, more than all of it."""
    chosen = _middle_and_high(machine)

    def row(name: str, people: int) -> Cells:
        used = [[_times(machine.used_by_one(limit, one), people) for one in chosen] for limit in LIMITS]
        told = [several([percent(share, language) for share in shares]) for shares in used]
        return [name, *told]

    return Table(
        [word("place", language), *(word(f"short-{limit}", language) for limit in LIMITS)],
        [row(place.label(language), inhabitants_of(place)) for place in machine.assumed.place],
    )


def history(machine: Machine, language: Language) -> Table:
    """Return what all that is kept amounts to in each place."""
    keys = ("place", "growth-a-day", "stored-ledger", "stored-stream", "stored-views", "stored-backup")
    chosen, weighed = _middle_and_high(machine), machine.footprint
    kept = (weighed.ledger, weighed.stream, weighed.views * machine.assumed.habits.generations, weighed.backup)

    def told(figure: Callable[[Scenario], str]) -> str:
        return several([figure(one) for one in chosen])

    def row(name: str, people: int) -> Cells:
        a_day = told(
            lambda one: amount(
                people * machine.demand(one).events_a_year / DAYS_A_YEAR * machine.bytes_an_event(), language
            )
        )
        stored = [
            told(lambda one, each=each: amount(people * machine.demand(one).events_kept * each, language))  # type: ignore[misc]
            for each in kept
        ]
        return [
            name,
            a_day,
            *stored,
            told(lambda one: _time(machine, machine.folding_an_event_s(), people, one, language)),
            told(lambda one: _time(machine, machine.restoring_an_event_s(), people, one, language)),
        ]

    return Table(
        [*_heads((*keys, "folding", "restoring"), language)],
        [row(place.label(language), inhabitants_of(place)) for place in machine.assumed.place],
    )


def cuts(machine: Machine, language: Language) -> Table:
    """Return how many ledgers each way to cut France makes, and what the largest of them would be."""
    keys = ("cut", "ledgers", "median", "largest", "too-large", "restoring-largest")
    chosen = _middle_and_high(machine)

    def too_large(people: list[int], scenario: Scenario) -> str:
        first = machine.first_limit(scenario)
        return count(sum(each > first[1] for each in people) if first else None, language)

    def row(name: str, people: list[int]) -> Cells:
        seconds = machine.restoring_an_event_s()
        return [
            name,
            number(len(people), language),
            number(people[len(people) // 2], language),
            number(people[-1], language),
            several([too_large(people, one) for one in chosen]),
            several([_time(machine, seconds, people[-1], one, language) for one in chosen]),
        ]

    return Table(_heads(keys, language), [row(cut.label(language), inhabitants_by(cut)) for cut in machine.assumed.cut])


def _heads(keys: tuple[str, ...], language: Language) -> Cells:
    return [word(key, language) for key in keys]


def _middle_and_high(machine: Machine) -> tuple[Scenario, ...]:
    return machine.assumed.scenario[1:]


def _measured(machine: Machine, limit: Limit, language: Language) -> str:
    if limit == "disk":
        return word("bytes-an-event", language, figure=number(machine.bytes_an_event(), language))
    if limit == "restore":
        seconds = machine.restoring_an_event_s()
        told = count(HOUR_S / seconds if seconds else None, language)
        return word("events-an-hour", language, figure=told) if seconds else told
    speed = machine.speed(limit)
    return word("events-a-second", language, figure=number(speed, language)) if speed else count(None, language)


def _asked(machine: Machine, limit: Limit, language: Language) -> str:
    bounds = machine.assumed.limits
    if limit in SPEEDS:
        return word("at-peak", language, figure=number(PERCENT * bounds.peak_share, language))
    return (
        lasting(bounds.restore_hours * HOUR_S, language)
        if limit == "restore"
        else amount(bounds.disk_gb * GIGA, language)
    )


def _times(used: float | None, people: int) -> float | None:
    return None if used is None else used * people


def _time(machine: Machine, an_event_s: float | None, people: int, scenario: Scenario, language: Language) -> str:
    kept = people * machine.demand(scenario).events_kept
    return lasting(None if an_event_s is None else kept * an_event_s, language)
