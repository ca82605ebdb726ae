"""What can happen on a case, one function a scene: each returns the command that records it."""

from datetime import datetime, timedelta

from labkit.simulate.casefile import CaseFile, Play
from labkit.simulate.catalogue import HandingOver
from labkit.simulate.channels import SENT_BY, answered_by, asked_again_by, draw_document, incoming, outgoing
from labkit.simulate.people import is_spoken
from labkit.simulate.randomness import draw_reference, draw_uuid, draw_weighted
from labkit.simulate.territory import Territory
from ledger.domain.commands import (
    AssignCase,
    AttachDocument,
    CloseCase,
    CorrectInteraction,
    DecideCase,
    HandOverCase,
    OpenCase,
    ReceiveDocuments,
    RecordInteraction,
    RecordStep,
    ReopenCase,
    RequestDocuments,
)
from ledger.domain.identifiers import InteractionId, StepId
from ledger.domain.vocabulary import Channel, ClosingReason, Direction, Outcome

_OUTCOMES = {Outcome.GRANTED: 78, Outcome.PARTLY_GRANTED: 14, Outcome.REFUSED: 6, Outcome.INADMISSIBLE: 2}
_CLOSED_EARLY = {ClosingReason.WITHDRAWN: 5, ClosingReason.ABANDONED: 3, ClosingReason.DUPLICATE: 3}
_PHOTOGRAPHED_ON = frozenset({Channel.MOBILE, Channel.WEB, Channel.EMAIL, Channel.POST})


def open_case(case: CaseFile, at: datetime) -> OpenCase:
    """The citizen asks, or an agent notices."""
    rng, service = case.rng, case.service
    case.opened_at = at
    texts = case.matter.said if is_spoken(case.channel) else case.matter.written
    noticed = case.channel is Channel.INTERNAL
    return OpenCase(
        **case.header(at),
        authority=case.authority,
        service=service.code,
        channel=case.channel,
        interaction_id=case.opening_id,
        citizen=case.resident.ref,
        unit=case.unit,
        deadline=at + timedelta(days=service.answer_days),
        reference=draw_reference(rng, service.prefix),
        particulars=incoming(case, case.channel, at),
        attachments=(draw_document(rng),) if case.channel in _PHOTOGRAPHED_ON else (),
        title=case.resident.fill(case.matter.title),
        summary=case.words(service.noticed if noticed else texts),
        contact=case.resident.contact(case.channel),
    )


def assign_case(case: CaseFile, at: datetime) -> AssignCase:
    """An agent takes the case."""
    return AssignCase(**case.header(at), agent=case.agent, unit=case.unit)


def record_step(case: CaseFile, at: datetime) -> RecordStep:
    """The agent completes a piece of work."""
    header = case.header(at)
    return RecordStep(
        **header,
        step_id=StepId(header["command_id"]),
        activity=case.next_activity(),
        agent=case.agent,
        unit=case.unit,
    )


def ask_again(case: CaseFile, at: datetime) -> RecordInteraction:
    """The citizen comes back, on another channel."""
    channel = asked_again_by(case)
    service = case.service
    texts = service.asked_again_said if is_spoken(channel) else service.asked_again_written
    return RecordInteraction(
        **case.header(at),
        interaction_id=InteractionId(draw_uuid(case.rng)),
        channel=channel,
        direction=Direction.IN,
        particulars=incoming(case, channel, at),
        summary=case.words(texts),
        contact=case.resident.contact(channel),
    )


def answer(case: CaseFile, at: datetime) -> RecordInteraction:
    """The authority answers."""
    channel = answered_by(case)
    return RecordInteraction(
        **case.header(at),
        interaction_id=InteractionId(draw_uuid(case.rng)),
        channel=channel,
        direction=Direction.OUT,
        particulars=outgoing(channel, at),
        summary=case.words(case.service.answers),
        contact=case.resident.contact(channel),
    )


def request_documents(case: CaseFile, at: datetime) -> RequestDocuments:
    """The agent asks for what is missing."""
    return RequestDocuments(
        **case.header(at),
        request_id=case.request_id,
        channel=answered_by(case),
        documents=(case.rng.choice(case.service.documents),),
        reply_by=at + timedelta(days=15),
        summary=case.resident.fill(case.service.documents_asked),
    )


def receive_half(case: CaseFile, at: datetime) -> ReceiveDocuments:
    """The citizen sends something, and not all of it."""
    return _receive(case, at, complete=False)


def receive_rest(case: CaseFile, at: datetime) -> ReceiveDocuments:
    """The citizen sends all that was asked for."""
    return _receive(case, at, complete=True)


def _receive(case: CaseFile, at: datetime, *, complete: bool) -> ReceiveDocuments:
    channel = draw_weighted(case.rng, SENT_BY)
    return ReceiveDocuments(
        **case.header(at),
        request_id=case.request_id,
        interaction_id=InteractionId(draw_uuid(case.rng)),
        channel=channel,
        attachments=(draw_document(case.rng),),
        complete=complete,
        particulars=incoming(case, channel, at),
        summary="Pièce demandée reçue." if complete else "Pièce reçue, une page est illisible.",
    )


def attach_document(case: CaseFile, at: datetime) -> AttachDocument:
    """An agent adds a document to the case."""
    return AttachDocument(**case.header(at), document=draw_document(case.rng), title="Note de l’agent")


def correct_contact(case: CaseFile, at: datetime) -> CorrectInteraction:
    """An agent noticed that the first contact was recorded at the wrong time."""
    opened_at = case.opened_at or at
    return CorrectInteraction(
        **case.header(at),
        interaction_id=case.opening_id,
        reason="Heure de l’échange mal saisie",
        interaction_occurred_at=opened_at - timedelta(minutes=case.rng.randint(5, 50)),
    )


def decide_case(case: CaseFile, at: datetime) -> DecideCase:
    """The authority decides."""
    outcome = draw_weighted(case.rng, _OUTCOMES)
    favourable = outcome in {Outcome.GRANTED, Outcome.PARTLY_GRANTED}
    grounds = case.words(case.service.grounds) if favourable else "Les conditions ne sont pas réunies."
    return DecideCase(**case.header(at), outcome=outcome, grounds=grounds)


def close_case(case: CaseFile, at: datetime) -> CloseCase:
    """All is done."""
    return CloseCase(**case.header(at), reason=ClosingReason.COMPLETED)


def close_early(case: CaseFile, at: datetime) -> CloseCase:
    """The case ends before its time."""
    return CloseCase(**case.header(at), reason=draw_weighted(case.rng, _CLOSED_EARLY))


def reopen_case(case: CaseFile, at: datetime) -> ReopenCase:
    """Something new came up."""
    return ReopenCase(**case.header(at), reason="Élément nouveau apporté par l’usager")


def hand_over_to(territory: Territory, handing_over: HandingOver) -> Play:
    """Return the scene in which a commune hands a case over to its EPCI."""

    def hand_over(case: CaseFile, at: datetime) -> HandOverCase:
        case.go_to(territory, handing_over.to_unit)
        reason = case.rng.choice(handing_over.reasons)
        return HandOverCase(**case.header(at), reason=reason, to_unit=case.unit, to_authority=territory.siren)

    return hand_over
