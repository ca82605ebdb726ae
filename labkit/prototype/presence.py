"""Where participants are: the page that each saw last, kept in memory while the prototype runs, and nowhere else."""

from datetime import datetime
from threading import Lock

from msgspec import Struct

from ledger.domain.identifiers import CaseId

CASES_MAX = 200


class Seen(Struct, frozen=True):
    """A page that was shown, and when."""

    path: str
    at: datetime


class Presence:
    """The last page of each participant; may be asked from several threads."""

    def __init__(self) -> None:
        """Know of nobody."""
        self._lock = Lock()
        self._seen: dict[CaseId, Seen] = {}

    def note(self, case_id: CaseId, path: str, at: datetime) -> None:
        """Keep where a participant is; beyond the bound, who moved longest ago is forgotten."""
        with self._lock:
            self._seen.pop(case_id, None)
            self._seen[case_id] = Seen(path, at)
            if len(self._seen) > CASES_MAX:
                del self._seen[next(iter(self._seen))]

    def of(self, case_id: CaseId) -> Seen | None:
        """Return where a participant was seen last."""
        with self._lock:
            return self._seen.get(case_id)
