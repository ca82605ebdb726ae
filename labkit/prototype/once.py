"""Identifiers drawn when a form is shown, so that sending it twice, or twice at once, does once what it asks for."""

from uuid import UUID, uuid4

from labkit.prototype.questions import Form
from labkit.prototype.serving import one

FIELD = "once"


def identifier_of(form: Form) -> UUID:
    """Return the identifier that a form was shown with; a form that lost it does its work all the same."""
    try:
        return UUID(one(form, FIELD))
    except ValueError:
        return uuid4()
