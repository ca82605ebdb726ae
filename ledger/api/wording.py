"""What the write side says when no rule refused: malformed requests and failures, in English and in French.

Nothing here repeats what was sent: it could be personal, be it in the wrong place.
"""

from http import HTTPStatus

GENERAL: dict[str, tuple[HTTPStatus, str, str]] = {
    "malformed-json": (
        HTTPStatus.BAD_REQUEST,
        "The body is no JSON that can be read: {reason}",
        "Le corps n’est pas un JSON lisible : {reason}",
    ),
    "invalid-command": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The command does not have the shape asked for: {reason}",
        "La commande n’a pas la forme demandée : {reason}",
    ),
    "not-json": (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Send the command as application/json.",
        "Envoyez la commande en application/json.",
    ),
    "invalid-header": (
        HTTPStatus.BAD_REQUEST,
        "The header {header} does not have the form asked for: {form}.",
        "L’en-tête {header} n’a pas la forme demandée : {form}.",
    ),
    "contradicting-path": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The body says another {field} than the address: leave it out of the body.",
        "Le corps donne un autre {field} que l’adresse : retirez-le du corps.",
    ),
    "no-token": (
        HTTPStatus.UNAUTHORIZED,
        "The log is open to integrators: send the header Authorization: Bearer, with the token of your credentials.",
        "Le journal est ouvert aux abonnés : envoyez l’en-tête Authorization: Bearer, avec le jeton de vos accès.",
    ),
    "unknown-token": (
        HTTPStatus.UNAUTHORIZED,
        "This token opens nothing: it was never given, or taken back. Ask the authority for other credentials.",
        "Ce jeton n’ouvre rien : jamais donné, ou repris depuis. Demandez d’autres accès à la collectivité.",
    ),
    "too-many-streams": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "You hold {count} streams already, as many as one integrator may: close one of them.",
        "Vous tenez déjà {count} flux, autant qu’un abonné peut en tenir : fermez-en un.",
    ),
    "invalid-query": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The parameters do not have the shape asked for: {reason}",
        "Les paramètres n’ont pas la forme demandée : {reason}",
    ),
    "foreign-host": (
        HTTPStatus.MISDIRECTED_REQUEST,
        "This ledger answers on its own machine only, and under no other name: use 127.0.0.1.",
        "Ce registre ne répond que sur sa propre machine, et sous aucun autre nom : utilisez 127.0.0.1.",
    ),
    "too-large": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large: send fewer commands at once, and documents by their digest.",
        "Le corps est trop volumineux : envoyez moins de commandes à la fois, et les pièces par leur empreinte.",
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
    "disk-full": (
        HTTPStatus.INSUFFICIENT_STORAGE,
        "The disk of the ledger is full and nothing was kept: free some space, then send it again, unchanged.",
        "Le disque du registre est plein et rien n’a été gardé : libérez de la place, puis renvoyez tel quel.",
    ),
    "busy": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Too many commands are waiting: send the request again, unchanged, in a moment; nothing is done twice.",
        "Trop de commandes attendent : renvoyez la requête telle quelle dans un instant ; rien n’est fait deux fois.",
    ),
    "defect": (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This is a defect of the ledger: please report it. Sent again unchanged, nothing is done twice.",
        "C’est un défaut du registre : merci de le signaler. Renvoyé tel quel, rien n’est fait deux fois.",
    ),
    "store-unavailable": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The ledger could not be written: send the command again, unchanged, with the same identifier.",
        "Le registre n’a pas pu être écrit : renvoyez la commande telle quelle, avec le même identifiant.",
    ),
}
