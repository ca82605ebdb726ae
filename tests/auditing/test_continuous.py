"""The audit that goes on: what is new at once, what is old in turn, and what was mended is forgotten."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import nats
import pytest
from nats.js import JetStreamContext

from labkit.auditing.continuous import ContinuousAudit
from labkit.auditing.findings import STREAM, Kind
from labkit.auditing.views import all_noted
from labkit.restreaming.run import rebuild_stream
from labkit.restreaming.server import serving
from ledger.application import ReadOnlyLog

if TYPE_CHECKING:
    from tests.auditing.conftest import Town


@pytest.fixture
def log(town: "Town") -> Iterator[ReadOnlyLog]:
    town.on_stream(_make_without_rules)
    town.record(cases=10)
    town.publish()
    town.fold()
    opened = ReadOnlyLog(town.settings)
    yield opened
    opened.close()


async def _make_without_rules(jetstream: JetStreamContext) -> None:
    await jetstream.add_stream(name="LEDGER", subjects=["ledger.>"])


def auditing(town: "Town", log: ReadOnlyLog, url: str) -> ContinuousAudit:
    return ContinuousAudit(log, url, lambda: all_noted(town.data / "views"), source=town.settings.source)


async def test_what_is_new_is_looked_at_and_what_is_behind_is_looked_at_again(town: "Town", log: ReadOnlyLog) -> None:
    with serving(town.data, None) as url:
        audit = auditing(town, log, url)

        assert await audit.turn() is False
        assert (audit.status.checked, audit.status.findings) == (22, [])

        town.record(cases=2, name="later")
        assert await audit.turn() is True
        assert (audit.status.checked, audit.status.findings) == (22, [])


async def test_a_difference_is_kept_until_it_is_mended(town: "Town", log: ReadOnlyLog) -> None:
    with serving(town.data, None) as url:
        client = await nats.connect(url)
        audit = auditing(town, log, url)
        await audit.turn()
        await client.jetstream().delete_msg("LEDGER", 7)

        for _ in range(2):
            await audit.turn()
            assert [(each.of, each.kind, each.position) for each in audit.status.findings] == [
                (STREAM, Kind.MISSING, 7)
            ]
            assert audit.status.checked == 0

        await client.jetstream().delete_stream("LEDGER")
        await audit.turn()
        assert audit.status.findings == []
        await client.close()


def test_it_starts_and_stops_without_a_server(town: "Town", log: ReadOnlyLog) -> None:
    audit = auditing(town, log, "nats://127.0.0.1:1")

    audit.start()
    audit.stop()

    assert audit.status.looked_at is None
    assert rebuild_stream(town.data, new_epoch=False).events == log.head()
