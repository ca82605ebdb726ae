"""What a generated project builds on: the events, pages and rules that it declares, and all that runs them.

A project imports from here and from `labkit.prototype.trying`; the rest is the kit's own.
"""

from labkit.prototype.events import (
    Document,
    Email,
    Line,
    Money,
    Personal,
    PersonalDate,
    PersonalLines,
    Phone,
    ServiceEvent,
)
from labkit.prototype.kit_events import FeedbackGiven, RequestSubmitted
from labkit.prototype.service import Page, Service, Variant
from labkit.prototype.story import ServiceCase

__all__ = [
    "Document",
    "Email",
    "FeedbackGiven",
    "Line",
    "Money",
    "Page",
    "Personal",
    "PersonalDate",
    "PersonalLines",
    "Phone",
    "RequestSubmitted",
    "Service",
    "ServiceCase",
    "ServiceEvent",
    "Variant",
]
