"""What happens to a request for a birth record: one struct an event; its fields are the questions."""

from datetime import date
from typing import Annotated, Literal

from labkit.prototype import Email, Line, Personal, PersonalDate, PersonalLines, Phone, ServiceEvent
from msgspec import Meta

PERSONAL = Meta(extra={"personal": True})
# A place of birth outside France, a family link or a reason for asking says something about somebody.
Place = Annotated[Literal["here", "elsewhere", "abroad"], PERSONAL]
Purpose = Annotated[
    Literal["identity-papers", "marriage-pacs", "inheritance", "nationality", "research", "other"], PERSONAL
]
Link = Annotated[Literal["self", "spouse", "ascendant", "descendant", "representative", "none"], PERSONAL]
Basis = Annotated[Literal["anyone", "over-75-years", "link", "no-link", "minor"], PERSONAL]
Proof = Annotated[Literal["identity-card", "passport", "residence-permit", "other"], PERSONAL]
LinkProof = Annotated[Literal["not-needed", "family-book", "own-record", "judgment", "missing"], PERSONAL]
Record = Literal["full-copy", "extract-with-parents", "extract"]
Delivery = Literal["post", "counter"]
Holder = Annotated[Literal["commune", "central-service"], PERSONAL]
Task = Literal["issue", "forward"]
Copies = Annotated[int, Meta(ge=1, le=10)]


class PersonNamed(ServiceEvent, frozen=True, kw_only=True, tag="person-named.v1"):
    """Somebody said whose record it is (personne désignée)."""

    surname: Personal
    given_names: Personal
    born_on: PersonalDate
    place: Place


class BirthplaceNamed(ServiceEvent, frozen=True, kw_only=True, tag="birthplace-named.v1"):
    """Somebody born elsewhere said where (lieu de naissance précisé)."""

    birthplace: Personal


class RecordChosen(ServiceEvent, frozen=True, kw_only=True, tag="record-chosen.v1"):
    """Somebody said which document they need, and what for (document choisi)."""

    record: Record
    purpose: Purpose


class LinkStated(ServiceEvent, frozen=True, kw_only=True, tag="link-stated.v1"):
    """Somebody said what they are to the person on the record (lien déclaré)."""

    link: Link


class ExtractOffered(ServiceEvent, frozen=True, kw_only=True, tag="extract-offered.v1"):
    """Somebody without a right to the parents' names took the plain extract, or did not (extrait proposé)."""

    accepted: bool


class ParentsNamed(ServiceEvent, frozen=True, kw_only=True, tag="parents-named.v1"):
    """Somebody named the parents, as the law wants before it lets them be read (parents nommés)."""

    first_parent: Personal
    second_parent: Personal | None = None


class DeliveryChosen(ServiceEvent, frozen=True, kw_only=True, tag="delivery-chosen.v1"):
    """Somebody said who they are and how the document reaches them (remise choisie)."""

    delivery: Delivery
    address: PersonalLines
    email: Email | None = None
    phone: Phone | None = None


class OtherHolderNamed(ServiceEvent, frozen=True, kw_only=True, tag="other-holder-named.v1"):
    """The record is in another register, and this is whose (acte détenu ailleurs)."""

    holder: Holder
    name: Personal


class EntitlementAssessed(ServiceEvent, frozen=True, kw_only=True, tag="entitlement-assessed.v1"):
    """Whether the law gives the document, and why, follows from the answers (droit examiné)."""

    entitled: bool
    basis: Basis


class DeadlineSet(ServiceEvent, frozen=True, kw_only=True, tag="deadline-set.v1"):
    """The day by which the document leaves, or the request goes to whom holds the record (échéance fixée)."""

    task: Task
    due_on: date


class IdentityChecked(ServiceEvent, frozen=True, kw_only=True, tag="identity-checked.v1"):
    """An agent looked at the papers of who asks; no copy of them is kept (identité vérifiée)."""

    proof: Proof
    link_proof: LinkProof
    matches: bool


class RequestForwarded(ServiceEvent, frozen=True, kw_only=True, tag="request-forwarded.v1"):
    """An agent sent the request on to whom holds the record (demande transmise)."""

    forwarded_on: date
    unit: Line


class RecordIssued(ServiceEvent, frozen=True, kw_only=True, tag="record-issued.v1"):
    """An agent signed the document and handed it over or posted it (acte délivré)."""

    record: Record
    copies: Copies
    issued_on: date
