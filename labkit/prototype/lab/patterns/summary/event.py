"""What was said so far, to be read again and declared true, before something that cannot be undone."""

from labkit.prototype import ServiceEvent


class AnswersDeclared(ServiceEvent, frozen=True, kw_only=True, tag="answers-declared.v1"):
    """Somebody declared that what they said is true (réponses déclarées exactes)."""

    true: bool
    follow_up: bool
