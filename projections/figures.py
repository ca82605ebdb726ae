"""The tables behind the overview: one row a case, and figures kept up to date as events come.

What can be counted as it happens is counted here; what depends on the hour, or is a rank among many, is
left to the question (`overview`).
"""

from ledger.domain.events import (
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    Event,
    InteractionCorrected,
    InteractionRecorded,
    ServicePublished,
    StepRecorded,
)
from projections import charges

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS cases (
    opened_position INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    unit TEXT,
    deadline INTEGER,
    closed_at INTEGER,
    steps INTEGER NOT NULL DEFAULT 0,
    first_step_at INTEGER,
    last_step_at INTEGER,
    duration INTEGER GENERATED ALWAYS AS (last_step_at - first_step_at) VIRTUAL
);
CREATE TABLE IF NOT EXISTS contacts (
    case_id BLOB NOT NULL,
    interaction_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (case_id, interaction_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS channels (
    channel TEXT PRIMARY KEY,
    cases INTEGER NOT NULL DEFAULT 0,
    interactions INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    worked INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS authorities (
    authority TEXT PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;
{charges.SCHEMA}
CREATE TABLE IF NOT EXISTS flow (
    minute INTEGER NOT NULL,
    channel TEXT NOT NULL,
    interactions INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (minute, channel)
) WITHOUT ROWID;
"""
INDEXES = """
CREATE INDEX IF NOT EXISTS cases_by_duration ON cases (duration) WHERE duration IS NOT NULL;
CREATE INDEX IF NOT EXISTS cases_by_channel_and_duration ON cases (channel, duration) WHERE duration IS NOT NULL;
CREATE INDEX IF NOT EXISTS open_cases_by_deadline ON cases (authority, service, deadline)
WHERE closed_at IS NULL AND deadline IS NOT NULL;
"""
FOLDED: frozenset[type[Event]] = frozenset(
    {
        AuthorityRegistered,
        CaseAssigned,
        CaseClosed,
        CaseHandedOver,
        CaseOpened,
        CaseReopened,
        InteractionCorrected,
        InteractionRecorded,
        ServicePublished,
        StepRecorded,
    }
)
MINUTE = 60 * 1_000_000
