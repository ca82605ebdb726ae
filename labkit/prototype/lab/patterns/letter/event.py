"""A letter to be read, and accepted or not: the reader sees what they will receive."""

from labkit.prototype import ServiceEvent


class ProposalAnswered(ServiceEvent, frozen=True, kw_only=True, tag="proposal-answered.v1"):
    """Somebody accepted what the authority proposes, or not (proposition acceptée ou non)."""

    accepted: bool
