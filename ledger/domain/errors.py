"""Refusals: a rule said no. Each says what, which case, and what to do, in English and in French.

Refusal
├── UnknownCase · CaseAlreadyExists · CaseIsClosed · CaseIsOpen
├── UnknownAuthority · AuthorityAlreadyRegistered · InvalidSiren · UnknownService
├── UnknownInteraction · InteractionIdTaken · UnknownDocumentRequest
├── ParticularsDoNotFit · NothingToCorrect
├── OccurredInTheFuture · NowhereToHandOver
├── CitizenIsForgotten · UnknownCitizen
└── CommandIdReused
"""

from typing import ClassVar

from ledger.domain.vocabulary import Language


class Refusal(Exception):  # «refusal» is the glossary's word
    """A command was understood and refused."""

    code: ClassVar[str]
    en: ClassVar[str]
    fr: ClassVar[str]

    def __init__(self, **details: str) -> None:
        """Keep the particulars that the message names."""
        super().__init__()
        self.details = details

    def message(self, language: Language = "en") -> str:
        """Return what was refused and what to do."""
        return (self.fr if language == "fr" else self.en).format(**self.details)

    def __str__(self) -> str:
        """Return the English message."""
        return self.message()


class UnknownCase(Refusal):
    """The case was never opened here."""

    code = "unknown-case"
    en = "Case {case_id} is not in this ledger: check its identifier, or open it first."
    fr = "Le dossier {case_id} n’est pas au registre : vérifiez son identifiant ou ouvrez-le d’abord."


class CaseAlreadyExists(Refusal):
    """The identifier of a new case is taken."""

    code = "case-already-exists"
    en = "Case {case_id} already exists: choose a new identifier, or record an interaction on it."
    fr = "Le dossier {case_id} existe déjà : choisissez un autre identifiant ou inscrivez-y un échange."


class CaseIsClosed(Refusal):
    """The case accepts nothing more until it is reopened."""

    code = "case-is-closed"
    en = "Case {case_id} is closed: reopen it before recording anything on it."
    fr = "Le dossier {case_id} est clôturé : rouvrez-le avant d’y inscrire quoi que ce soit."


class CaseIsOpen(Refusal):
    """Only a closed case can be reopened."""

    code = "case-is-open"
    en = "Case {case_id} is open: there is nothing to reopen."
    fr = "Le dossier {case_id} est en cours : il n’y a rien à rouvrir."


class UnknownAuthority(Refusal):
    """The authority was never registered here."""

    code = "unknown-authority"
    en = "Authority {authority} is not registered in this ledger: register it first."
    fr = "La collectivité {authority} n’est pas inscrite à ce registre : inscrivez-la d’abord."


class AuthorityAlreadyRegistered(Refusal):
    """The authority is registered under another name."""

    code = "authority-already-registered"
    en = "Authority {authority} is already registered as “{name}”."
    fr = "La collectivité {authority} est déjà inscrite sous le nom « {name} »."


class InvalidSiren(Refusal):
    """The nine digits are not a SIREN."""

    code = "invalid-siren"
    en = "{authority} is not a SIREN: its check digit is wrong. Check the nine digits."
    fr = "{authority} n’est pas un SIREN : sa clé de contrôle est fausse. Vérifiez les neuf chiffres."


class UnknownService(Refusal):
    """The authority does not offer this service."""

    code = "unknown-service"
    en = "Authority {authority} offers no service “{service}”: publish it first, or check its code."
    fr = "La collectivité {authority} ne propose pas la démarche « {service} » : publiez-la ou vérifiez son code."


class UnknownInteraction(Refusal):
    """Only a recorded contact can be corrected."""

    code = "unknown-interaction"
    en = "Case {case_id} holds no interaction {interaction_id}: check its identifier."
    fr = "Le dossier {case_id} ne contient pas l’échange {interaction_id} : vérifiez son identifiant."


class UnknownDocumentRequest(Refusal):
    """Documents come in answer to a request."""

    code = "unknown-document-request"
    en = "Case {case_id} awaits no documents under {request_id}: request them first, or attach the document."
    fr = "Le dossier {case_id} n’attend pas de pièces au titre de {request_id} : demandez-les ou versez la pièce."


class ParticularsDoNotFit(Refusal):
    """The particulars of one channel were given for another."""

    code = "particulars-do-not-fit"
    en = "The particulars given are those of channel “{given}”, but the contact was on “{channel}”."
    fr = "Les précisions données sont celles du canal « {given} », mais l’échange a eu lieu par « {channel} »."


class InteractionIdTaken(Refusal):
    """Another contact of the case has this identifier."""

    code = "interaction-id-taken"
    en = "Case {case_id} already holds another contact under {interaction_id}: choose a new identifier."
    fr = "Le dossier {case_id} contient déjà un autre échange sous {interaction_id} : choisissez un autre identifiant."


class NothingToCorrect(Refusal):
    """A correction must amend something."""

    code = "nothing-to-correct"
    en = "The correction of interaction {interaction_id} changes nothing: give at least one field."
    fr = "La rectification de l’échange {interaction_id} ne change rien : donnez au moins un champ."


class OccurredInTheFuture(Refusal):
    """What is recorded must have happened."""

    code = "occurred-in-the-future"
    en = "{occurred_at} is over {tolerance_minutes} minutes ahead of the ledger’s clock ({recorded_at}): correct it."
    fr = "{occurred_at} devance de plus de {tolerance_minutes} minutes l’horloge ({recorded_at}) : corrigez la date."


class NowhereToHandOver(Refusal):
    """Handing over needs another unit or another authority."""

    code = "nowhere-to-hand-over"
    en = "Case {case_id} is already there: name another unit or another authority to hand it over to."
    fr = "Le dossier {case_id} s’y trouve déjà : nommez un autre service instructeur ou une autre collectivité."


class CitizenIsForgotten(Refusal):
    """Nothing personal is recorded again about a forgotten citizen."""

    code = "citizen-is-forgotten"
    en = "Citizen {citizen} was forgotten: record this without personal text, or under a new reference."
    fr = "L’usager {citizen} a été oublié : inscrivez ceci sans texte personnel, ou sous une nouvelle référence."


class UnknownCitizen(Refusal):
    """There is no key to destroy."""

    code = "unknown-citizen"
    en = "No personal data is kept under {citizen}: check the reference."
    fr = "Aucune donnée personnelle n’est conservée sous {citizen} : vérifiez la référence."


class CommandIdReused(Refusal):
    """One identifier was given to two different commands."""

    code = "command-id-reused"
    en = "Command {command_id} was already used for another request: give each command its own identifier."
    fr = "La commande {command_id} a déjà servi à une autre demande : donnez à chaque commande son identifiant."


REFUSALS: dict[str, type[Refusal]] = {refusal.code: refusal for refusal in Refusal.__subclasses__()}
