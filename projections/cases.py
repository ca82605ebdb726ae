"""The cases of an inbox while events are folded: each read once, changed in memory and written once."""

from sqlite3 import Connection
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from ledger.domain.vocabulary import CaseStatus
from projections.conversation import LAST_TIER, TIER, Standing

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS cases (
    opened_position INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL UNIQUE,
    reference TEXT,
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    unit TEXT,
    agent TEXT,
    status TEXT NOT NULL,
    citizen BLOB,
    opened_on TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    deadline INTEGER,
    title TEXT NOT NULL,
    last_channel TEXT,
    last_direction TEXT,
    last_at INTEGER,
    summary TEXT,
    interactions INTEGER NOT NULL DEFAULT 0,
    awaiting_since INTEGER,
    answered INTEGER NOT NULL DEFAULT 0,
    here_contacts INTEGER NOT NULL DEFAULT 0,
    here_at INTEGER,
    here_recorded_at INTEGER,
    here_particulars JSON,
    urgency INTEGER,
    settled INTEGER NOT NULL DEFAULT 0,
    rank INTEGER GENERATED ALWAYS AS (coalesce(urgency, {LAST_TIER * TIER} - here_at)) VIRTUAL
);
"""
INDEXES = """
CREATE INDEX IF NOT EXISTS cases_by_rank ON cases (rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_awaiting ON cases (rank) WHERE here_contacts > 0 AND awaiting_since IS NOT NULL;
CREATE INDEX IF NOT EXISTS cases_by_authority ON cases (authority, rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_by_unit ON cases (unit, rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_by_service ON cases (service, rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_by_reference ON cases (reference) WHERE reference IS NOT NULL;
"""


_OPEN = CaseStatus.OPEN.value


class Case(Struct):
    """What a fold must know of a case: where and how it was opened, and all that changes later."""

    opened_position: int
    opened_on: str
    authority: str
    unit: str | None
    agent: str | None = None
    status: str = _OPEN
    last_channel: str | None = None
    last_direction: str | None = None
    last_at: int | None = None
    summary: str | None = None
    interactions: int = 0
    awaiting_since: int | None = None
    answered: int = 0
    here_contacts: int = 0
    here_at: int | None = None
    here_recorded_at: int | None = None
    here_particulars: str | None = None
    urgency: int | None = None
    settled: int = 0

    @property
    def standing(self) -> Standing:
        """Return how the case stands."""
        return Standing(self.interactions, self.here_contacts, self.awaiting_since, self.urgency)

    def stands(self, standing: Standing) -> None:
        """Take note of how the case stands."""
        self.interactions = standing.interactions
        self.here_contacts = standing.here_contacts
        self.awaiting_since = standing.awaiting_since
        self.urgency = standing.urgency

    def settle(self, position: int) -> None:
        """Let nothing that was recorded before wait in this inbox."""
        self.urgency, self.settled = None, position

    def answer(self, position: int) -> None:
        """Let nothing that was recorded before wait anywhere."""
        self.settle(position)
        self.awaiting_since, self.answered = None, position


class Opening(Struct, frozen=True, kw_only=True):
    """What is known of a case from its opening on, and no fold looks at again."""

    case_id: bytes
    reference: str | None
    service: str
    citizen: bytes | None
    opened_at: int
    deadline: int | None
    title: str


_OF_A_CASE, _OF_AN_OPENING = Case.__struct_fields__, Opening.__struct_fields__
_CHANGING = _OF_A_CASE[2:]
_FIND = f"SELECT {', '.join(_OF_A_CASE)} FROM cases WHERE case_id = ?"  # noqa: S608  # names of our own columns
_ADD = (
    f"INSERT INTO cases ({', '.join(_OF_A_CASE + _OF_AN_OPENING)}) "  # noqa: S608  # names of our own columns
    f"VALUES ({', '.join('?' * len(_OF_A_CASE + _OF_AN_OPENING))})"
)
_CHANGE = f"UPDATE cases SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE opened_position = ?"  # noqa: S608


class Cases:
    """The cases that some events are about."""

    def __init__(self, db: Connection) -> None:
        """Read from the tables of an inbox, and write there in the end."""
        self._db = db
        self._known: dict[int, Case | None] = {}
        self._found: list[Case] = []
        self._opened: list[tuple[Case, Opening]] = []

    def open(self, case_id: UUID, case: Case, opening: Opening) -> None:
        """Add a case."""
        self._known[case_id.int] = case
        self._opened.append((case, opening))

    def find(self, case_id: UUID) -> Case | None:
        """Return a case, to be changed in place, or `None` if it was never opened."""
        if case_id.int not in self._known:
            stored = self._db.execute(_FIND, (case_id.bytes,)).fetchone()
            self._known[case_id.int] = case = Case(*stored) if stored else None
            if case:
                self._found.append(case)
        return self._known[case_id.int]

    def write(self) -> None:
        """Write what was opened and what changed."""
        if self._opened:
            self._db.executemany(_ADD, [(*astuple(case), *astuple(opening)) for case, opening in self._opened])
        if self._found:
            self._db.executemany(_CHANGE, [(*astuple(case)[2:], case.opened_position) for case in self._found])
