"""Doors kept at hand: an index on disk, and what changes since have touched of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from registry.search.door_index import UNFINISHED, DoorIndex, folders_in
from registry.search.door_index_reads import recorded_at, touched_doors

MOST_MOVED = 20_000
"""Addresses touched since, up to which an index is used; beyond, it is written anew."""


@dataclass(frozen=True, slots=True)
class DoorsKnown:
    """All doors as known after a change: an index, and where it must not be believed."""

    index: DoorIndex
    known: int
    moved: frozenset[bytes] = frozenset()
    """Ids of addresses that were touched after the index was written."""
    numbers: frozenset[tuple[UUID, int | None]] = frozenset()
    """Where they stood or stand: carrier (or village without carriers) and number."""


class DoorsAtHand:
    """The doors as known after the latest change they were brought up to."""

    def __init__(self, home: Path) -> None:
        """`home`: where indexes are kept, for all processes of the registry."""
        self._home = home
        self._newest: DoorsKnown | None = None

    @property
    def newest(self) -> DoorsKnown | None:
        """The doors at hand; None: there are none yet."""
        return self._newest

    def at(self, known: int) -> DoorsKnown | None:
        """The doors as known after change `known`, if they are at hand."""
        newest = self._newest
        return newest if newest is not None and newest.known == known else None

    def is_there(self) -> bool:
        """Whether an index lies on disk, of whatever change."""
        return bool(folders_in(self._home))

    def reach(self, connection: Connection, known: int) -> bool:
        """Bring the doors to what was known after a change; False: an index has to be written.

        An index that another process wrote meanwhile is taken when it is newer.
        """
        newest = self._newest
        if newest is None or newest.index.change > known:
            newest = self._opened(connection, known)
        if newest is None:
            return False
        if newest.known != known:
            newest = self._followed(connection, newest.index, known)
        if newest is None:
            # Too much has moved; another process may have written a newer one.
            other = self._opened(connection, known)
            newest = None if other is None else self._followed(connection, other.index, known)
        self._newest = newest
        return newest is not None

    @contextmanager
    def to_be_written(self) -> Iterator[Path | None]:
        """Where to write an index; None while another process does.

        Raises:
            OSError: it cannot be written to.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "doors.lock").open("w") as lock:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except OSError:
                yield None
                return
            # Whoever was killed while it wrote left a part of an index behind.
            for left in self._home.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield self._home

    def _opened(self, connection: Connection, known: int) -> DoorsKnown | None:
        for folder in folders_in(self._home):
            try:
                index = DoorIndex(folder)
            except (OSError, ValueError):
                # Removed for a newer one a moment ago, or cut off by a full disk or a power cut.
                continue
            if index.recorded_at != recorded_at(connection, index.change):
                # Of a registry that was here before.
                shutil.rmtree(folder, ignore_errors=True)
                continue
            if index.change <= known:
                return DoorsKnown(index, index.change)
        return None

    def _followed(self, connection: Connection, index: DoorIndex, known: int) -> DoorsKnown | None:
        if index.change == known:
            return DoorsKnown(index, known)
        touched = touched_doors(connection, index.change, known, most=MOST_MOVED)
        if touched is None:
            return None
        return DoorsKnown(index, known, touched.addresses, touched.numbers)
