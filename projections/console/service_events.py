"""The events of a service in words, from the names that the service gave: no text translates them.

Nothing here knows any service. A name is told as it is written, with spaces for its hyphens.
"""

import msgspec

from ledger.domain.identifiers import Fact, Facts

Known = str | bool


def headline(name: str) -> str:
    """Return the words of an event's name, then the name itself: `Days chosen (days-chosen.v1)`."""
    return f"{words(name.partition('.')[0])} ({name})"


def words(name: str) -> str:
    """Return the words of a name."""
    spaced = name.replace("-", " ").replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def known(facts: Facts) -> tuple[tuple[str, Known], ...]:
    """Return each fact under its name in words; what is not known is not said."""
    return tuple((words(name), _shown(fact)) for name, fact in facts.items() if fact is not None)


def in_words(content: str) -> str:
    """Return the personal fields inside a content; a text that holds none is told as it is."""
    try:
        fields = msgspec.json.decode(content, type=dict[str, object])
    except msgspec.DecodeError:
        return content
    return " · ".join(f"{words(name)} – {_plain(value)}" for name, value in fields.items() if value is not None)


def _shown(fact: Fact) -> Known:
    return fact if isinstance(fact, bool) else _plain(fact)


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return msgspec.json.encode(value).decode()
