"""The list of integrators: what is in it, who may read it, and that it is whole whatever happens."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkit.integrators.credentials import fresh_secrets, integrator_of
from ledger.access.grants import Grant
from ledger.access.registry import FILE, AccessError, Integrator, Registry

GRANT = Grant(authority="216404459")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def integrator(name: str) -> Integrator:
    return integrator_of(name, GRANT, fresh_secrets(), NOW)


def test_an_integrator_is_known_by_its_token_and_the_token_is_not_kept(tmp_path: Path) -> None:
    drawn = fresh_secrets()
    registry = Registry(tmp_path)
    registry.add(integrator_of("agenda", GRANT, drawn, NOW))

    assert registry.bearer(drawn.token) == registry.get("agenda")
    assert registry.bearer("another") is None
    kept = (tmp_path / FILE).read_text()
    assert drawn.token not in kept
    assert drawn.seed not in kept
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_one_process_changes_another_sees_at_its_next_question(tmp_path: Path) -> None:
    here, there = Registry(tmp_path), Registry(tmp_path)
    here.add(integrator("agenda"))
    assert [each.name for each in there.all()] == ["agenda"]

    there.remove("agenda")

    assert here.all() == []


def test_a_name_is_given_once_and_taken_back_once(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add(integrator("agenda"))

    with pytest.raises(AccessError, match="integrator-exists"):
        registry.add(integrator("agenda"))
    registry.remove("agenda")
    with pytest.raises(AccessError, match="unknown-integrator"):
        registry.remove("agenda")


def test_many_who_come_at_once_are_all_let_in(tmp_path: Path) -> None:
    names = [f"agenda-{number}" for number in range(12)]

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda name: Registry(tmp_path).add(integrator(name)), names))

    assert [each.name for each in Registry(tmp_path).all()] == sorted(names)


def test_a_list_that_is_none_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[{]")

    with pytest.raises(AccessError, match="unreadable-integrators"):
        Registry(tmp_path).add(integrator("agenda"))

    assert (tmp_path / FILE).read_text() == "[{]"
