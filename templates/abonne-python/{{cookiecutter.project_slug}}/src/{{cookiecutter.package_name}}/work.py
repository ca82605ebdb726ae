"""How many steps of each activity the agents completed each day."""

from sqlite3 import Connection

from ledger.domain.events import StepRecorded
from ledger.publishing.published import PublishedEvent
from projections.engine.view import View

SCHEMA = """
CREATE TABLE IF NOT EXISTS work(
    day TEXT NOT NULL, activity TEXT NOT NULL, steps INTEGER NOT NULL, PRIMARY KEY (day, activity)
)
"""
_COUNT = "INSERT INTO work VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET steps = steps + 1"
_BY_ACTIVITY = "SELECT activity, sum(steps) FROM work GROUP BY activity ORDER BY activity"


def project(db: Connection, published: PublishedEvent) -> None:
    """Count one step; every other event leaves the view as it is."""
    match published.event:
        case StepRecorded(occurred_at=occurred_at, activity=activity):
            db.execute(_COUNT, (occurred_at.date().isoformat(), activity))


def steps_by_activity(db: Connection) -> dict[str, int]:
    """Return how many steps of each activity were completed, over all days."""
    return dict(db.execute(_BY_ACTIVITY).fetchall())


VIEW = View(name="work", version=1, schema=SCHEMA, project=project)
