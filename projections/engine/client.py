"""A connection to a NATS server that closes whatever became of its server, and hands over events as they come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import nats.aio.client
from nats.aio.subscription import Subscription

Keep = Callable[[bytes, str], None]


class Client(nats.aio.client.Client):
    """The library's connection, with a short way for the many messages of one reader."""

    def __init__(self) -> None:
        """Take no short way yet."""
        super().__init__()
        self._kept: dict[int, Keep] = {}

    async def close(self) -> None:
        """Close, though what was still to be sent may find nobody."""
        with suppress(OSError):
            await super().close()

    @contextmanager
    def keeping(self, subscription: Subscription, keep: Keep) -> Iterator[None]:
        """Hand what a subscription is sent to a function at once; words without data go the library's way.

        The library would read the headers of each event, queue it, and wake a task for it. Should a later version
        not come by here, everything goes that way, only slower.
        """
        self._kept[subscription._id] = keep  # noqa: SLF001  # the library tells its number nowhere else
        try:
            yield
        finally:
            del self._kept[subscription._id]  # noqa: SLF001

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> Any:  # noqa: ANN401  # the library's own
        keep = self._kept.get(sid)
        if keep and data:
            keep(bytes(data), reply.decode())
        else:
            await super()._process_msg(sid, subject, reply, data, headers)
