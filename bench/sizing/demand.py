"""What one inhabitant asks of a ledger, in a scenario: all else is this, times how many they are."""

from msgspec import Struct

from bench.sizing.assumptions import Habits, Scenario

HOUR_S = 3_600


class Demand(Struct, frozen=True, kw_only=True):
    """Contacts and events of one inhabitant."""

    contacts_a_day: float
    events_a_year: float
    events_at_peak: float
    """Events in the busiest second: far below one, since a person is one of many."""
    events_kept: float
    in_touch_at_peak: float
    """The share of the inhabitants who get in touch within the busiest hour."""


def demand_of(scenario: Scenario, habits: Habits) -> Demand:
    """Return what one inhabitant asks for."""
    contacts_a_day = scenario.contacts_a_year / habits.days_a_year
    peak_contacts_an_hour = contacts_a_day / habits.hours_a_day * scenario.peak_factor
    events_a_year = scenario.contacts_a_year * scenario.events_a_contact
    return Demand(
        contacts_a_day=contacts_a_day,
        events_a_year=events_a_year,
        events_at_peak=peak_contacts_an_hour * scenario.events_a_contact / HOUR_S,
        events_kept=events_a_year * habits.years_kept,
        in_touch_at_peak=peak_contacts_an_hour,
    )
