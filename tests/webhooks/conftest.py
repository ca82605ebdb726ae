from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webhooks.town_post import Clock, Post, Receiver


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver(clock: Clock) -> Iterator[Receiver]:
    running = Receiver(clock)
    yield running
    running.close()


@pytest.fixture
def post(tmp_path: Path, receiver: Receiver, clock: Clock) -> Iterator[Post]:
    made = Post(tmp_path, receiver, clock)
    yield made
    made.database.close()
