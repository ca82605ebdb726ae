"""A real SMTP server on this machine's own address: it takes a message, hands it in, and only then says that it has it.

What cannot be handed in is answered with 451: whoever sends keeps the message and tries again. It relays nothing: a
recipient who is not ours is refused.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from labkit.prototype.documents import SIZE_MAX_BYTES
from labkit.prototype.mail.reception import Delivery

HOST = "127.0.0.1"
SESSIONS_MAX = 16
RECIPIENTS_MAX = 20
COMMANDS_MAX = 200
SESSION_TIMEOUT_S = 60
LINE_MAX_BYTES = 65_536  # Some programs write a paragraph a line; the standard's 1,000 would refuse them.
log = logging.getLogger(__name__)


class Receiver:
    """Answers what SMTP asks; messages are handed in one after the other, in a thread of its own."""

    def __init__(self, deliver: Callable[[Delivery], object], receives: Callable[[str], bool]) -> None:
        """Take in messages for the recipients that it receives."""
        self._deliver = deliver
        self._receives = receives
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        self.open: set[asyncio.BaseTransport] = set()

    async def handle_RCPT(  # noqa: N802  # the library's own name and signature
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient who is ours."""
        if not self._receives(address):
            return "550 5.1.1 Nobody has this address here"
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        """Hand a message in, and say so once it is kept."""
        content = envelope.original_content or b""
        sender = (envelope.mail_from or "").strip("<>")
        delivery = Delivery(raw=content, sender=sender, recipients=tuple(envelope.rcpt_tos))
        await asyncio.get_running_loop().run_in_executor(self._hand, self._deliver, delivery)
        return "250 2.0.0 Received"

    async def handle_exception(self, error: Exception) -> str:
        """Let the sender try again; what went wrong is for the log, without a word of the message."""
        log.error("%s: a message could not be received", type(error).__name__)
        return "451 4.3.0 Not now: try again later"

    async def close(self) -> None:
        """End every session, after the message that is being handed in."""
        for transport in list(self.open):
            transport.close()
        await asyncio.to_thread(self._hand.shutdown, cancel_futures=True)


class _Connection(SMTP):
    """One session; beyond a number of them, the next is told to come back."""

    line_length_limit = LINE_MAX_BYTES

    def __init__(self, receiver: Receiver, hostname: str) -> None:
        super().__init__(
            receiver,
            hostname=hostname,
            ident="Collectivilab",
            data_size_limit=SIZE_MAX_BYTES,
            enable_SMTPUTF8=True,
            timeout=SESSION_TIMEOUT_S,
            command_call_limit=COMMANDS_MAX,
            loop=asyncio.get_running_loop(),
        )
        self._open = receiver.open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self._open) >= SESSIONS_MAX and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many sessions: come back later\r\n")
            transport.close()
            return
        self._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport in self._open:
            self._open.discard(self.transport)
            super().connection_lost(error)


@asynccontextmanager
async def listening(receiver: Receiver, *, port: int, hostname: str) -> AsyncIterator[int]:
    """Listen on a port of this machine, any free one for 0, and give its number.

    Raises:
        OSError: another program listens there.
    """
    # The library warns of commands that it does not know, which may be words of a message.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(receiver, hostname), HOST, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await receiver.close()
