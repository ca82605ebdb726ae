"""What is new in a message: the quoted history and the signature are left out. Pure, and careful rather than clever.

The rules, in order; in doubt, and whenever nothing would be left, the whole text is kept:

1. A message that forwards another is whole.
2. From a line such as « -----Message d’origine----- », or from the first of the headers that Outlook writes above
   what it quotes, everything is history.
3. Quoted lines (`>`) that nothing follows are history, with the line that announces them (« Le … a écrit : »).
   Where something follows, the answer stands between the quotations: all is kept.
4. What follows the last line `--` is a signature, if it is short. « Envoyé de mon iPhone » is one too.
"""

import re

SIGNATURE_LINES_MAX = 15
ANNOUNCEMENT_LINES_MAX = 3
HEADER_LINES = 6
_FORWARDED = re.compile(r"\s*(fwd?|tr)\s*:", re.IGNORECASE)
_HISTORY = re.compile(
    r"\s*[-_]{2,}\s*(message d.origine|message original|original message)\s*[-_]{2,}\s*", re.IGNORECASE
)
_FROM = re.compile(r"\s*\*?(de|from)\s?\*?\s?:.*", re.IGNORECASE)
_SENT = re.compile(r"\s*\*?(envoyé|sent|date)\s?\*?\s?:", re.IGNORECASE)
_SUBJECT = re.compile(r"\s*\*?(objet|subject)\s?\*?\s?:", re.IGNORECASE)
_ANNOUNCED = re.compile(r"(le|on)\s.{4,300}\s(a écrit|wrote)\s?:", re.IGNORECASE)
_DEVICE = re.compile(r"\s*(envoyé (de|depuis|avec|à partir de)|sent from|get outlook)\b.{0,80}", re.IGNORECASE)


def new_text(text: str, subject: str = "") -> str:
    """Return what somebody wrote anew."""
    if _FORWARDED.match(subject):
        return text.strip()
    lines = text.split("\n")
    kept = _without_signature(_without_quotation(_without_history(lines)))
    return "\n".join(kept).strip() or text.strip()


def _without_history(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if _HISTORY.fullmatch(line) or (
            _FROM.fullmatch(line) and _are_headers(lines[number + 1 : number + HEADER_LINES])
        ):
            return _without_rule(lines[:number])
    return lines


def _are_headers(lines: list[str]) -> bool:
    return any(_SENT.match(line) for line in lines) and any(_SUBJECT.match(line) for line in lines)


def _without_rule(lines: list[str]) -> list[str]:
    """Leave out the rule that Outlook draws above the headers."""
    end = _last(lines)
    return lines[:end] if end >= 0 and lines[end].strip() and not lines[end].strip(" _-") else lines


def _without_quotation(lines: list[str]) -> list[str]:
    end = _last(lines)
    first = end
    while first >= 0 and (lines[first].startswith(">") or not lines[first].strip()):
        first -= 1
    if first == end:
        return lines
    for count in range(1, ANNOUNCEMENT_LINES_MAX + 1):
        start = max(0, first + 1 - count)
        if _ANNOUNCED.fullmatch(" ".join(lines[start : first + 1]).strip()):
            return lines[:start]
    return lines[: first + 1]


def _without_signature(lines: list[str]) -> list[str]:
    end = _last(lines)
    if end > 0 and _DEVICE.fullmatch(lines[end]):
        return lines[:end]
    marks = [number for number, line in enumerate(lines) if line.rstrip() == "--"]
    if not marks or len(lines) - marks[-1] > SIGNATURE_LINES_MAX + 1:
        return lines
    signature = lines[marks[-1] :]
    return lines if any(line.startswith(">") for line in signature) else lines[: marks[-1]]


def _last(lines: list[str]) -> int:
    """Return the number of the last line that says something, -1 if none does."""
    return next((number for number in reversed(range(len(lines))) if lines[number].strip()), -1)
