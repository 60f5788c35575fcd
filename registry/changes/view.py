"""What a reader of the feed wants to see of it: a scope (范围), collections, kinds."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FeedView:
    """A part of the registry to follow; the default is all of it."""

    within: UUID | None = None
    """A division, by id; where it ended, its heirs from that day on."""
    collections: frozenset[str] = frozenset()
    """Names of `registry.tables.COLLECTIONS`; empty: all."""
    kinds: frozenset[str] = frozenset()
    """Kinds of division, categories of named places, kinds of addressable object; empty: all."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.is_scoped and not self.collections

    @property
    def is_scoped(self) -> bool:
        """Whether rows are picked by where they lie or of what kind they are."""
        return self.within is not None or bool(self.kinds)


WHOLE = FeedView()
