"""What a data directory holds, and where each part of it goes when it is backed up.

With the ledger goes what is public or sealed. With the keys goes what opens it, and what was never sealed: the
documents and letters of a prototype, the key that makes its pseudonyms. The rest is made again from the log.
"""

from collections.abc import Iterator
from pathlib import Path

from ledger.access.registry import FILE as INTEGRATORS
from ledger.publishing.epochs import FILE as EPOCHS
from ledger.settings import Settings
from ledger.webhooks.database import FILE as WEBHOOKS

SETTINGS = (INTEGRATORS, EPOCHS, "open311.toml", "open311/keys.json", "passwords.toml", "gate.key")
"""Small files, each replaced whole by whoever changes it."""
PERSONAL = ("documents", "outbox", "social")
"""Folders of a prototype whose files anybody can read who holds them: forgetting a citizen does not darken them."""
_LEDGER = "ledger.db"
_MADE_AGAIN = ("views", "nats", "logs", "lock", "run.json", "living", "webhooks.lock", "integrators.lock")
_BESIDE_DATABASES = ("-wal", "-shm", "-journal")


def webhooks_file(settings: Settings) -> Path:
    """Return the file of the webhooks, which is there once somebody is delivered to."""
    return settings.data / WEBHOOKS


def personal_files(data: Path) -> Iterator[Path]:
    """Return the files that anybody can read who holds them."""
    for folder in PERSONAL:
        yield from (file for file in sorted((data / folder).rglob("*")) if file.is_file())


def strangers(data: Path) -> list[str]:
    """Return the names in a data directory that no backup takes and nothing makes again."""
    tops = {Path(name).parts[0] for name in (*SETTINGS, *PERSONAL, WEBHOOKS, _LEDGER, "keys")}
    databases = {f"{name}{suffix}" for name in (WEBHOOKS, _LEDGER) for suffix in _BESIDE_DATABASES}
    known = {*tops, *databases, *_MADE_AGAIN}
    return sorted(entry.name for entry in data.iterdir() if entry.name not in known)
