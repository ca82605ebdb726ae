"""Soon."""

from typing import Any

from labkit.prototype.serving import Prototype


def routes(_: Prototype) -> list[Any]:
    """Return no routes yet."""
    return []
