"""The rows of the sample’s inboxes."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
from sample_place import ERASED, NO_KEY_HERE, NOW, PAU, REGION, ago, identify, seal
from sample_stories import CANTEEN

from ledger.domain.vocabulary import CaseStatus, Channel, Direction
from projections.counter import CounterRow
from projections.inbox import InboxQuery, InboxRow
from projections.post import PostRow
from projections.social import SocialRow
from projections.telephone import TelephoneRow

_REQUESTS = (
    (
        "Copie intégrale d’acte de naissance pour un mariage",
        "acte-naissance",
        "État civil",
        "etatcivil.jpaul",
        "Le notaire attend l’acte pour vendredi, est-il possible de passer le prendre ?",
    ),
    (
        "Nid-de-poule devant le 12 rue Carnot",
        "signalement-voirie",
        "Voirie",
        None,
        "Un cycliste est tombé ce matin, merci d’intervenir rapidement.",
    ),
    (
        "Inscription de Lucas à la cantine de l’école Marancy",
        "cantine-scolaire",
        "Régie scolaire",
        "regie.nsaid",
        "Lettre de remerciement, avec le règlement intérieur signé.",
    ),
    (
        "Carte de stationnement résidentiel, quartier du Hédas",
        "stationnement",
        "Stationnement",
        "stat.olopez",
        "Le justificatif de domicile vient d’être déposé en ligne.",
    ),
    (
        "Renouvellement de carte famille à la médiathèque André-Labarrère",
        "mediatheque",
        "Médiathèques",
        None,
        "Deux enfants de plus à ajouter sur la carte.",
    ),
    (
        "Aide à domicile après une hospitalisation",
        "aide-domicile",
        "CCAS",
        "ccas.mbera",
        "La fille de Mme B. demande une évaluation avant le retour à la maison.",
    ),
    (
        "Bac jaune non collecté depuis deux semaines",
        "dechets",
        "Collecte",
        None,
        "Toute la rue est concernée, le camion ne passe plus depuis les travaux.",
    ),
    (
        "Fuite après compteur, demande d’écrêtement",
        "eau",
        "Abonnés",
        "eau.tduval",
        "La facture a triplé, le plombier a réparé le 3 novembre.",
    ),
    (
        "Changement de jours de cantine pour deux enfants",
        "cantine-scolaire",
        "Régie scolaire",
        None,
        "Passage à trois jours dès janvier, garde alternée.",
    ),
    (
        "Lampadaire éteint place Clemenceau",
        "signalement-voirie",
        "Éclairage public",
        "voirie.acosta",
        "Éteint depuis trois nuits, la place est très sombre.",
    ),
)


def rows() -> Iterator[InboxRow]:
    for number in range(96):
        yield _row(number)


def _row(number: int) -> InboxRow:
    title, service, unit, agent, summary = _REQUESTS[(number + number // 10) % len(_REQUESTS)]
    channel = list(Channel)[(number * 3) % 10]
    waits = number % 3 != 1
    closed = number % 7 == 6
    last_at = ago(minutes=7 + 53 * number)
    shown = InboxRow(
        case_id=CANTEEN if number == 2 else identify(f"row {number}"),
        reference=f"PAU-2026-{8412 + number:05}" if number % 5 else None,
        authority=REGION if service in {"dechets", "eau"} else PAU,
        service=service,
        unit=unit,
        agent=agent,
        status=CaseStatus.CLOSED if closed else CaseStatus.OPEN,
        citizen=identify(f"citizen {number}"),
        opened_on=channel,
        opened_at=last_at - timedelta(days=3),
        deadline=None if number % 4 == 3 else NOW + timedelta(days=(number % 9) - 2, hours=2),
        last_channel=channel,
        last_direction=Direction.IN if waits else Direction.OUT,
        last_at=last_at,
        awaiting_answer_since=last_at if waits and not closed else None,
        interactions=1 + number % 4,
        title=ERASED if number == 5 else NO_KEY_HERE if number == 16 else seal(title),
        summary=ERASED if number == 5 else NO_KEY_HERE if number == 16 else seal(summary),
    )
    return _as_its_channel_shows(shown, number)


def _as_its_channel_shows(row: InboxRow, number: int) -> InboxRow:
    here = {"contacts_here": 1, "here_at": row.last_at, "waiting": row.awaiting_answer_since is not None}
    known = msgspec.structs.asdict(row) | here
    match row.last_channel:
        case Channel.COUNTER:
            return CounterRow(**known, desk=f"Hôtel de Ville, guichet {1 + number % 4}")
        case Channel.TELEPHONE:
            return TelephoneRow(**known, call_back_by=NOW + timedelta(hours=number % 5) if number % 2 else None)
        case Channel.POST:
            return PostRow(**known, postmarked_on=(row.last_at - timedelta(days=2)).date(), registered=number % 4 == 0)
        case Channel.SOCIAL:
            return SocialRow(**known, network="Mastodon" if number % 2 else "Facebook", public=number % 3 > 0)
        case _:
            return row


def answers(row: InboxRow, channel: Channel | None, query: InboxQuery) -> bool:
    asked = (
        (channel, row.last_channel),
        (query.status, row.status),
        (query.awaiting, row.awaiting_answer_since is not None),
        (query.authority, row.authority),
        (query.service, row.service),
        (query.unit, row.unit),
    )
    return all(wanted is None or wanted == found for wanted, found in asked)
