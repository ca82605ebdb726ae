"""One valid sample of every event, all of them one story: a canteen place at Pau, from request to reopening.

Each bears the version it has in that story; `histories.numbered_from` gives it another.
"""

from labkit.controls import cast
from labkit.controls.cast import at
from ledger.domain.events import (
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    CitizenForgotten,
    DocumentAttached,
    DocumentsReceived,
    DocumentsRequested,
    InteractionCorrected,
    InteractionRecorded,
    ServiceEventRecorded,
    ServicePublished,
    StepRecorded,
)
from ledger.domain.guards import Header
from ledger.domain.identifiers import InteractionId
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Outcome


def authority_registered() -> AuthorityRegistered:
    """The town of Pau answers for cases from the first of September."""
    return AuthorityRegistered(
        version=1,
        occurred_at=at(1, "06:00"),
        stamp=cast.stamp(at(1, "06:00")),
        authority=cast.PAU,
        name="Commune de Pau",
        kind=AuthorityKind.COMMUNE,
        parent=cast.PAU_BEARN_PYRENEES,
    )


def service_published() -> ServicePublished:
    """Pau offers places in its school canteens."""
    return ServicePublished(
        version=2,
        occurred_at=at(1, "06:05"),
        stamp=cast.stamp(at(1, "06:05")),
        authority=cast.PAU,
        service=cast.CANTEEN,
        name="Inscription à la restauration scolaire",
        answer_days=30,
    )


def case_opened() -> CaseOpened:
    """A mother asks at the counter for a place in the canteen."""
    return CaseOpened(
        **_header(1, 1, "08:30"),
        authority=cast.PAU,
        service=cast.CANTEEN,
        channel=Channel.COUNTER,
        citizen=cast.CITIZEN,
        unit=cast.EDUCATION,
        deadline=at(30, "22:00"),
        reference="RS-2026-0417",
        title="Place à la cantine pour Léa Lafourcade",
    )


def counter_visit() -> InteractionRecorded:
    """The contact that opened the case."""
    return InteractionRecorded(
        **_header(2, 1, "08:30"),
        interaction_id=cast.COUNTER_VISIT,
        channel=Channel.COUNTER,
        direction=Direction.IN,
        citizen=cast.CITIZEN,
        particulars=cast.particulars_of(Channel.COUNTER),
        attachments=(cast.scan("certificat de scolarité"),),
        summary="Mme Lafourcade demande une place à la cantine pour sa fille Léa, en CE1 à l’école Marca.",
        contact="Mme Lafourcade, 05 36 49 00 17",
    )


def case_assigned() -> CaseAssigned:
    """An agent of the education department takes charge."""
    return CaseAssigned(**_header(3, 1, "09:00"), agent=cast.ANOTHER_AGENT, unit=cast.EDUCATION)


def phone_call() -> InteractionRecorded:
    """The mother calls, and is promised a call back."""
    return contact_on(Channel.TELEPHONE)


def contact_on(channel: Channel) -> InteractionRecorded:
    """A contact on that channel, the same in all else."""
    return InteractionRecorded(
        **_header(4, 2, "09:15"),
        interaction_id=cast.PHONE_CALL,
        channel=channel,
        direction=Direction.IN,
        citizen=cast.CITIZEN,
        particulars=cast.particulars_of(channel),
        attachments=(cast.scan("photographie", 48_128),),
        summary="Mme Lafourcade demande si des repas végétariens sont possibles.",
        contact="06 39 98 00 17",
    )


def interaction_corrected() -> InteractionCorrected:
    """The call was a message left the evening before."""
    return InteractionCorrected(
        **_header(5, 2, "10:00"),
        interaction_id=cast.PHONE_CALL,
        reason="Heure et canal mal saisis",
        citizen=cast.CITIZEN,
        channel=Channel.MOBILE,
        direction=Direction.IN,
        interaction_occurred_at=at(1, "17:40"),
        particulars=cast.particulars_of(Channel.MOBILE),
        summary="Mme Lafourcade demande des repas végétariens deux jours par semaine.",
        contact="06 39 98 00 18",
    )


def documents_requested() -> DocumentsRequested:
    """Two documents are missing."""
    return DocumentsRequested(
        **_header(6, 2, "14:00"),
        request_id=cast.MISSING_DOCUMENTS,
        documents=("Justificatif de domicile", "Attestation de quotient familial"),
        reply_by=at(15, "22:00"),
    )


def email_sent() -> InteractionRecorded:
    """The e-mail that asks for them."""
    return InteractionRecorded(
        **_header(7, 2, "14:00"),
        interaction_id=InteractionId(cast.MISSING_DOCUMENTS),
        channel=Channel.EMAIL,
        direction=Direction.OUT,
        citizen=cast.CITIZEN,
        summary="Demande des deux pièces manquantes.",
    )


def documents_received() -> DocumentsReceived:
    """Both came in."""
    return DocumentsReceived(
        **_header(8, 3, "19:20"),
        request_id=cast.MISSING_DOCUMENTS,
        interaction_id=cast.ONLINE_REPLY,
        attachments=(cast.scan("justificatif de domicile"), cast.scan("attestation de quotient familial")),
        complete=True,
    )


def online_reply() -> InteractionRecorded:
    """The form that brought them."""
    return InteractionRecorded(
        **_header(9, 3, "19:20"),
        interaction_id=cast.ONLINE_REPLY,
        channel=Channel.WEB,
        direction=Direction.IN,
        citizen=cast.CITIZEN,
        particulars=cast.particulars_of(Channel.WEB),
        attachments=documents_received().attachments,
        summary="Les deux pièces demandées.",
    )


def document_attached() -> DocumentAttached:
    """An agent adds the school's own confirmation."""
    return DocumentAttached(
        **_header(10, 4, "08:10"),
        document=cast.scan("confirmation de l’école Marca"),
        citizen=cast.CITIZEN,
        title="Confirmation de scolarité de Léa Lafourcade",
    )


def step_recorded() -> StepRecorded:
    """The family's rate was worked out."""
    return StepRecorded(
        **_header(11, 4, "08:45"),
        step_id=cast.INCOME_CHECK,
        activity="Calcul du quotient familial",
        agent=cast.ANOTHER_AGENT,
        unit=cast.EDUCATION,
    )


def case_handed_over() -> CaseHandedOver:
    """The canteens themselves take over."""
    return CaseHandedOver(
        **_header(12, 4, "09:30"),
        from_authority=cast.PAU,
        to_authority=cast.PAU,
        reason="Places gérées par le service de la restauration",
        citizen=cast.CITIZEN,
        from_unit=cast.EDUCATION,
        to_unit=cast.CANTEENS,
    )


def case_decided() -> CaseDecided:
    """Léa has her place."""
    return CaseDecided(
        **_header(13, 7, "07:50"),
        outcome=Outcome.GRANTED,
        citizen=cast.CITIZEN,
        grounds="Place disponible à l’école Marca, tarif B.",
    )


def case_closed() -> CaseClosed:
    """Nothing is left to do."""
    return CaseClosed(**_header(14, 7, "08:00"), reason=ClosingReason.COMPLETED)


def case_reopened() -> CaseReopened:
    """The child changes school."""
    return CaseReopened(
        **_header(15, 21, "12:00"), reason="Changement d’école signalé par la famille", citizen=cast.CITIZEN
    )


def service_event_recorded() -> ServiceEventRecorded:
    """The days on which the child eats were chosen, on the telephone app of the town."""
    return ServiceEventRecorded(
        **_header(16, 22, "17:40"),
        name="days-chosen.v1",
        channel=Channel.MOBILE,
        citizen=cast.CITIZEN,
        facts={"days": ("monday", "thursday"), "starts_on": "2026-10-05", "all_year": True, "meals_per_week": 2},
        content='{"comment":"Léa ne mange pas de porc"}',
    )


def citizen_forgotten() -> CitizenForgotten:
    """The mother asked that her data be erased."""
    return CitizenForgotten(
        version=1,
        occurred_at=at(28, "09:00"),
        stamp=cast.stamp(at(28, "09:00")),
        citizen=cast.CITIZEN,
        legal_basis="RGPD art. 17",
    )


def _header(version: int, day: int, clock: str) -> Header:
    moment = at(day, clock)
    return {
        "case_id": cast.CASE,
        "version": version,
        "occurred_at": moment,
        "stamp": cast.stamp(moment),
    }
