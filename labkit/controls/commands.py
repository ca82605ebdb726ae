"""One valid sample of every command: each asks for the event of the same root in `events`."""

from typing import TypedDict

from labkit.controls import cast, events
from labkit.controls.cast import at
from ledger.domain.commands import (
    AssignCase,
    AttachDocument,
    CloseCase,
    CorrectInteraction,
    DecideCase,
    ForgetCitizen,
    HandOverCase,
    LedgerCommand,
    OpenCase,
    PublishService,
    ReceiveDocuments,
    RecordInteraction,
    RecordServiceEvent,
    RecordStep,
    RegisterAuthority,
    ReopenCase,
    RequestDocuments,
)
from ledger.domain.identifiers import CaseId, CommandId, Moment
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Outcome


class _Asked(TypedDict):
    command_id: CommandId
    occurred_at: Moment


class _AskedOfACase(_Asked):
    case_id: CaseId


def register_authority() -> RegisterAuthority:
    """Let the town of Pau answer for cases."""
    return RegisterAuthority(
        **_asked("register", 1, "06:00"),
        authority=cast.PAU,
        name="Commune de Pau",
        kind=AuthorityKind.COMMUNE,
        parent=cast.PAU_BEARN_PYRENEES,
    )


def publish_service() -> PublishService:
    """Offer places in the canteens of Pau."""
    return PublishService(
        **_asked("publish", 1, "06:05"),
        authority=cast.PAU,
        service=cast.CANTEEN,
        name="Inscription à la restauration scolaire",
        answer_days=30,
    )


def open_case() -> OpenCase:
    """Open the case of a mother who stands at the counter."""
    return OpenCase(
        **_of_the_case("open", 1, "08:30"),
        authority=cast.PAU,
        service=cast.CANTEEN,
        channel=Channel.COUNTER,
        interaction_id=cast.COUNTER_VISIT,
        citizen=cast.CITIZEN,
        unit=cast.EDUCATION,
        deadline=at(30, "22:00"),
        reference="RS-2026-0417",
        particulars=cast.particulars_of(Channel.COUNTER),
        attachments=(cast.scan("certificat de scolarité"),),
        title="Place à la cantine pour Léa Lafourcade",
        summary=events.counter_visit().summary,
        contact="Mme Lafourcade, 05 36 49 00 17",
    )


def assign_case() -> AssignCase:
    """Put an agent of the education department in charge."""
    return AssignCase(**_of_the_case("assign", 1, "09:00"), agent=cast.ANOTHER_AGENT, unit=cast.EDUCATION)


def record_phone_call() -> RecordInteraction:
    """Record the mother's call."""
    return record_contact_on(Channel.TELEPHONE)


def record_contact_on(channel: Channel) -> RecordInteraction:
    """Record a contact on that channel, the same in all else."""
    return RecordInteraction(
        **_of_the_case("record", 2, "09:15"),
        interaction_id=cast.PHONE_CALL,
        channel=channel,
        direction=Direction.IN,
        particulars=cast.particulars_of(channel),
        attachments=(cast.scan("photographie", 48_128),),
        summary="Mme Lafourcade demande si des repas végétariens sont possibles.",
        contact="06 39 98 00 17",
    )


def correct_interaction() -> CorrectInteraction:
    """Say that the call was a message left the evening before."""
    return CorrectInteraction(
        **_of_the_case("correct", 2, "10:00"),
        interaction_id=cast.PHONE_CALL,
        reason="Heure et canal mal saisis",
        channel=Channel.MOBILE,
        direction=Direction.IN,
        interaction_occurred_at=at(1, "17:40"),
        particulars=cast.particulars_of(Channel.MOBILE),
        summary="Mme Lafourcade demande des repas végétariens deux jours par semaine.",
        contact="06 39 98 00 18",
    )


def request_documents() -> RequestDocuments:
    """Ask by e-mail for two missing documents."""
    return RequestDocuments(
        **_of_the_case("request", 2, "14:00"),
        request_id=cast.MISSING_DOCUMENTS,
        channel=Channel.EMAIL,
        documents=("Justificatif de domicile", "Attestation de quotient familial"),
        reply_by=at(15, "22:00"),
        summary="Demande des deux pièces manquantes.",
    )


def receive_documents() -> ReceiveDocuments:
    """Take in both documents, sent online."""
    return ReceiveDocuments(
        **_of_the_case("receive", 3, "19:20"),
        request_id=cast.MISSING_DOCUMENTS,
        interaction_id=cast.ONLINE_REPLY,
        channel=Channel.WEB,
        attachments=(cast.scan("justificatif de domicile"), cast.scan("attestation de quotient familial")),
        particulars=cast.particulars_of(Channel.WEB),
        summary="Les deux pièces demandées.",
    )


def attach_document() -> AttachDocument:
    """Add the school's own confirmation."""
    return AttachDocument(
        **_of_the_case("attach", 4, "08:10"),
        document=cast.scan("confirmation de l’école Marca"),
        title="Confirmation de scolarité de Léa Lafourcade",
    )


def record_step() -> RecordStep:
    """Record that the family's rate was worked out."""
    return RecordStep(
        **_of_the_case("step", 4, "08:45"),
        step_id=cast.INCOME_CHECK,
        activity="Calcul du quotient familial",
        agent=cast.ANOTHER_AGENT,
        unit=cast.EDUCATION,
    )


def hand_over_case() -> HandOverCase:
    """Let the canteens take over."""
    return HandOverCase(
        **_of_the_case("hand over", 4, "09:30"),
        reason="Places gérées par le service de la restauration",
        to_unit=cast.CANTEENS,
    )


def decide_case() -> DecideCase:
    """Grant the place."""
    return DecideCase(
        **_of_the_case("decide", 7, "07:50"),
        outcome=Outcome.GRANTED,
        grounds="Place disponible à l’école Marca, tarif B.",
    )


def close_case() -> CloseCase:
    """Close the case: nothing is left to do."""
    return CloseCase(**_of_the_case("close", 7, "08:00"), reason=ClosingReason.COMPLETED)


def reopen_case() -> ReopenCase:
    """Let the case go on: the child changes school."""
    return ReopenCase(**_of_the_case("reopen", 21, "12:00"), reason="Changement d’école signalé par la famille")


def record_service_event() -> RecordServiceEvent:
    """Record on which days the child eats, chosen on the telephone app of the town."""
    return RecordServiceEvent(
        **_of_the_case("choose days", 22, "17:40"),
        name="days-chosen.v1",
        channel=Channel.MOBILE,
        facts={"days": ("monday", "thursday"), "starts_on": "2026-10-05", "all_year": True, "meals_per_week": 2},
        content='{"comment":"Léa ne mange pas de porc"}',
    )


def forget_citizen() -> ForgetCitizen:
    """Erase the mother's data, as she asked."""
    return ForgetCitizen(**_asked("forget", 28, "09:00"), citizen=cast.CITIZEN)


def a_command_of_every_kind() -> tuple[LedgerCommand, ...]:
    """One sample of every command, in the order of `COMMANDS`."""
    return (
        register_authority(),
        publish_service(),
        open_case(),
        record_phone_call(),
        correct_interaction(),
        record_step(),
        request_documents(),
        receive_documents(),
        attach_document(),
        assign_case(),
        hand_over_case(),
        decide_case(),
        close_case(),
        reopen_case(),
        record_service_event(),
        forget_citizen(),
    )


def _asked(name: str, day: int, clock: str) -> _Asked:
    return {"command_id": cast.command_id(name), "occurred_at": at(day, clock)}


def _of_the_case(name: str, day: int, clock: str) -> _AskedOfACase:
    return {**_asked(name, day, clock), "case_id": cast.CASE}
