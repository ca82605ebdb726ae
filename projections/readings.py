"""What metrics say of the views: how far each has come, and what it set aside."""

from ledger.watching.meters import Reading
from projections.reader import ViewReader


def view_readings(reader: ViewReader) -> list[Reading]:
    """Return the readings of every view."""
    views = reader.views()
    reached = [Reading("view_position", view.position, view.name) for view in views]
    return reached + [Reading("parked_events", view.parked, view.name) for view in views]
