"""The same views on PostgreSQL: the same rows from the same events, and the same answers from the same rows."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.errors import Refusal
from ledger.domain.events import (
    ChatbotExchange,
    CounterVisit,
    EmailMessage,
    MobileEntry,
    Particulars,
    PartnerReferral,
    PhoneCall,
)
from ledger.domain.vocabulary import CaseStatus, Channel
from ledger.publishing.published import PublishedEvent
from projections import VIEWS, counter, open311, partner, timeline
from projections.engine.file import table_digests
from projections.engine.place import Place, Server
from projections.engine.store import ViewStore
from projections.inbox import InboxQuery
from projections.open311 import Near, Sought
from projections.reader import INBOXES, ViewReader
from tests.engine.conftest import postgresql_url, view_database

if TYPE_CHECKING:
    from tests.views.conftest import Town

__all__ = ["postgresql_url", "view_database"]

EVENTS = 500
PAGE = 120
NOW = datetime(2026, 9, 20, tzinfo=UTC)
UNITS = [None, "Éducation", "eau", "Écoles", "Zones"]
PARTICULARS: dict[Channel, Callable[[random.Random], Particulars]] = {
    Channel.COUNTER: lambda chance: CounterVisit(desk=chance.choice("ABé")),
    Channel.PARTNER: lambda chance: PartnerReferral(partner=chance.choice(["CAF", "épicerie", "mission locale"])),
    Channel.EMAIL: lambda chance: EmailMessage(automatic=chance.random() < 0.3),
    Channel.TELEPHONE: lambda chance: PhoneCall(call_back_by=datetime(2026, 9, chance.randint(1, 28), tzinfo=UTC)),
    Channel.CHATBOT: lambda chance: ChatbotExchange(human_wanted=chance.random() < 0.5),
    Channel.MOBILE: lambda chance: MobileEntry(offline=chance.random() < 0.5),
}
ANSWERS: list[Callable[[Any], object]] = [
    *(
        lambda of, channel=channel: of(
            "inbox" if channel is None else channel.value, INBOXES[channel].rows, InboxQuery()
        )
        for channel in INBOXES
    ),
    lambda of: of("inbox", INBOXES[None].rows, InboxQuery(limit=3, awaiting=True, status=CaseStatus.OPEN)),
    lambda of: of("counter", counter.desks, datetime(2026, 9, 3, tzinfo=UTC)),
    lambda of: of("partner", partner.partners),
    lambda of: of("timeline", timeline.since, 100, 50),
    lambda of: of("open311", open311.offers),
    lambda of: of("open311", open311.updates, SOUGHT),
    lambda of: of("open311", open311.sought, SOUGHT),
]
SOUGHT = Sought(
    authority="216404459",
    since=0,
    until=2**60,
    limit=50,
    services=("bibliotheque", "restauration-scolaire"),
    statuses=("open",),
    near=Near(lat=43.3, long=-0.37, radius_m=5_000),
)
FILED = "UPDATE requests SET filed_by = 'Métropole', lat = ?, long = ? WHERE service = ?"


class Month:
    """A month of a town, by chance: every kind of event, late ones and corrected ones among them."""

    def __init__(self, town: "Town", seed: int) -> None:
        self._town = town
        self._chance = random.Random(seed)
        self._cases: list[Any] = []
        self._contacts: list[tuple[Any, Any]] = []

    def pass_until(self, count: int) -> list[PublishedEvent]:
        happenings = (self._open, self._hear, self._hear, self._answer, self._correct, self._work, self._charge)
        ends = (self._town.decides, self._town.closes, self._town.reopens)
        self._open()
        while len(self._town.events) < count:
            with suppress(Refusal):
                if self._chance.random() < 0.15:
                    self._chance.choice(ends)(self._chance.choice(self._cases), self._when())
                else:
                    self._chance.choice(happenings)()
        return self._town.events

    def _when(self) -> str:
        return f"{self._chance.randint(1, 28)} {self._chance.randint(0, 23):02}:{self._chance.randint(0, 59):02}"

    def _contact(self) -> dict[str, Any]:
        channel = self._chance.choice(list(Channel))
        make = PARTICULARS.get(channel)
        return {"channel": channel, "particulars": make(self._chance) if make else None}

    def _open(self) -> None:
        service = self._chance.choice(["restauration-scolaire", "bibliotheque"])
        unit, deadline = self._chance.choice(UNITS), self._chance.choice([None, self._town.at(self._when())])
        case = self._town.opens(**self._contact(), when=self._when(), service=service, unit=unit, deadline=deadline)
        self._cases.append(case)

    def _hear(self) -> None:
        case = self._chance.choice(self._cases)
        self._contacts.append((case, self._town.hears(case, **self._contact(), when=self._when(), summary="sealed:é")))

    def _answer(self) -> None:
        self._town.answers(self._chance.choice(self._cases), **self._contact(), when=self._when())

    def _correct(self) -> None:
        if self._contacts:
            self._town.corrects(*self._chance.choice(self._contacts), self._when(), **self._contact())

    def _work(self) -> None:
        self._town.works_on(self._chance.choice(self._cases), self._when(), unit=self._chance.choice(UNITS))

    def _charge(self) -> None:
        case, unit = self._chance.choice(self._cases), self._chance.choice(UNITS)
        if self._chance.random() < 0.5:
            self._town.assigns(case, self._when(), agent="agent-1", unit=unit)
        else:
            self._town.hands_over(case, self._when(), to_authority="200067254", to_unit=unit)


@pytest.fixture
def events(town: "Town") -> list[PublishedEvent]:
    return Month(town, seed=7).pass_until(EVENTS)


@pytest.fixture
def folded(tmp_path: Path, view_database: Server, events: list[PublishedEvent]) -> list[Place]:
    """All shipped views, in files and in a database."""
    places: list[Place] = [tmp_path, view_database]
    for place in places:
        for view in VIEWS:
            store = ViewStore(view, place)
            for first in range(0, len(events), PAGE):
                store.apply(events[first : first + PAGE])
            assert store.parked() == []
            if view is open311.VIEW:
                # Every other request as a partner filed it, near the town hall of Pau or far from it.
                for service, long in (("bibliotheque", -0.3708), ("restauration-scolaire", 179.99)):
                    store.open().execute(FILED, (43.2951, long, service))
            store.close()
    return places


@pytest.fixture
def stores(folded: list[Place]) -> Iterator[list[dict[str, ViewStore]]]:
    """Readers of both."""
    readers = [{view.name: ViewStore(view, place, reading=True) for view in VIEWS} for place in folded]
    yield readers
    for reader in readers:
        for store in reader.values():
            store.close()


def test_every_view_has_the_same_rows_and_gives_the_same_answers(
    folded: list[Place], stores: list[dict[str, ViewStore]]
) -> None:
    files, database = stores
    digests = [{name: table_digests(store.open()) for name, store in reader.items()} for reader in stores]
    assert digests[0] == digests[1]

    assert ANSWERS[-1](lambda name, query, *asked: query(files[name].open(), *asked))
    for answer in ANSWERS:
        told = [answer(lambda name, query, *asked, at=at: query(at[name].open(), *asked)) for at in stores]
        assert told[0] == told[1]

    in_files, in_database = (ViewReader(place) for place in folded)
    assert in_files.overview(NOW) == in_database.overview(NOW)
    assert in_files.names() == in_database.names()
    assert in_files.awaiting_counts() == in_database.awaiting_counts()
    assert in_files.views() == in_database.views()
    assert files.keys() == database.keys()
    in_files.close()
    in_database.close()
