"""What a copy is: what it follows, how far it is, and what a target must be able to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

import msgspec

from registry.changes.snapshot import RangeHash
from registry.changes.view import FeedView
from registry.log.notes import VerifierKey
from registry.log.record import ChangeRecord
from registry.log.store import LogKey
from registry.tables import COLLECTIONS

LOG = "log"
"""The part of a first load that comes last: records, tree and keys."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a copy follows and how far it is."""

    source_url: str
    origin: str | None
    view: FeedView
    change: int
    """Everything up to it is in the copy."""
    loading: str | None
    """The collection of the first snapshot that is still to come, or the log; None: none."""
    checked_change: int | None = None
    first_key: str | None = None
    """The verifier key the source signed with when they first met, where no log is kept."""

    def at(self, change: int) -> "Followed":
        """The same, further on."""
        return replace(self, change=change)

    @property
    def collections(self) -> list[str]:
        """The collections it holds, in the order they are loaded."""
        return [name for name in COLLECTIONS if name in (self.view.collections or COLLECTIONS)]

    def after_loading(self, part: str) -> "Followed":
        """The same, one part of the first load done."""
        parts = [*self.collections, LOG, None]
        return replace(self, loading=parts[parts.index(part) + 1])


class RowLine(msgspec.Struct, frozen=True):
    """A row as it comes over the wire, in exact form; a snapshot's rows have no side."""

    table: str
    row: dict[str, Any]
    side: str = "new"


@dataclass(frozen=True, slots=True)
class Page:
    """Changes that are applied together, whole."""

    records: Sequence[ChangeRecord]
    rows: Iterable[tuple[int, RowLine]]
    """(number of the change, row), in the order of the feed."""


class Target(Protocol):
    """Where a copy is kept. Each call that writes is one transaction: done or not begun."""

    @property
    def keeps_history(self) -> bool:
        """Whether it holds what is no longer believed too."""
        ...

    def state(self) -> Followed | None:
        """What it follows; None when it is empty and new."""
        ...

    def begin(self, followed: Followed) -> None:
        """Start to follow: make what is needed."""
        ...

    def load(self, followed: Followed, rows: Iterable[RowLine]) -> None:
        """Take in one collection of the first snapshot; what was left of an earlier try goes."""
        ...

    def load_log(
        self, followed: Followed, records: Iterable[ChangeRecord], log: Sequence[LogKey]
    ) -> None:
        """Take in the log up to the snapshot, and check the rows against it where they allow it."""
        ...

    def apply(self, page: Page) -> None:
        """Take in the next changes.

        Raises:
            ReplicaDiffers: what was written is not what the records bind.
        """
        ...

    def hashes(self, view: FeedView, change: int) -> list[RangeHash]:
        """Hashes of what it holds, computed from what it holds."""
        ...

    def root(self, size: int) -> bytes | None:
        """Root of its own log of the first `size` changes; None when it keeps none."""
        ...

    def first_keys(self) -> list[VerifierKey]:
        """The key its source signed with when they first met; none before that."""
        ...

    def checked(self, change: int, note: str, keys: Sequence[LogKey]) -> None:
        """Remember that all hashes were equal at a change, under a signed checkpoint.

        Args:
            keys: every key of the source that is trusted, oldest first.
        """
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def view_of(within: UUID | None, collections: Sequence[str], kinds: Sequence[str]) -> FeedView:
    """A view from what was stored of it."""
    return FeedView(within, frozenset(collections), frozenset(kinds))
