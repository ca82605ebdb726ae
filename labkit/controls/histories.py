"""Ready pasts to start a test or a prototype from: the events of one stream, oldest first."""

from typing import TypeVar

from msgspec.structs import replace

from labkit.controls import events
from ledger.domain.citizen import personal_fields
from ledger.domain.events import Event, LedgerEvent

SEALED = "sealed:…"

History = tuple[LedgerEvent, ...]
E = TypeVar("E", bound=Event)


def numbered_from(version: int, *past: LedgerEvent) -> History:
    """Return the events with contiguous versions, the first of them as given."""
    return tuple(replace(event, version=version + rank) for rank, event in enumerate(past))


def sealed(event: E) -> E:
    """Return an event as it is stored and published: tokens in the place of personal texts."""
    personal = personal_fields(type(event))
    return replace(event, **{name: SEALED for name in personal if getattr(event, name)})


def an_authority() -> History:
    """Pau is registered and offers nothing yet."""
    return (events.authority_registered(),)


def an_authority_with_a_service() -> History:
    """Pau is registered and offers places in its canteens."""
    return (events.authority_registered(), events.service_published())


def an_open_case(*more: LedgerEvent) -> History:
    """A case opened at the counter, and what followed."""
    return numbered_from(1, events.case_opened(), events.counter_visit(), *more)


def an_anonymous_case() -> History:
    """A case opened for somebody who gave no name."""
    return tuple(replace(event, citizen=None) for event in (events.case_opened(), events.counter_visit()))


def an_assigned_case() -> History:
    """A case with an agent in charge."""
    return an_open_case(events.case_assigned())


def a_case_awaiting_documents() -> History:
    """A case whose citizen was asked for two documents."""
    return an_open_case(events.documents_requested(), events.email_sent())


def a_case_with_its_documents() -> History:
    """A case whose citizen sent all that was asked for."""
    return (
        *a_case_awaiting_documents(),
        *numbered_from(5, events.documents_received(), events.online_reply()),
    )


def a_handed_over_case() -> History:
    """An assigned case that went to another unit."""
    return an_open_case(events.case_assigned(), events.case_handed_over())


def a_decided_case() -> History:
    """A case whose request was granted."""
    return an_open_case(events.case_decided())


def a_closed_case() -> History:
    """A case decided and closed."""
    return an_open_case(events.case_decided(), events.case_closed())


def a_reopened_case() -> History:
    """A closed case that goes on."""
    return an_open_case(events.case_decided(), events.case_closed(), events.case_reopened())


def a_whole_story() -> History:
    """Everything that can happen to one case, once."""
    return an_open_case(
        events.case_assigned(),
        events.phone_call(),
        events.interaction_corrected(),
        events.documents_requested(),
        events.email_sent(),
        events.documents_received(),
        events.online_reply(),
        events.document_attached(),
        events.step_recorded(),
        events.case_handed_over(),
        events.case_decided(),
        events.case_closed(),
        events.case_reopened(),
        events.service_event_recorded(),
    )


def an_event_of_every_kind() -> History:
    """One sample of every event, in the order of `EVENTS`."""
    return (
        events.authority_registered(),
        events.service_published(),
        events.case_opened(),
        events.phone_call(),
        events.interaction_corrected(),
        events.step_recorded(),
        events.documents_requested(),
        events.documents_received(),
        events.document_attached(),
        events.case_assigned(),
        events.case_handed_over(),
        events.case_decided(),
        events.case_closed(),
        events.case_reopened(),
        events.service_event_recorded(),
        events.citizen_forgotten(),
    )
