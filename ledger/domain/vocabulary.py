"""The controlled words of a case, each with its English and its French label.

The word *channel* means the citizen's channel only, never a NATS subject or stream.
"""

from enum import Enum
from typing import Literal, Self

Language = Literal["en", "fr"]


class Term(str, Enum):  # noqa: UP042  # StrEnum leaves no room for labels
    """A word that is stored by its code and shown by its label."""

    en: str
    fr: str

    def __new__(cls, code: str, en: str = "", fr: str = "") -> Self:
        """Keep the labels beside the stored code."""
        term = str.__new__(cls, code)
        term._value_ = code
        term.en = en
        term.fr = fr
        return term

    def label(self, language: Language) -> str:
        """Return the word as a reader of that language writes it."""
        return self.fr if language == "fr" else self.en

    def __str__(self) -> str:
        """Return the stored code."""
        return str(self.value)


class Channel(Term):
    """How the contact occurred (canal)."""

    COUNTER = "counter", "Counter", "Guichet"
    TELEPHONE = "telephone", "Telephone", "Téléphone"
    WEB = "web", "Web", "Téléservice"
    MOBILE = "mobile", "Mobile", "Application mobile"
    EMAIL = "email", "E-mail", "Courriel"
    POST = "post", "Post", "Courrier"
    SOCIAL = "social", "Social networks", "Réseaux sociaux"
    CHATBOT = "chatbot", "Chatbot", "Agent conversationnel"
    PARTNER = "partner", "Partner", "Partenaire"
    INTERNAL = "internal", "Internal", "D’office"


class Direction(Term):
    """Who spoke: the citizen to the authority (in), or the authority to the citizen (out)."""

    IN = "in", "Incoming", "Entrant"
    OUT = "out", "Outgoing", "Sortant"


class CaseStatus(Term):
    """Where a case (dossier) stands."""

    OPEN = "open", "Open", "En cours"
    CLOSED = "closed", "Closed", "Clôturé"


class Outcome(Term):
    """What was decided (sens de la décision)."""

    GRANTED = "granted", "Granted", "Accordée"
    PARTLY_GRANTED = "partly-granted", "Partly granted", "Partiellement accordée"
    REFUSED = "refused", "Refused", "Refusée"
    INADMISSIBLE = "inadmissible", "Inadmissible", "Irrecevable"


class ClosingReason(Term):
    """Why a case was closed (motif de clôture)."""

    COMPLETED = "completed", "Completed", "Traité"
    WITHDRAWN = "withdrawn", "Withdrawn by the citizen", "Retiré par l’usager"
    ABANDONED = "abandoned", "Not followed up by the citizen", "Sans suite de l’usager"
    DUPLICATE = "duplicate", "Duplicate", "Doublon"
    NOT_COMPETENT = "not-competent", "Outside the authority’s remit", "Hors compétence"


class AuthorityKind(Term):
    """What kind of local authority (collectivité) answers for a case."""

    COMMUNE = "commune", "Commune", "Commune"
    EPCI = "epci", "Inter-municipal body", "EPCI"
    DEPARTEMENT = "departement", "Département", "Département"
    REGION = "region", "Région", "Région"
    OTHER = "other", "Other public body", "Autre organisme public"
