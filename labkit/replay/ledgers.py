"""The cases of a project on the ledger of a data directory, whether it runs or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from labkit.failures import NewerData, StorageFailed
from labkit.prerequisites import check_version, environment_settings
from labkit.prototype.cases import Cases
from labkit.prototype.project import Project
from labkit.replay.failures import NoLedger
from ledger.application import CaseLedger
from ledger.store.database import StoreError, StoreIsNewer
from ledger.store.vault import VaultError

FIRST_ROWS = 1000


@contextmanager
def opened_cases(project: Project, data: Path, *, make: bool = False) -> Iterator[Cases]:
    """Open a ledger for as long as the context lasts; only if told so, one is made where there is none.

    Raises:
        NoLedger: there is none.
        NewerData, StorageFailed: it cannot be opened.
    """
    settings = replace(environment_settings(), data=data)
    if not make and not settings.database_url and not settings.ledger_file.exists():
        raise NoLedger(data=data)
    check_version(data, settings)
    try:
        with CaseLedger(settings) as ledger:
            yield Cases(ledger, project.service(), project.offer())
    except StoreIsNewer as error:
        raise NewerData(data=data) from error
    except (StoreError, VaultError, OSError) as error:
        raise StorageFailed(reason=error) from error


def is_empty(cases: Cases) -> bool:
    """Tell whether no case of any service was ever opened on a ledger."""
    return not any(row.tag.startswith("case-opened.") for row in cases.ledger.read(0, FIRST_ROWS))
