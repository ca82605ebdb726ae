"""What is written by e-mail: a folder of `.eml` files, which any mail program opens, and a relay if one is named.

Nothing leaves the machine unless the settings name a relay; what a relay refused stays, and an agent tries it again.
"""

import smtplib
from email.message import EmailMessage as Written
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import getaddresses
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Literal
from uuid import UUID

from labkit.prototype.documents import write_once

RELAY_TIMEOUT_S = 10
State = Literal["kept", "sent"]


class Outbox:
    """The messages written under one data folder, each by the identifier of its contact."""

    def __init__(self, data: Path | None) -> None:
        """Keep messages under a data folder, made at the first of them."""
        if data is None:
            raise TypeError("a prototype without a data folder keeps no messages")
        self._kept = data / "outbox"
        self._sent = self._kept / "sent"

    def put(self, interaction_id: UUID, message: Written) -> None:
        """Keep a message to be sent."""
        write_once(self._kept / f"{interaction_id}.eml", message.as_bytes(policy=SMTP))

    def read(self, interaction_id: UUID) -> bytes | None:
        """Return a message, sent or not."""
        file = self._file(interaction_id)
        return file.read_bytes() if file else None

    def state(self, interaction_id: UUID) -> State | None:
        """Tell whether a message waits here or was sent; `None` if there is none."""
        file = self._file(interaction_id)
        return None if file is None else "sent" if file.parent == self._sent else "kept"

    def send(self, interaction_id: UUID, relay: str) -> bool:
        """Give a message that waits to a relay (`host:port`), and tell whether it took it."""
        file = self._kept / f"{interaction_id}.eml"
        try:
            with file.open("rb") as waiting:
                # Nobody else sends it meanwhile; who comes after finds it gone.
                flock(waiting, LOCK_EX | LOCK_NB)
                return file.exists() and self._give(file, waiting.read(), relay)
        except (FileNotFoundError, BlockingIOError):
            return False

    def _give(self, file: Path, raw: bytes, relay: str) -> bool:
        headers = BytesHeaderParser().parsebytes(raw)
        recipients = [address for _, address in getaddresses([str(headers["To"])])]
        # A machine's answer leaves without a sender, so that no other machine answers it.
        sender = "" if headers["Auto-Submitted"] else getaddresses([str(headers["From"])])[0][1]
        host, _, port = relay.rpartition(":")
        try:
            with smtplib.SMTP(host, int(port), timeout=RELAY_TIMEOUT_S) as server:
                server.sendmail(sender, recipients, raw)
        except (OSError, UnicodeError, smtplib.SMTPException):  # UnicodeError: a relay whose name cannot be one.
            return False
        self._sent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.replace(self._sent / file.name)
        return True

    def _file(self, interaction_id: UUID) -> Path | None:
        files = (folder / f"{interaction_id}.eml" for folder in (self._kept, self._sent))
        return next((file for file in files if file.is_file()), None)
