"""A growing set of identifiers whose older versions stay as they were, at a cost that hardly grows.

Copying a `frozenset` for each addition would make a long case ever slower.
"""

from uuid import UUID

from msgspec import Struct


class SeenIds(Struct, frozen=True):
    """Chunks of falling size, merged two by two as in a binary counter: adding n identifiers copies n·log(n)."""

    chunks: tuple[frozenset[UUID], ...] = ()

    def __contains__(self, identifier: UUID) -> bool:
        """Tell whether the identifier was seen."""
        return any(identifier in chunk for chunk in self.chunks)

    def __len__(self) -> int:
        """Return how many identifiers were seen."""
        return sum(map(len, self.chunks))

    def __or__(self, identifier: UUID) -> "SeenIds":
        """Return the set with one more identifier."""
        chunks, last = self.chunks, frozenset((identifier,))
        while chunks and len(chunks[-1]) <= len(last):
            chunks, last = chunks[:-1], chunks[-1] | last
        return SeenIds((*chunks, last))
