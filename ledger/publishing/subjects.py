"""NATS subjects of published events: low cardinality, with no case and no citizen in them."""

from ledger.domain.case import Placement

ROOT = "ledger"
EVERYTHING = f"{ROOT}.>"
NONE = "_"


def subject_of(placed: Placement, tag: str) -> str:
    """Return `ledger.<authority SIREN>.<service>.<channel>.<event>`; `_` stands for what an event has not."""
    return f"{ROOT}.{placed.authority or NONE}.{placed.service or NONE}.{placed.channel.value}.{event_of(tag)}"


def event_of(tag: str) -> str:
    """Return the last token of a subject: what happened, whatever the version of its tag."""
    return tag.partition(".")[0]
