"""The pieces that the sample’s stories are made of."""

from datetime import datetime, timedelta

from sample_place import identify, seal

from ledger.domain.events import (
    Attachment,
    InteractionRecorded,
    Particulars,
    Stamp,
)
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.domain.vocabulary import Channel, Direction


def contact(
    case_id: CaseId,
    name: str,
    channel: Channel,
    direction: Direction,
    summary: str,
    *,
    at: datetime,
    late: timedelta = timedelta(seconds=40),
    particulars: Particulars | None = None,
    attachments: tuple[Attachment, ...] = (),
    details: str = "",
) -> InteractionRecorded:
    """Return one contact."""
    return InteractionRecorded(
        case_id=case_id,
        version=1,
        occurred_at=at,
        stamp=stamp(at + late),
        interaction_id=InteractionId(identify(name)),
        channel=channel,
        direction=direction,
        particulars=particulars,
        attachments=attachments,
        summary=seal(summary),
        contact=seal(details),
    )


def stamp(at: datetime, by: str = "accueil.lmartin") -> Stamp:
    return Stamp(by=by, recorded_at=at)


def paper(name: str, octets: int, media_type: str = "application/pdf") -> Attachment:
    return Attachment(
        digest=f"sha256:{identify(name).hex}{identify(name + '.').hex}", media_type=media_type, size_bytes=octets
    )
