"""Delivers: reads the log for each endpoint, attempts what is due, and keeps what came of it.

At least once, and in order for each case. What was sent and not yet noted when the process died is sent again, under
the same `webhook-id`.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from ledger.access.grants import Grant, matches, subject_in
from ledger.access.registry import AccessError, Registry
from ledger.domain.record import LoggedEvent
from ledger.publishing.cloudevents import CONTENT_TYPE
from ledger.publishing.published import compose
from ledger.publishing.relay import Log, StreamMismatch
from ledger.webhooks.endpoints import ENDPOINTS_MAX, Endpoint, Endpoints
from ledger.webhooks.outbox import Delivery, Outbox
from ledger.webhooks.posting import TIMEOUT_S, Reply, post
from ledger.webhooks.signature import key_of, signed

CASES_AT_ONCE = 4
"""How many cases are delivered to one endpoint at the same time."""
READ_AT_ONCE = 500
KEPT_MAX = 100_000
"""How many deliveries are kept for one endpoint; the log keeps what comes after."""
IDLE_S = 1.0
DOUBT_WAIT_S = 5.0
USER_AGENT = "Collectivilab-Webhooks/1"
_REMEDY = "Nothing was sent: after a restoration, begin a new epoch with `labkit rebuild stream --new-epoch`."
log = logging.getLogger(__name__)


class Sender:
    """Delivers to all endpoints of one data directory, until it is cancelled."""

    def __init__(  # noqa: PLR0913  # what it reads, where it keeps, and what tests replace
        self,
        log_: Log,
        database: sqlite3.Connection,
        *,
        registry: Registry,
        source: str,
        clock: Callable[[], datetime],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Read from a log, and be told the time by a clock."""
        self._log = log_
        self._endpoints = Endpoints(database)
        self._outbox = Outbox(database)
        self._registry = registry
        self._source = source
        self._clock = clock
        self._timeout_s = timeout_s
        self._flying: dict[asyncio.Task[Reply], Delivery] = {}

    async def run(self) -> None:
        """Deliver for ever.

        Raises:
            StreamMismatch: the log is not the one that was read before.
        """
        # Names are looked up in threads: with one for each, those that nobody answers for hold up no others.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(ENDPOINTS_MAX * CASES_AT_ONCE + 1))
        try:
            while True:
                try:
                    await self.turn(IDLE_S)
                except (AccessError, sqlite3.Error) as error:
                    log.warning("Webhooks wait: %s", error)
                    await asyncio.sleep(DOUBT_WAIT_S)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Break off what is under way; it will be sent again."""
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        self._flying.clear()

    async def turn(self, wait_s: float) -> bool:
        """Note what ended, read, start what is due, and wait a while; tell whether there is more to do by now."""
        self._land()
        more = False
        for endpoint, grant in self._on():
            more |= await self._take_in(endpoint, grant)
            await self._start(endpoint)
        if self._flying:
            await asyncio.wait(self._flying, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        elif not more:
            await asyncio.sleep(wait_s)
        return more or bool(self._flying)

    def _on(self) -> list[tuple[Endpoint, Grant]]:
        """Return the endpoints that are on, each with what its integrator may read."""
        endpoints = [endpoint for endpoint in self._endpoints.all() if endpoint.off_at is None]
        integrators = {each.name: each for each in self._registry.all()} if endpoints else {}
        return [
            (endpoint, integrators[endpoint.name].grant)
            for endpoint in endpoints
            if endpoint.belongs_to(integrators.get(endpoint.name))
        ]

    async def _take_in(self, endpoint: Endpoint, grant: Grant) -> bool:
        """Read on for an endpoint, and tell whether there may be more."""
        page = await asyncio.to_thread(self._log.read, endpoint.cursor, READ_AT_ONCE)
        if not page:
            await self._check_head(endpoint)
        if not page or self._outbox.size(endpoint) >= KEPT_MAX:
            return False
        wanted = _granted(page, grant.filters())
        self._outbox.take_in(endpoint, wanted, cursor=page[-1].position, now=self._clock())
        return len(page) == READ_AT_ONCE

    async def _check_head(self, endpoint: Endpoint) -> None:
        head = await asyncio.to_thread(self._log.head)
        if endpoint.cursor > head:
            raise StreamMismatch(
                f"The webhook of {endpoint.name} has read up to position {endpoint.cursor}, the ledger ends at {head}: "
                f"it was restored from an older copy, or is another. {_REMEDY}"
            )

    async def _start(self, endpoint: Endpoint) -> None:
        flying = {delivery.lane for delivery in self._flying.values() if delivery.endpoint == endpoint.id}
        due = self._outbox.due(endpoint, self._clock(), limit=CASES_AT_ONCE + len(flying))
        grounded = [delivery for delivery in due if delivery.lane not in flying]
        for delivery in grounded[: CASES_AT_ONCE - len(flying)]:
            body = compose(await self._read(delivery), self._source)
            key = key_of(endpoint.secret)
            headers = signed(body, key=key, delivery_id=delivery.event_id, at=self._clock())
            headers |= {"Content-Type": CONTENT_TYPE, "User-Agent": USER_AGENT}
            attempt = post(endpoint.url, body, headers=headers, timeout_s=self._timeout_s)
            self._flying[asyncio.create_task(attempt)] = delivery

    async def _read(self, delivery: Delivery) -> LoggedEvent:
        found = await asyncio.to_thread(self._log.read, delivery.position - 1, 1)
        if not found or str(found[0].event_id) != delivery.event_id:
            raise StreamMismatch(
                f"At position {delivery.position} the ledger does not hold the event that is to be delivered: "
                f"it was restored from an older copy, or is another. {_REMEDY}"
            )
        return found[0]

    def _land(self) -> None:
        """Note how attempts ended."""
        names = {endpoint.id: endpoint.name for endpoint in self._endpoints.all()}
        for task in [task for task in self._flying if task.done()]:
            delivery = self._flying[task]
            self._note(names.get(delivery.endpoint, "removed"), delivery, task.result())
            del self._flying[task]

    def _note(self, name: str, delivery: Delivery, reply: Reply) -> None:
        if reply.accepted:
            self._outbox.delivered(delivery, self._clock())
            return
        setback = self._outbox.failed(delivery, reply.outcome, gone=reply.gone, now=self._clock())
        if setback.off_reason:
            log.error("The webhook of %s is switched off (%s).", name, setback.off_reason)
        if setback.again_at is None:
            log.error(
                "The webhook of %s did not take event %s in %d attempts (%s): it is a dead letter and holds its case.",
                name,
                delivery.event_id,
                setback.attempts,
                reply.outcome,
            )


def _granted(page: list[LoggedEvent], filters: tuple[str, ...]) -> list[LoggedEvent]:
    subjects = [subject_in(logged) for logged in page]
    return [
        logged
        for logged, subject in zip(page, subjects, strict=True)
        if any(matches(wanted, subject) for wanted in filters)
    ]
