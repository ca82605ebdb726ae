"""Which of our languages a caller reads best, by the header `Accept-Language` (RFC 9110, 12.5.4)."""

import re

from ledger.domain.vocabulary import Language

_OFFER = re.compile(r"(en|fr)(?:-[a-z0-9-]+)?(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?", re.IGNORECASE)


def preferred_language(accepted: str) -> Language:
    """Return the language of ours that is preferred, the first of equals; English where neither is asked for."""
    offers = []
    for rank, offer in enumerate(accepted.split(",")):
        known = _OFFER.fullmatch(offer.strip())
        quality = float(known[2] or 1) if known else 0.0
        if known and quality > 0:
            offers.append((-quality, rank, known[1].lower()))
    return "fr" if offers and min(offers)[2] == "fr" else "en"
