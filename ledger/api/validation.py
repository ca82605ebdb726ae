"""Why a body does not have the shape asked for, in the caller's language.

What was sent is never repeated, be it in the wrong field: it could be personal. Only the place is named, what
is expected there, and the name of an unknown field when it is written as ours are.
"""

import re

from ledger.domain.commands import COMMANDS
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Language, Outcome

_ALLOWED: dict[str, tuple[str, ...]] = {
    "channel": tuple(channel.value for channel in Channel),
    "particulars.channel": tuple(channel.value for channel in Channel if channel is not Channel.INTERNAL),
    "direction": tuple(direction.value for direction in Direction),
    "kind": tuple(kind.value for kind in AuthorityKind),
    "outcome": tuple(outcome.value for outcome in Outcome),
    "reason": tuple(reason.value for reason in ClosingReason),
    "command": tuple(str(command.__struct_config__.tag) for command in COMMANDS),
}
_PLACE = re.compile(r" - at (?:`key` in )?`\$\.?([a-z0-9_.\[\]]{0,100})`\Z")
_SHAPES: tuple[tuple[str, str, str], ...] = (
    ("Object missing required field `([a-z_]+)`", "the field “{0}” is missing", "le champ « {0} » manque"),
    ("Object contains unknown field `([a-z_]{1,40})`", "the field “{0}” is unknown", "le champ « {0} » est inconnu"),
    ("Object contains unknown field .*", "a field is unknown", "un champ est inconnu"),
    ("Invalid (?:enum )?value .*", "this value is not allowed", "cette valeur n’est pas permise"),
    ("Expected `([^`]+)`, got `([^`]+)`", "{0} is expected, not {1}", "{0} est attendu, et non {1}"),
    ("Expected `([^`]+)`", "{0} is expected", "{0} est attendu"),
    (
        r"Expected `str` matching regex '(.+?)(?:\(\?!\\+n\))?'",
        "the text must have the form {0}",
        "le texte doit avoir la forme {0}",
    ),
    (
        "Expected `(?:str|array|object)` of length <= (.+)",
        "its length may be {0} at most",
        "longueur permise : {0} au plus",
    ),
    (
        "Expected `(?:str|array)` of length >= (.+)",
        "its length must be {0} at least",
        "longueur permise : {0} au moins",
    ),
    ("Expected `(?:int|float)` <= (.+)", "no more than {0}", "pas plus de {0}"),
    ("Expected `(?:int|float)` >= (.+)", "no less than {0}", "pas moins de {0}"),
    (
        "Expected `datetime` with a timezone component",
        "the date must bear a time zone, such as +01:00 or Z",
        "la date doit porter un fuseau, par exemple +01:00 ou Z",
    ),
    (
        "Invalid RFC3339 encoded datetime",
        "the date must be written as 2026-11-22T09:41:00+01:00",
        "la date doit s’écrire comme 2026-11-22T09:41:00+01:00",
    ),
    (
        "Invalid RFC3339 encoded date",
        "the date must be written as 2026-11-22",
        "la date doit s’écrire comme 2026-11-22",
    ),
    ("Invalid UUID", "the identifier must be a UUID", "l’identifiant doit être un UUID"),
    (".*out of range", "a number is out of range", "un nombre est hors limites"),
    (r"JSON is malformed: .* \(byte (\d+)\)", "malformed at byte {0}", "mal formé à l’octet {0}"),
    ("Input data was truncated", "interrupted before its end", "interrompu avant la fin"),
    ("'utf-8' codec .*", "not written in UTF-8", "pas écrit en UTF-8"),
    ("maximum recursion depth .*", "nested too deeply", "trop profondément imbriqué"),
)


def explain_validation(message: str, language: Language) -> str:
    """Return a validation message in the caller's language, with the values allowed where there is a list."""
    found = _PLACE.search(message)
    place = found.group(1) if found else ""
    words = _allowed(place) if message.startswith(("Invalid enum value", "Invalid value")) else ()
    notes = [
        *([f"à « {place} »" if language == "fr" else f"at “{place}”"] if place else []),
        *([f"{'permis : ' if language == 'fr' else 'allowed: '}{', '.join(words)}"] if words else []),
    ]
    reason = _reason(message[: found.start()] if found else message, language)
    return f"{reason} ({', '.join(notes)})" if notes else reason


def _reason(message: str, language: Language) -> str:
    for shape, english, french in _SHAPES:
        if known := re.fullmatch(shape, message, re.DOTALL):
            return (french if language == "fr" else english).format(*known.groups())
    return "un champ ne convient pas" if language == "fr" else "a field does not fit"


def _allowed(place: str) -> tuple[str, ...]:
    holder, _, field = place.rpartition(".")
    return _ALLOWED.get(f"{holder.rpartition('.')[2]}.{field}") or _ALLOWED.get(field, ())
