"""What the tests of scale share: the PostgreSQL server of the store's tests, and three NATS servers."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ledger.settings import Settings
from tests.scale.cluster import Cluster
from tests.scale.writers import Writers
from tests.store.conftest import database_url, postgresql_url

__all__ = ["cluster", "database_url", "postgresql_url"]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three servers that elected their leader, with nothing in them."""
    servers = Cluster(tmp_path / "cluster")
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def start() -> Iterator[Callable[..., Writers]]:
    """Start writers, and leave none behind."""
    started: list[Writers] = []

    def start_some(machines: Sequence[Settings], scheme: str, **wanted: object) -> Writers:
        started.append(Writers(machines, scheme, **wanted))  # type: ignore[arg-type]  # Writers says what there is
        return started[-1]

    yield start_some
    for writers in started:
        writers.kill()
