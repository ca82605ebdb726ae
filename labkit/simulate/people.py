"""Invented residents: a name, a family, an address, a way to be reached. Nobody here exists.

Telephone numbers are those that Arcep keeps for fiction; e-mail addresses end in a reserved domain.
"""

import unicodedata
from random import Random

from msgspec import Struct

from labkit.simulate.catalogue import Names
from labkit.simulate.randomness import draw_uuid
from ledger.domain.identifiers import CitizenRef
from ledger.domain.vocabulary import Channel

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
_BY_VOICE = frozenset({Channel.COUNTER, Channel.TELEPHONE, Channel.PARTNER, Channel.INTERNAL})
_BY_TEXT = frozenset({Channel.EMAIL, Channel.WEB, Channel.MOBILE})


class Resident(Struct, frozen=True, kw_only=True):
    """One person, or an anonymous voice: `words` fill the braces of the catalogue's texts."""

    ref: CitizenRef | None
    words: dict[str, str]
    telephone: str
    email: str
    address: str

    def fill(self, text: str) -> str:
        """Return a text of the catalogue about this person."""
        return text.format(**self.words)

    def contact(self, channel: Channel) -> str:
        """Return how this person was reached on a channel, if that is known."""
        if self.ref is None:
            return ""
        if channel in _BY_TEXT:
            return self.email
        if channel is Channel.POST:
            return self.address
        return self.telephone if channel is Channel.TELEPHONE else ""


def draw_resident(rng: Random, names: Names, commune: str, postal_code: str, *, anonymous: bool) -> Resident:
    """Invent a resident of a commune."""
    title, first_names = rng.choice((("Mme", names.women), ("M.", names.men)))
    first, family = rng.choice(first_names), rng.choice(names.families)
    street, number = rng.choice(names.streets), str(rng.randint(1, 120))
    words = {
        "person": f"{title} {first} {family}",
        "name": f"{first} {family}",
        "family": family,
        "child": rng.choice(names.children),
        "street": street,
        "number": number,
        "school": rng.choice(names.schools),
        "day": rng.choice(_DAYS),
        "year": str(rng.randint(1948, 2004)),
        "in_commune": within(commune),
    }
    return Resident(
        ref=None if anonymous else CitizenRef(draw_uuid(rng)),
        words=words,
        telephone=f"{rng.choice(('05 36 49', '06 39 98'))} {rng.randint(0, 99):02} {rng.randint(0, 99):02}",
        email=f"{plain(first)}.{plain(family)}@example.org",
        address=f"{number} {street}, {postal_code} {commune}",
    )


def is_spoken(channel: Channel) -> bool:
    """Tell whether an agent notes what was said, rather than keeping what was written."""
    return channel in _BY_VOICE


def within(commune: str) -> str:
    """Return «à Pau», «au Passage», «aux Lilas»: a commune's article contracts."""
    if commune.startswith("Le "):
        return f"au {commune[3:]}"
    if commune.startswith("Les "):
        return f"aux {commune[4:]}"
    return f"à {commune}"


def plain(name: str) -> str:
    """Return a name in small plain letters, with hyphens between its words."""
    letters = unicodedata.normalize("NFKD", name.lower())
    kept = (letter if letter.isalnum() else "-" for letter in letters if not unicodedata.combining(letter))
    return "-".join(part for part in "".join(kept).split("-") if part)
