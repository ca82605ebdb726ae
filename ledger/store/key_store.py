"""Where wrapped keys are kept, and what a vault asks of that place: a row for each subject that ever had a key.

A row is never deleted: without its key it is the fence that keeps the key from being made again.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

GENERATION = 1
EPOCH = 1


class VaultError(Exception):
    """The key store cannot be used as it is."""


class KeyStore(Protocol):
    """The rows of one key store; called by one thread at a time."""

    @property
    def shared(self) -> bool:
        """Tell whether other machines, each with a master key file of its own, may use it too."""
        ...

    def find(self, subject: UUID) -> tuple[bytes | None] | None:
        """Return the wrapped key of a subject, none of it once destroyed; `None` when it never had one."""
        ...

    def find_any(self) -> tuple[UUID, bytes] | None:
        """Return some key that is there, and whose it is."""
        ...

    def add(self, wrapped: Mapping[UUID, bytes]) -> None:
        """Make new keys durable, all or none.

        Raises:
            VaultError: another process made one of them first, so what was sealed under ours must not be kept.
        """
        ...

    def erase(self, subject: UUID, erased_at: str) -> None:
        """Destroy the key of a subject and leave the fence; again changes nothing."""
        ...

    def close(self) -> None:
        """Close the store."""
        ...
