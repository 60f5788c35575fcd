"""Which unit every door belongs to while a plan that divides units is drawn up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.restructuring.doors import Assignment, Doors, EdgeDoor


@dataclass(frozen=True, slots=True)
class DoorMove:
    """Addresses that belong to another unit from the day of the act on."""

    from_division: UUID
    to_division: UUID
    address_ids: tuple[UUID, ...]
    carriers: frozenset[UUID]
    """Streets and areas that bear their numbers."""


class DoorBook:
    """Doors by the unit the ledger has them in, each with the unit it is in by now."""

    def __init__(self, doors: Mapping[UUID, Doors]) -> None:
        self._doors = doors
        self._units: list[UUID] = list(doors)
        self._now = {
            unit: np.full(len(found.ids), place, dtype=np.intp)
            for place, (unit, found) in enumerate(doors.items())
        }
        self.edge: list[EdgeDoor] = []
        """Doors nobody has settled."""

    def inside(self, unit: UUID) -> tuple[Doors, list[tuple[UUID, NDArray[np.intp]]]]:
        """Doors that are in a unit by now, and where they are written in the book."""
        places = [
            (source, np.flatnonzero(now == self._place(unit))) for source, now in self._now.items()
        ]
        taken = [self._doors[source].take(rows) for source, rows in places if len(rows)]
        if not taken:
            return Doors.none(), []
        together = Doors(
            tuple(one for part in taken for one in part.ids),
            tuple(one for part in taken for one in part.codes),
            tuple(one for part in taken for one in part.carriers),
            np.vstack([part.positions for part in taken]),
        )
        return together, [(source, rows) for source, rows in places if len(rows)]

    def send(
        self,
        unit: UUID,
        takers: list[UUID],
        places: list[tuple[UUID, NDArray[np.intp]]],
        found: Assignment,
    ) -> None:
        """Enter an assignment; doors on the edge go nowhere yet."""
        targets = np.array([self._place(one) for one in takers], dtype=np.intp)
        start = 0
        for source, rows in places:
            goes = found.goes[start : start + len(rows)]
            start += len(rows)
            moving = goes >= 0
            self._now[source][rows[moving]] = targets[goes[moving]]
        self.edge += found.edge

    def moves(self, heir: Callable[[UUID], UUID]) -> Iterator[DoorMove]:
        """Every door that is elsewhere now, grouped, in a stable order.

        Args:
            heir: who has the doors of a unit that ended since they were sent to it.
        """
        for source in sorted(self._doors, key=lambda one: one.bytes):
            now, doors = self._now[source], self._doors[source]
            homes = np.array([self._place(heir(unit)) for unit in tuple(self._units)])[now]
            for place in np.unique(homes):
                target = self._units[int(place)]
                if target != source:
                    moved = doors.take(np.flatnonzero(homes == place))
                    carriers = frozenset(one for one in moved.carriers if one is not None)
                    yield DoorMove(source, target, moved.ids, carriers)

    def shares(self, source: UUID, heir: Callable[[UUID], UUID]) -> dict[UUID, float]:
        """Which share of a unit's doors is where now; empty: it had none."""
        now = self._now.get(source)
        if now is None or not len(now):
            return {}
        found: dict[UUID, float] = {}
        for place, count in zip(*np.unique(now, return_counts=True), strict=True):
            unit = heir(self._units[int(place)])
            found[unit] = found.get(unit, 0.0) + float(count) / len(now)
        return found

    def carriers_left(self, source: UUID) -> frozenset[UUID]:
        """Streets and areas that still bear doors where they were."""
        if source not in self._doors:
            return frozenset()
        rows = np.flatnonzero(self._now[source] == self._place(source))
        left = self._doors[source].take(rows).carriers
        return frozenset(one for one in left if one is not None)

    def _place(self, unit: UUID) -> int:
        if unit not in self._units:
            self._units.append(unit)
        return self._units.index(unit)
