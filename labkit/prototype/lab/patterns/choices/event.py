"""Choices: one among a few, several among a few, yes or no, one in a long list."""

from typing import Literal

from labkit.prototype import ServiceEvent

Activity = Literal["music", "theatre", "drawing"]
Day = Literal["monday", "wednesday", "saturday"]
District = Literal["centre", "north", "south", "east", "west", "riverside", "hills", "station", "old-port"]


class ActivityChosen(ServiceEvent, frozen=True, kw_only=True, tag="activity-chosen.v1"):
    """Somebody chose an activity and its days (activité choisie)."""

    activity: Activity
    days: tuple[Day, ...]
    beginner: bool
    district: District
