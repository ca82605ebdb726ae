"""`labkit rebuild --all` on a ledger that is worth several processes."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from labkit.failures import RebuildFailed
from labkit.rebuild import rebuild
from ledger.application import CaseLedger
from ledger.domain.commands import PublishService, RegisterAuthority
from ledger.domain.events import Stamp
from ledger.domain.identifiers import CommandId
from ledger.domain.vocabulary import AuthorityKind
from ledger.settings import Settings
from projections import VIEWS
from projections.engine.store import ViewStore

PAU = "216404459"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of a ledger of two events, which passes for a large one."""
    monkeypatch.setattr("labkit.rebuild.WORTH_SHARING_EVENTS", 1)
    monkeypatch.setattr("labkit.rebuild.cores", lambda: 2)
    now = datetime.now(UTC)
    with CaseLedger(Settings(data=tmp_path)) as ledger:
        for command in (
            RegisterAuthority(
                command_id=CommandId(uuid4()), occurred_at=now, authority=PAU, name="Pau", kind=AuthorityKind.COMMUNE
            ),
            PublishService(
                command_id=CommandId(uuid4()), occurred_at=now, authority=PAU, service="cantine", name="Cantine"
            ),
        ):
            ledger.execute(command, Stamp(by="agent-017", recorded_at=now))
    return tmp_path


def test_all_views_are_folded_by_two_processes_and_told_in_their_order(data: Path) -> None:
    heard: list[tuple[int, int]] = []

    told = rebuild(data, [], "log", on_progress=lambda *reached: heard.append(reached))

    assert [view.name for view in told] == [view.name for view in VIEWS]
    assert {view.position for view in told} == {2}
    assert heard[-1] == (2, 2)


def test_what_a_process_could_not_do_is_told(data: Path) -> None:
    ahead = ViewStore(VIEWS[0], data / "views")
    ahead.open().execute("UPDATE view_position SET position = 3")
    ahead.close()

    with pytest.raises(RebuildFailed, match="The feed ends at 2, but inbox stands at 3"):
        rebuild(data, [], "log")
