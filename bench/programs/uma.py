"""UmaDB, the strongest peer on appending: its own client, and the `eventsourcing` library's DCB module on it."""

import threading
from typing import cast

import umadb
from eventsourcing.dcb.application import DCBApplication
from eventsourcing.dcb.domain import EnduringObject
from eventsourcing.dcb.msgpack import Decision, InitialDecision
from eventsourcing.domain import event

from bench import servers
from bench.clients import Figures, in_threads
from bench.contacts import CASES, EVENTS_BEFORE, FIELDS, PAYLOAD

TYPE = "InteractionRecorded"


def conditional_append(*, seconds: float, clients: int) -> Figures:
    """Return appends a second of one event, each with the condition that the case has none newer than was read."""
    with servers.umadb() as url:
        own = threading.local()

        def work(client: int, rank: int) -> None:
            if not hasattr(own, "client"):
                own.client = umadb.Client(url)
                own.head = own.client.head()
            tag = f"case-{client}-{rank % CASES}"
            condition = umadb.AppendCondition(umadb.Query([umadb.QueryItem(types=[TYPE], tags=[tag])]), own.head)
            own.head = own.client.append([umadb.Event(event_type=TYPE, data=PAYLOAD, tags=[tag])], condition)

        return in_threads(work, clients, seconds=seconds)


class DcbCase(EnduringObject[Decision, str]):
    """A case as the library's documentation of its DCB module would write it."""

    class Opened(InitialDecision):
        """The case begins."""

        dcbcase_id: str
        citizen: str

    class InteractionRecorded(Decision):
        """A contact took place."""

        interaction_id: str
        channel: str
        direction: str
        agent: str
        summary: str
        occurred_at: str

    @event(Opened)
    def __init__(self, citizen: str) -> None:
        self.citizen = citizen
        self.contacts = 0

    @event(InteractionRecorded)
    def record(
        self, interaction_id: str, channel: str, direction: str, agent: str, summary: str, occurred_at: str
    ) -> None:
        self.contacts += 1


class DcbCases(DCBApplication):
    """The library's application, with the mapper that its documentation recommends for speed."""

    env = {"MAPPER_TOPIC": "eventsourcing.dcb.msgpack:MessagePackMapper"}  # noqa: RUF012  # the library asks for it so


def stock_dcb(*, seconds: float, clients: int) -> Figures:
    """Return commands a second of the library's DCB module on UmaDB."""
    with servers.umadb() as url:
        application = DcbCases(env={"PERSISTENCE_MODULE": "eventsourcing_umadb", "UMADB_URI": url})
        try:
            ids = []
            for _ in range(CASES):
                case = DcbCase(citizen="one")
                for _ in range(EVENTS_BEFORE):
                    case.record(**FIELDS)
                application.repository.save(case)
                ids.append(case.id)

            def work(client: int, rank: int) -> None:
                mine = ids[client::clients]
                loaded = cast("DcbCase", application.repository.get(mine[rank % len(mine)]))
                loaded.record(**FIELDS)
                application.repository.save(loaded)

            return in_threads(work, clients, seconds=seconds)
        finally:
            application.close()
