"""Several processes share the views: each view is folded by the one process that holds its lease.

A lease spares double work and no more: should two fold the same view for a moment, the position, written in the
transaction of the rows, makes whoever is late fold nothing.
"""

import asyncio
import fcntl
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from projections.engine.place import DriverMissing, Place, ViewsUnreachable

log = logging.getLogger(__name__)

RENEW_EVERY_S = 3.0
Names = frozenset[str]


class Leases(Protocol):
    """The leases that one process may hold."""

    def hold(self) -> Names:
        """Renew what is held, take what nobody holds, leave what others lack; return the views that are held now."""
        ...

    def release(self) -> None:
        """Let others take everything at once."""
        ...


class FileLeases:
    """Locks on files: they end with the process, and not before, so that only one that ended is replaced."""

    def __init__(self, directory: Path, names: Sequence[str]) -> None:
        """Name the views that this process may fold, and where they live."""
        self._homes = {name: directory / name for name in names}
        self._locks: dict[str, IO[str]] = {}

    def hold(self) -> Names:
        """Lock what nobody holds; return the views that are held now."""
        for name, home in self._homes.items():
            if name not in self._locks:
                self._try_to_lock(name, home)
        return frozenset(self._locks)

    def release(self) -> None:
        """Unlock everything."""
        for lock in self._locks.values():
            lock.close()
        self._locks = {}

    def _try_to_lock(self, name: str, home: Path) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (home / "folding.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
        else:
            self._locks[name] = lock


def leases_of(place: Place, names: Sequence[str], *, shared: bool = True) -> Leases:
    """Return the leases of some views where they live; whoever does not share takes all that is free."""
    if isinstance(place, Path):
        return FileLeases(place, names)
    try:
        # Only who keeps views in PostgreSQL has its driver.
        from projections.engine.postgresql_leases import PostgresqlLeases  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise DriverMissing from error
    return PostgresqlLeases(place, names, shared=shared)


async def fold_what_is_held(
    leases: Leases, fold: Callable[[Names], Awaitable[None]], *, renew_every_s: float = RENEW_EVERY_S
) -> None:
    """Let `fold` work on the views whose leases are held, anew whenever these change, until cancelled."""
    held: Names = frozenset()
    folding: asyncio.Future[None] | None = None
    try:
        while True:
            holds = await _held(leases, before=held)
            if holds != held:
                log.info("This process folds %s", ", ".join(sorted(holds)) or "no view")
                await _stop(folding)
                held, folding = holds, asyncio.ensure_future(fold(holds)) if holds else None
            if folding is None:
                await asyncio.sleep(renew_every_s)
            elif (await asyncio.wait([folding], timeout=renew_every_s))[0]:
                # It folds for ever: whatever ended it ends the process.
                return folding.result()
    finally:
        await _stop(folding)
        with suppress(ViewsUnreachable):
            leases.release()


async def _held(leases: Leases, *, before: Names) -> Names:
    try:
        return await asyncio.to_thread(leases.hold)
    except ViewsUnreachable as unreachable:
        log.warning("The leases of the views could not be renewed: %s", unreachable)
        return before


async def _stop(folding: asyncio.Future[None] | None) -> None:
    if folding:
        folding.cancel()
        await asyncio.wait([folding])
