"""A growing set of identifiers whose older versions stay as they were, at a cost that hardly grows.

Copying a `frozenset` for each addition would make a long case ever slower.
"""

from uuid import UUID

from msgspec import Struct


class SeenIds(Struct, frozen=True):
    """Chunks of falling size, merged two by two as in a binary counter: adding n identifiers copies n·log(n)."""

    # Numbers, because a UUID is hashed by slow code at each look, and a number is not.
    chunks: tuple[frozenset[int], ...] = ()

    def __contains__(self, identifier: UUID) -> bool:
        """Tell whether the identifier was seen."""
        number = identifier.int
        for chunk in self.chunks:  # noqa: SIM110  # a generator would cost as much as the look itself
            if number in chunk:
                return True
        return False

    def __len__(self) -> int:
        """Return how many identifiers were seen."""
        return sum(map(len, self.chunks))

    def __or__(self, identifier: UUID) -> "SeenIds":
        """Return the set with one more identifier."""
        chunks, last = self.chunks, frozenset((identifier.int,))
        while chunks and len(chunks[-1]) <= len(last):
            chunks, last = chunks[:-1], chunks[-1] | last
        return SeenIds((*chunks, last))
