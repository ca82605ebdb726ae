"""First words for what was just added, in both languages: from the names, or better where a name says what is asked."""

from collections.abc import Iterable

from labkit.scaffold.additions.fields import Field, Value
from labkit.scaffold.additions.names import Name
from ledger.domain.vocabulary import Language

_KNOWN: dict[str, tuple[str, str]] = {
    "address": ("Adresse postale", "Postal address"),
    "amount": ("Montant", "Amount"),
    "answer": ("Votre réponse", "Your answer"),
    "birth_date": ("Date de naissance", "Date of birth"),
    "born_on": ("Date de naissance", "Date of birth"),
    "city": ("Commune", "Town"),
    "comment": ("Commentaire", "Comment"),
    "description": ("Description", "Description"),
    "document": ("Document", "Document"),
    "email": ("Adresse électronique", "E-mail address"),
    "first_name": ("Prénom", "First name"),
    "last_name": ("Nom", "Last name"),
    "message": ("Message", "Message"),
    "name": ("Nom et prénom", "Name"),
    "phone": ("Numéro de téléphone", "Telephone number"),
    "photo": ("Photo", "Photo"),
    "postcode": ("Code postal", "Postcode"),
    "reason": ("Motif", "Reason"),
}


def event_words(title: str, fields: Iterable[Field], language: Language) -> dict[str, Value]:
    """Return the words of an event, by their keys in its table."""
    words: dict[str, Value] = {"title": title}
    for field in fields:
        words[f"{field.name.variable}.label"] = _label(field.name, language)
        for code in field.codes:
            words[f"{field.name.variable}.options.{code}"] = code.replace("-", " ").capitalize()
    return words


def _label(name: Name, language: Language) -> str:
    french, english = _KNOWN.get(name.variable, (name.title, name.title))
    return french if language == "fr" else english
