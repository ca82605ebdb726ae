"""What happens in this service: one struct an event; its fields are the questions."""

from typing import Literal

from labkit.prototype import Email, Personal, PersonalLines, ServiceEvent

Subject = Literal["information", "document", "complaint", "other"]


class RequestDescribed(ServiceEvent, frozen=True, kw_only=True, tag="request-described.v1"):
    """Somebody said who they are and what they want."""

    name: Personal
    email: Email | None = None
    subject: Subject
    message: PersonalLines
