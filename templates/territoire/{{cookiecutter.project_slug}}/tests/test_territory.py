"""The territory as its file says it, and the life of its residents."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from labkit.prototype.project import Persona
from labkit.simulate.calendar import CENTRAL_EUROPE
from ledger.domain.commands import LedgerCommand, OpenCase
from msgspec.structs import replace

from {{ cookiecutter.package_name }}.living import live, open_days, openings
from {{ cookiecutter.package_name }}.territory import UnknownCommuneError, read_pack, territory_of

ROOT = Path(__file__).parents[1]
PACK = read_pack(ROOT / "territory.toml")
NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)


def lived(count: int, head: int = 0) -> list[LedgerCommand]:
    return live(PACK, count, head=head, clock=lambda: NOW)


def opened(commands: Sequence[LedgerCommand]) -> list[OpenCase]:
    return [command for command in commands if isinstance(command, OpenCase)]


def test_every_commune_is_of_the_body_that_the_file_names() -> None:
    territory = territory_of(PACK.territory)

    assert territory.siren == PACK.territory.siren
    assert territory.communes


def test_picked_communes_alone_are_lived_in() -> None:
    first = territory_of(PACK.territory).communes[0]
    alone = territory_of(replace(PACK.territory, communes=(first.insee_code,)))

    assert [commune.name for commune in alone.communes] == [first.name]


def test_a_commune_of_elsewhere_is_refused() -> None:
    with pytest.raises(UnknownCommuneError, match="00000"):
        territory_of(replace(PACK.territory, communes=("00000",)))


def test_personas_are_read_as_prototypes_read_them() -> None:
    personas = msgspec.toml.decode((ROOT / "personas.toml").read_bytes(), type=dict[str, Persona])

    assert all(persona.about.keys() == {"fr", "en"} for persona in personas.values())


def test_every_resident_begins_a_case() -> None:
    assert len(opened(lived(60))) == 60


def test_the_same_ledger_is_given_the_same_residents() -> None:
    assert lived(30) == lived(30)
    assert lived(30) != lived(30, head=1)


def test_first_contacts_keep_to_the_calendar_and_are_in_order() -> None:
    commands = opened(lived(60))
    moments = [command.occurred_at.astimezone(CENTRAL_EUROPE) for command in commands]

    assert moments == sorted(moments)
    assert {moment.date() for moment in moments} <= set(open_days(PACK.calendar, NOW))
    assert all(PACK.calendar.opens <= moment.time() < PACK.calendar.closes for moment in moments)


def test_channels_have_their_shares() -> None:
    drawn = Counter(channel for _, channel in openings(PACK, 2000, seed="shares", now=NOW))
    total = sum(PACK.channels.values())

    for channel, weight in PACK.channels.items():
        assert abs(drawn[channel] / 2000 - weight / total) < 0.05
