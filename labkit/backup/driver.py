"""PostgreSQL is an extra that most do not install: what speaks to it is loaded only where the settings name it."""

from importlib import import_module
from types import ModuleType
from typing import Literal

from labkit.failures import StorageFailed
from ledger.store.database import StoreError


def driver(part: Literal["postgresql", "shared_keys"]) -> ModuleType:
    """Return the module of this room that backs up and restores a ledger, or keys, on PostgreSQL.

    Raises:
        StorageFailed: its driver is not installed.
    """
    try:
        return import_module(f"labkit.backup.{part}")
    except (ModuleNotFoundError, StoreError) as error:
        raise StorageFailed(reason="DATABASE_URL: pip install 'collectivilab[postgresql]'") from error
