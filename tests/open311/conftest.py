"""A town that offers two services by Open311, and what its server says is wrong."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from labkit.controls import cast, commands
from ledger.domain.commands import PublishService
from tests.open311.town import ROADS, Town, asked


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """One authority, its roads, and a partner with a key."""
    opened = Town(tmp_path / "data")
    opened.does(commands.register_authority())
    opened.does(PublishService(**asked(), authority=cast.PAU, service=ROADS, name="Voirie", answer_days=10))
    with opened.http:
        yield opened
    opened.close()


@pytest.fixture(scope="session")
def errors() -> Callable[[httpx.Response], list[str]]:
    """What an answer in JSON says is wrong, once its status is the one it says."""

    def errors(answer: httpx.Response) -> list[str]:
        told = json.loads(answer.content)
        assert answer.status_code == told[0]["code"] >= 400
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        return [error["description"] for error in told]

    return errors
