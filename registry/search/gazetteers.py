"""Gazetteers (地名索引) of the names as they were known after a change, a few kept at hand."""

from collections import OrderedDict
from threading import Lock
from typing import Any

from sqlalchemy import Connection

from geo.geocode.gazetteer import Gazetteer
from registry.search.name_reads import last_change_of_names, read_names, touched

KEPT = 3
REMEMBERED = 1000
MOST_PATCHED = 5000
"""Names that changed since, up to which a gazetteer is patched rather than read again."""


class Gazetteers:
    """One gazetteer for each state of the names that is being asked about.

    A gazetteer belongs to the last change that touched a division or a name, and so stays right
    however many addresses change. When names did change, the newest one at hand is patched with
    what the changes since have touched.
    """

    def __init__(self, elsewhere: frozenset[str] = frozenset()) -> None:
        self._elsewhere = elsewhere
        self._lock = Lock()
        self._built: OrderedDict[int, Gazetteer] = OrderedDict()
        self._basis: OrderedDict[int, int] = OrderedDict()

    def at_hand(self, known: int) -> Gazetteer | None:
        """The gazetteer of what was known after change `known`, if that takes no question."""
        basis = self._basis.get(known)
        return None if basis is None else self._built.get(basis)

    def newest(self) -> Gazetteer | None:
        """The gazetteer of the latest names anybody asked about."""
        basis = max(self._built, default=None)
        return None if basis is None else self._built.get(basis)

    def known_at(self, connection: Connection, known: int) -> Gazetteer:
        """The gazetteer of what was known after change `known`."""
        with self._lock:
            basis = self._basis.get(known)
            if basis is None:
                basis = self._basis[known] = last_change_of_names(connection, known)
                _shorten(self._basis, REMEMBERED)
            found = self._built.get(basis)
            if found is None:
                found = self._built[basis] = self._made(connection, basis)
                _shorten(self._built, KEPT)
            self._built.move_to_end(basis)
            return found

    def _made(self, connection: Connection, basis: int) -> Gazetteer:
        earlier = max((number for number in self._built if number < basis), default=None)
        if earlier is not None:
            ids = touched(connection, earlier, basis)
            if len(ids) <= MOST_PATCHED:
                return self._built[earlier].changed(read_names(connection, basis, ids), ids)
        return Gazetteer(read_names(connection, basis), self._elsewhere)


def _shorten(kept: OrderedDict[int, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
