"""What a pure fold says of many cases, folded again only where a case has moved since: reading all takes too long.

It is kept as long as the process lives, so a fold must keep nothing personal: an erasure moves no case.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from labkit.prototype.cases import Cases
from labkit.prototype.index import Entry
from labkit.prototype.story import ServiceCase
from ledger.domain.identifiers import CaseId

Told = TypeVar("Told")


class Folded(Generic[Told]):
    """One fold over the cases of a service; may be asked from several threads."""

    def __init__(self, cases: Cases, fold: Callable[[ServiceCase], Told]) -> None:
        """Keep nothing yet."""
        self._cases = cases
        self._fold = fold
        self._kept: dict[CaseId, tuple[int, Told]] = {}

    def of(self, entries: Iterable[Entry]) -> list[Told]:
        """Return what the fold says of each of these cases as it stands now."""
        return [self._of(entry) for entry in entries]

    def _of(self, entry: Entry) -> Told:
        version, told = self._kept.get(entry.case_id, (0, None))
        if told is None or version < entry.version:
            case = self._cases.get(entry.case_id)
            told = self._fold(case)
            self._kept[entry.case_id] = (case.version, told)
        return told
