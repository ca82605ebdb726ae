"""What happened in the sample: one case told in full, two that cannot be read, and the last minutes."""

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
from sample_events import contact, paper, stamp
from sample_place import PAU, REGION, ago, identify, seal

from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    ChatbotExchange,
    CitizenForgotten,
    CounterVisit,
    DocumentAttached,
    DocumentsReceived,
    DocumentsRequested,
    Event,
    InteractionCorrected,
    PhoneCall,
    PostalItem,
    ServiceEventRecorded,
    SocialPost,
    StepRecorded,
    WebForm,
)
from ledger.domain.identifiers import CaseId, CitizenRef, InteractionId, RequestId, StepId
from ledger.domain.vocabulary import Channel, ClosingReason, Direction, Outcome

CANTEEN = CaseId(identify("cantine Lucas"))
FORGOTTEN = CaseId(identify("oubliée"))
LOCKED = CaseId(identify("sous clé"))


def canteen_story() -> Iterator[tuple[Event, Channel]]:
    web, mail, call, desk, post = Channel.WEB, Channel.EMAIL, Channel.TELEPHONE, Channel.COUNTER, Channel.POST
    yield (
        CaseOpened(
            case_id=CANTEEN,
            version=1,
            occurred_at=ago(9, 4),
            stamp=stamp(ago(9, 4), "teleservice"),
            authority=PAU,
            service="cantine-scolaire",
            channel=web,
            citizen=CitizenRef(identify("usager")),
            unit="Régie scolaire",
            deadline=ago(-4),
            reference="PAU-2026-08412",
            title=seal("Inscription de Lucas à la cantine de l’école Marancy"),
        ),
        web,
    )
    yield (
        contact(
            CANTEEN,
            "formulaire",
            web,
            Direction.IN,
            "Bonjour, je souhaite inscrire mon fils Lucas (CE1) à la cantine quatre jours par semaine à partir "
            "du 1er décembre. "
            "Il est allergique à l’arachide : un projet d’accueil est en cours avec le médecin scolaire.",
            at=ago(9, 4),
            late=timedelta(seconds=1),
            particulars=WebForm("cantine-2026"),
            attachments=(paper("quotient", 184_320), paper("certificat", 1_240_000, "image/jpeg")),
            details="camille.d@exemple.fr",
        ),
        web,
    )
    yield (
        CaseAssigned(
            case_id=CANTEEN,
            version=3,
            occurred_at=ago(8, 22),
            stamp=stamp(ago(8, 22)),
            agent="regie.nsaid",
            unit="Régie scolaire",
        ),
        Channel.INTERNAL,
    )
    yield (
        DocumentsRequested(
            case_id=CANTEEN,
            version=4,
            occurred_at=ago(8, 3),
            stamp=stamp(ago(8, 3), "regie.nsaid"),
            request_id=RequestId(identify("pièces")),
            documents=("Attestation d’assurance scolaire", "Projet d’accueil individualisé signé"),
            reply_by=ago(-1),
        ),
        mail,
    )
    yield (
        contact(
            CANTEEN,
            "rappel",
            call,
            Direction.IN,
            "La mère demande si l’attestation de l’an dernier suffit. Non : il en faut une pour 2026-2027. "
            "Rappel promis pour le quotient familial.",
            at=ago(6, 5),
            particulars=PhoneCall(call_back_by=ago(5, 2)),
            details="06 00 00 00 00",
        ),
        call,
    )
    yield (
        contact(
            CANTEEN,
            "rappel fait",
            call,
            Direction.OUT,
            "Rappelée : quotient familial 742, tranche C, 2,95 € le repas.",
            at=ago(5, 3),
        ),
        call,
    )
    yield (
        contact(
            CANTEEN,
            "guichet",
            desk,
            Direction.IN,
            "Dépose l’attestation d’assurance et le projet d’accueil signé. "
            "Demande à commencer une semaine plus tôt si possible.",
            at=ago(2, 4, 20),
            late=timedelta(hours=3, minutes=10),
            particulars=CounterVisit("Mairie de quartier Saragosse, guichet 2"),
        ),
        desk,
    )
    yield (
        DocumentsReceived(
            case_id=CANTEEN,
            version=8,
            occurred_at=ago(2, 4),
            stamp=stamp(ago(2, 1)),
            request_id=RequestId(identify("pièces")),
            interaction_id=InteractionId(identify("guichet")),
            attachments=(paper("assurance", 96_000), paper("pai", 412_500)),
            complete=True,
        ),
        desk,
    )
    yield (
        InteractionCorrected(
            case_id=CANTEEN,
            version=9,
            occurred_at=ago(1, 23),
            stamp=stamp(ago(1, 23), "regie.nsaid"),
            interaction_id=InteractionId(identify("guichet")),
            reason=seal("Le guichet était celui de l’Hôtel de Ville"),
            particulars=CounterVisit("Hôtel de Ville, guichet 4"),
        ),
        desk,
    )
    yield (
        StepRecorded(
            case_id=CANTEEN,
            version=10,
            occurred_at=ago(1, 2),
            stamp=stamp(ago(1, 2), "regie.nsaid"),
            step_id=StepId(identify("étape")),
            activity="Vérification du dossier",
            agent="regie.nsaid",
            unit="Régie scolaire",
        ),
        Channel.INTERNAL,
    )
    yield (
        CaseDecided(
            case_id=CANTEEN,
            version=11,
            occurred_at=ago(0, 3),
            stamp=stamp(ago(0, 3), "regie.nsaid"),
            outcome=Outcome.GRANTED,
            grounds=seal("Inscription acceptée dès le 24 novembre, avec panier-repas fourni par la famille."),
        ),
        Channel.INTERNAL,
    )
    yield (
        contact(
            CANTEEN,
            "réponse",
            mail,
            Direction.OUT,
            "Bonjour, l’inscription de Lucas est acceptée. Il pourra déjeuner à la cantine dès le mardi 24 novembre ; "
            "merci de confier son panier-repas à l’accueil.",
            at=ago(0, 2, 50),
        ),
        mail,
    )
    yield (
        ServiceEventRecorded(
            case_id=CANTEEN,
            version=13,
            occurred_at=ago(0, 2),
            stamp=stamp(ago(0, 2), "teleservice"),
            name="days-chosen.v1",
            channel=web,
            citizen=CitizenRef(identify("usager")),
            facts={"days": ("lundi", "jeudi"), "meals_per_week": 2, "all_year": True, "ends_on": None},
            content=seal('{"diet":"Lucas apporte son panier-repas","allergies":["arachide","œuf"]}'),
        ),
        web,
    )
    yield (
        contact(
            CANTEEN,
            "courrier",
            post,
            Direction.IN,
            "Lettre de remerciement, avec le règlement intérieur signé.",
            at=ago(0, 1, 5),
            particulars=PostalItem(postmarked_on=date(2026, 11, 17), registered=True),
            attachments=(paper("règlement", 220_000),),
        ),
        post,
    )


def hidden_story(case_id: CaseId, token: str) -> Iterator[tuple[Event, Channel]]:
    citizen = CitizenRef(identify(f"usager {case_id}"))
    opened = CaseOpened(
        case_id=case_id,
        version=1,
        occurred_at=ago(60),
        stamp=stamp(ago(60)),
        authority=PAU,
        service="aide-domicile",
        channel=Channel.COUNTER,
        citizen=citizen,
        unit="CCAS",
        reference="PAU-2026-06120",
        title=token,
    )
    yield opened, Channel.COUNTER
    spoken = contact(
        case_id, f"visite {case_id}", Channel.COUNTER, Direction.IN, "", at=ago(60), particulars=CounterVisit("CCAS")
    )
    yield msgspec.structs.replace(spoken, summary=token, contact=token), Channel.COUNTER
    moved = CaseHandedOver(
        case_id=case_id,
        version=3,
        occurred_at=ago(40),
        stamp=stamp(ago(40)),
        from_authority=PAU,
        to_authority=REGION,
        reason=token,
        from_unit="CCAS",
        to_unit="Autonomie",
    )
    yield moved, Channel.INTERNAL
    yield (
        DocumentAttached(
            case_id=case_id,
            version=4,
            occurred_at=ago(38),
            stamp=stamp(ago(38)),
            document=paper("évaluation", 88_000),
            title=token,
        ),
        Channel.INTERNAL,
    )
    yield (
        CaseClosed(
            case_id=case_id, version=5, occurred_at=ago(30), stamp=stamp(ago(30)), reason=ClosingReason.COMPLETED
        ),
        Channel.INTERNAL,
    )


def last_minutes() -> Iterator[tuple[Event, Channel, str]]:
    said = (
        (24, Channel.POST, Direction.IN, "acte-naissance", PostalItem(postmarked_on=date(2026, 11, 17))),
        (21, Channel.EMAIL, Direction.OUT, "mediatheque", None),
        (17, Channel.SOCIAL, Direction.IN, "signalement-voirie", SocialPost("Mastodon", public=True)),
        (13, Channel.CHATBOT, Direction.IN, "dechets", ChatbotExchange(human_wanted=True)),
        (9, Channel.MOBILE, Direction.IN, "signalement-voirie", None),
        (6, Channel.PARTNER, Direction.IN, "aide-domicile", None),
        (4, Channel.TELEPHONE, Direction.IN, "eau", PhoneCall()),
        (2.2, Channel.COUNTER, Direction.IN, "acte-naissance", CounterVisit("Hôtel de Ville, guichet 1")),
        (0.6, Channel.WEB, Direction.IN, "stationnement", WebForm("carte-resident")),
    )
    for minutes, channel, direction, service, particulars in said:
        case_id = CaseId(identify(f"{service} {minutes}"))
        yield (
            contact(
                case_id,
                str(minutes),
                channel,
                direction,
                "",
                at=ago(minutes=minutes + 0.2),
                late=timedelta(seconds=9),
                particulars=particulars,
            ),
            channel,
            service,
        )
        if channel is Channel.EMAIL:
            yield (
                CaseClosed(
                    case_id=case_id,
                    version=4,
                    occurred_at=ago(minutes=20),
                    stamp=stamp(ago(minutes=20)),
                    reason=ClosingReason.COMPLETED,
                ),
                Channel.INTERNAL,
                service,
            )
        if channel is Channel.CHATBOT:
            forgotten = CitizenForgotten(
                version=1,
                occurred_at=ago(minutes=11),
                stamp=stamp(ago(minutes=11)),
                citizen=CitizenRef(identify("oubli")),
                legal_basis="Demande d’effacement (art. 17 du RGPD)",
            )
            yield forgotten, Channel.INTERNAL, ""
