from pathlib import Path

import pytest

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.settings import Settings


@pytest.mark.parametrize("name", ["registre de Pau", "été", "a#b", "a?mode=memory", "100%20"])
def test_a_data_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    settings = Settings(data=tmp_path / name)
    command = commands.register_authority()

    with CaseLedger(settings) as ledger:
        ledger.execute(command, cast.stamp(command.occurred_at))

    assert list(tmp_path.iterdir()) == [settings.data]
    assert settings.ledger_file.stat().st_size > 0


def test_a_relative_data_directory_is_where_the_process_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with CaseLedger(Settings(data=Path("here"))) as ledger:
        assert ledger.head() == 0

    assert (tmp_path / "here/ledger.db").exists()
