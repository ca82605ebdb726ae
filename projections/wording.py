"""What the read side says when it cannot answer, in English and in French.

Nothing here repeats what was sent: it could be personal, be it in the wrong place.
"""

from http import HTTPStatus

from ledger.domain.vocabulary import CaseStatus

PAGE_MAX = 200
POSITION_MAX = 2**63 - 1

_A_POSITION = ("a position, 0 or more", "un rang, 0 ou plus")

FORMS: dict[str, tuple[str, str]] = {
    "at_least": _A_POSITION,
    "awaiting": ("true or false", "true ou false"),
    "case": ("the UUID of a case", "l’UUID d’un dossier"),
    "limit": (f"a whole number from 1 to {PAGE_MAX}", f"un nombre entier de 1 à {PAGE_MAX}"),
    "since": _A_POSITION,
    "status": (" or ".join(status.value for status in CaseStatus), " ou ".join(status.value for status in CaseStatus)),
}
"""What is expected of each parameter that is more than a text."""

OF_THE_VIEWS: dict[str, tuple[HTTPStatus, str, str]] = {
    "unknown-view": (
        HTTPStatus.NOT_FOUND,
        "There is no such view. The views are: {names}.",
        "Il n’y a pas de telle vue. Les vues sont : {names}.",
    ),
    "view-behind": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The view is at position {reached}, not yet at {wanted}: ask again in a moment.",
        "La vue en est au rang {reached}, pas encore au rang {wanted} : redemandez dans un instant.",
    ),
    "bad-cursor": (
        HTTPStatus.BAD_REQUEST,
        "This cursor is none: give the one that came with the last page, or none.",
        "Ce curseur n’en est pas un : donnez celui de la page précédente, ou aucun.",
    ),
    "bad-parameter": (
        HTTPStatus.BAD_REQUEST,
        "The parameter {parameter} does not have the form asked for: {form}.",
        "Le paramètre {parameter} n’a pas la forme demandée : {form}.",
    ),
    "unknown-parameter": (
        HTTPStatus.BAD_REQUEST,
        "There is a parameter that is not known here. The parameters are: {names}.",
        "Un paramètre n’est pas connu ici. Les paramètres sont : {names}.",
    ),
    "bad-event-id": (
        HTTPStatus.BAD_REQUEST,
        "The header Last-Event-ID must be a position: a whole number, 0 or more.",
        "L’en-tête Last-Event-ID doit être un rang : un nombre entier, 0 ou plus.",
    ),
    "too-many-listeners": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "As many pages listen as are let in: close one, or ask again in a moment.",
        "Autant de pages écoutent qu’il en est admis : fermez-en une, ou redemandez dans un instant.",
    ),
}
"""What only the read side says; the rest is said by whoever answers for the whole address."""

OF_THE_WHOLE: dict[str, tuple[HTTPStatus, str, str]] = {
    "foreign-host": (
        HTTPStatus.MISDIRECTED_REQUEST,
        "The views answer on their own machine only, and under no other name: use 127.0.0.1.",
        "Les vues ne répondent que sur leur propre machine, et sous aucun autre nom : utilisez 127.0.0.1.",
    ),
    "not-ready": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Not ready: {reason}.",
        "Pas en état de servir : {reason}.",
    ),
    "not-found": (
        HTTPStatus.NOT_FOUND,
        "There is nothing at this address.",
        "Il n’y a rien à cette adresse.",
    ),
    "method-not-allowed": (
        HTTPStatus.METHOD_NOT_ALLOWED,
        "This address does not take this method: the header Allow names those it takes.",
        "Cette adresse n’accepte pas cette méthode : l’en-tête Allow nomme celles qu’elle accepte.",
    ),
    "bad-request": (
        HTTPStatus.BAD_REQUEST,
        "The request cannot be understood: check its headers and parameters.",
        "La requête n’est pas comprise : vérifiez ses en-têtes et ses paramètres.",
    ),
    "defect": (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This is a defect of the views: please report it.",
        "C’est un défaut des vues : merci de le signaler.",
    ),
}
