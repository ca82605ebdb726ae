"""The life of a territory: believable, repeatable, and never refused by a rule."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from string import Formatter
from uuid import UUID

import msgspec
import pytest

from labkit.simulate.calendar import CENTRAL_EUROPE, CLOSES, OPENS, is_working_day, when_open, working_days_before
from labkit.simulate.catalogue import load_catalogue
from labkit.simulate.people import plain, within
from labkit.simulate.residents import LIVING_CASES, PAUSE_S_MAX, PAUSE_S_MIN, Life
from labkit.simulate.territory import PAU_BEARN_PYRENEES, load_territory
from ledger.domain.case import State, evolve
from ledger.domain.citizen import personal_fields
from ledger.domain.commands import COMMANDS, CaseCommand, LedgerCommand, OpenCase
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.events import CaseHandedOver, InteractionRecorded, LedgerEvent, Stamp
from ledger.domain.identifiers import authority_stream
from ledger.domain.vocabulary import Channel, Direction

SUNDAY = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
SEEDS = range(8)
PAU = load_territory()


def a_clock(start: datetime = SUNDAY) -> Callable[[], datetime]:
    ticks = iter(range(10_000_000))
    return lambda: start + timedelta(seconds=2 * next(ticks))


def a_life(seed: int | str = 7, start: datetime = SUNDAY) -> Life:
    return Life(seed, PAU, a_clock(start))


def lived(life: Life, acts: int = 0) -> list[LedgerCommand]:
    return [*life.foundation(), *life.past(), *(life.act() for _ in range(acts))]


def events_of(commands: list[LedgerCommand]) -> list[LedgerEvent]:
    """Decide and fold every command; each must be accepted."""
    states: dict[UUID, State] = {}
    found: list[LedgerEvent] = []
    for command in commands:
        read = authority_read_by(command)
        authority = states.get(authority_stream(read)) if read else None
        stamp = Stamp(by="residents", recorded_at=max(command.occurred_at, SUNDAY))
        events = decide(command, states.get(command.stream_id), stamp, authority)
        assert events, command
        for event in events:
            states[command.stream_id] = evolve(states.get(command.stream_id), event)
        found += events
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_no_rule_refuses_anything(seed: int) -> None:
    events_of(lived(a_life(seed), acts=600))


def test_the_same_seed_and_clock_give_the_same_bytes() -> None:
    first, again = (msgspec.json.encode(lived(a_life(), acts=300)) for _ in range(2))
    assert first == again


def test_another_seed_gives_another_life() -> None:
    commands, others = lived(a_life(1)), lived(a_life(2))
    assert not {c.command_id for c in commands} & {c.command_id for c in others}


def test_every_command_has_the_shape_that_the_ledger_takes() -> None:
    commands = lived(a_life(), acts=300)
    assert msgspec.json.decode(msgspec.json.encode(commands), type=list[LedgerCommand]) == commands


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_console_is_not_empty(seed: int) -> None:
    contacts = [event for event in events_of(lived(a_life(seed))) if isinstance(event, InteractionRecorded)]
    assert 150 <= len(contacts) <= 250
    assert {contact.channel for contact in contacts} == set(Channel)
    assert {contact.direction for contact in contacts} == set(Direction)


def test_the_counter_and_the_telephone_are_busy() -> None:
    openings = Counter(
        command.channel for seed in SEEDS for command in lived(a_life(seed)) if isinstance(command, OpenCase)
    )
    assert openings[Channel.COUNTER] + openings[Channel.TELEPHONE] > openings.total() * 0.4
    assert openings[Channel.INTERNAL] < openings.total() * 0.08


def test_the_past_is_past_in_order_and_begins_ten_working_days_ago() -> None:
    moments = [command.occurred_at for command in a_life().past()]
    assert moments == sorted(moments)
    assert moments[-1] <= SUNDAY + timedelta(seconds=10)
    assert moments[0].date() >= working_days_before(SUNDAY, 10)[0]


def test_staff_work_on_working_days_within_opening_hours() -> None:
    for command in a_life().past():
        if isinstance(command, OpenCase) and command.channel in {Channel.COUNTER, Channel.TELEPHONE}:
            local = command.occurred_at.astimezone(CENTRAL_EUROPE)
            assert is_working_day(local.date())
            assert OPENS <= local.time() < CLOSES


def test_what_happens_now_happened_now() -> None:
    moments = iter([SUNDAY] * 3 + [SUNDAY + timedelta(seconds=s) for s in range(50)])
    life = Life(7, PAU, lambda: next(moments))
    life.foundation()
    life.past()
    assert life.act().occurred_at == SUNDAY
    assert life.act().occurred_at == SUNDAY
    assert life.act().occurred_at == SUNDAY + timedelta(seconds=1)


def test_the_pace_is_human() -> None:
    life = a_life()
    assert all(PAUSE_S_MIN <= life.pause_s() <= PAUSE_S_MAX for _ in range(200))


def test_the_pace_does_not_change_what_happens() -> None:
    hurried, slow = a_life(), a_life()
    slow.pause_s()
    assert lived(hurried, acts=20) == lived(slow, acts=20)


def test_every_kind_of_command_but_forgetting_and_a_service_s_own_happens() -> None:
    kinds = {type(command) for seed in SEEDS for command in lived(a_life(seed), acts=300)}
    assert {kind.__name__ for kind in set(COMMANDS) - kinds} == {"ForgetCitizen", "RecordServiceEvent"}


def test_cases_go_from_communes_to_their_epci() -> None:
    handed_over = [event for event in events_of(lived(a_life(), acts=300)) if isinstance(event, CaseHandedOver)]
    assert handed_over
    assert all(event.to_authority == PAU_BEARN_PYRENEES for event in handed_over)


def test_citizens_come_back_on_another_channel() -> None:
    channels: dict[UUID, set[Channel]] = {}
    for event in events_of(lived(a_life())):
        if isinstance(event, InteractionRecorded):
            channels.setdefault(event.case_id, set()).add(event.channel)
    assert sum(len(used) > 1 for used in channels.values()) > len(channels) / 3


def test_some_citizens_stay_anonymous() -> None:
    citizens = [command.citizen for command in lived(a_life(), acts=300) if isinstance(command, OpenCase)]
    assert 0.05 < citizens.count(None) / len(citizens) < 0.4


def test_a_case_that_somebody_else_took_over_is_let_go() -> None:
    life = a_life()
    opened = next(command for command in lived(life, acts=1)[::-1] if isinstance(command, CaseCommand))
    life.abandon(opened.case_id)
    later = [life.act() for _ in range(300)]
    assert all(command.case_id != opened.case_id for command in later if isinstance(command, CaseCommand))


def test_the_number_of_open_cases_stays_near_its_level() -> None:
    life = a_life()
    lived(life, acts=4000)
    assert LIVING_CASES / 2 < len(life._living) < LIVING_CASES * 2


def test_people_are_named_in_personal_fields_only() -> None:
    families = load_catalogue().names.families
    for command in lived(a_life(), acts=300):
        told = msgspec.to_builtins(command)
        for name in personal_fields(type(command)):
            told.pop(name, None)
        assert not any(family in str(told) for family in families)


def test_every_brace_of_the_texts_is_filled() -> None:
    for command in lived(a_life(), acts=300):
        assert not {name for _, name, _, _ in Formatter().parse(str(msgspec.to_builtins(command))[1:-1]) if name} & {
            "person",
            "name",
            "child",
            "street",
        }


@pytest.mark.parametrize(
    ("commune", "words"), [("Pau", "à Pau"), ("Le Passage", "au Passage"), ("Les Lilas", "aux Lilas")]
)
def test_an_article_contracts(commune: str, words: str) -> None:
    assert within(commune) == words


def test_a_plain_name_fits_an_address() -> None:
    assert plain("Saint-Élix-d’Astarac") == "saint-elix-d-astarac"


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-11-20T10:00:00+01:00", "2026-11-20T10:00:00+01:00"),
        ("2026-11-20T19:12:00+01:00", "2026-11-23T08:42:00+01:00"),
        ("2026-11-21T10:00:00+01:00", "2026-11-23T08:30:00+01:00"),
        ("2026-11-20T06:05:00+01:00", "2026-11-20T08:35:00+01:00"),
        ("2026-11-10T17:00:00+01:00", "2026-11-12T08:30:00+01:00"),
    ],
)
def test_nobody_works_at_night_at_weekends_or_on_holidays(moment: str, opened: str) -> None:
    assert when_open(datetime.fromisoformat(moment)).isoformat() == opened
