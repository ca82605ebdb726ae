"""A long answer in one's own words, with a document."""

from labkit.prototype import Document, PersonalLines, ServiceEvent


class SituationDescribed(ServiceEvent, frozen=True, kw_only=True, tag="situation-described.v1"):
    """Somebody described their situation, and may have added a document (situation décrite)."""

    situation: PersonalLines
    proof: Document | None = None
