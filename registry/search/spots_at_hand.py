"""Positions kept at hand: an index on disk, and what changes since have made of some of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Row

from registry.addresses.reading import parts_of
from registry.addresses.text import AddressParts
from registry.search.door_index import NOTHING, DoorIndex
from registry.search.spot_index import (
    FIRST_DAY,
    LAST_DAY,
    SPOT,
    Array,
    Near,
    Record,
    days,
    first_of,
    measured,
)
from registry.search.spot_reads import doors_of, spots_of, touched_objects

MOST_MOVED = 20_000
"""Objects touched since the index was written, up to which they are kept beside it."""
CURRENT = "current"


class Beside(NamedTuple):
    """A door in use near a point: what tells the side of the road; the rest is read when it is shown."""

    away_deg: float
    lon: float
    lat: float
    carrier: UUID | int | None
    """By its place in the index, if it has one there."""
    number: int | None
    row: int | Row[Any]
    """Of the index, or of the database."""
    how: tuple[str, float]
    """Method of the position, and accuracy in metres."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A door as it is to be shown, its names apart."""

    address_id: UUID
    code: str
    object_id: UUID
    object_kind: str
    generated: bool
    stage: str
    carrier_id: UUID | None
    division_id: UUID
    parts: AddressParts
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Since:
    """What became of the objects that were touched after an index was written."""

    objects: frozenset[bytes] = frozenset()
    spots: Mapping[UUID, Sequence[Row[Any]]] = field(default_factory=dict)
    doors: Mapping[UUID, Sequence[Row[Any]]] = field(default_factory=dict)
    table: Array = field(default_factory=lambda: np.zeros(0, SPOT))
    """All their positions: `(n,) SPOT`, with the place in `listed` as `door`."""
    listed: Sequence[Row[Any]] = ()

    def with_objects(
        self, ids: frozenset[UUID], spots: Sequence[Row[Any]], doors: Sequence[Row[Any]]
    ) -> "Since":
        """The same after some objects were touched again, or for the first time."""
        all_spots = {one: held for one, held in self.spots.items() if one not in ids}
        all_doors = {one: held for one, held in self.doors.items() if one not in ids}
        all_spots |= _by_object(spots)
        all_doors |= _by_object(doors)
        listed = [row for rows in all_spots.values() for row in rows]
        table = np.zeros(len(listed), SPOT)
        for place, row in enumerate(listed):
            since = FIRST_DAY if row.valid_from is None else days(row.valid_from)
            until = LAST_DAY if row.valid_to is None else days(row.valid_to)
            where = row.longitude_deg, row.latitude_deg, row.object_id.bytes
            table[place] = (*where, since, until, 0, place, 0, 0, 0, 0)
        objects = self.objects | {one.bytes for one in ids}
        return Since(objects, all_spots, all_doors, table, listed)


class SpotsKnown:
    """All positions as known after a change."""

    def __init__(self, index: DoorIndex, known: int, since: Since) -> None:
        """Take an index, and what became since of what it holds."""
        self.index = index
        self.known = known
        self.since = since
        self._current = [kind.stage == CURRENT for kind in index.kinds()]
        self._holding: tuple[date, Sequence[bool]] = (date.min, ())

    def beside(
        self, lon: float, lat: float, on: date, *, count: int, furthest_deg: float
    ) -> list[Beside]:
        """The doors at the positions of a day nearest to a point (degrees), nearest first.

        Of positions equally near those of lower ids count; none does when the nearest is further
        away than `furthest_deg`.

        Args:
            count: of positions.
        """
        moved, spots = self.since.objects, self.index.spots
        if not moved:
            near = spots.nearest(lon, lat, on, count=count, furthest_deg=furthest_deg, moved=moved)
            return self._held(near[:count], on)
        found = measured(self.since.table, lon, lat, days(on))
        later = first_of(found, count, math.inf) or []
        within = bool(later) and later[0][0] <= furthest_deg
        furthest = math.inf if within else furthest_deg
        near = spots.nearest(lon, lat, on, count=count, furthest_deg=furthest, moved=moved)
        if not near and not within:
            return []
        both = [(*one[:2], False, one) for one in near] + [(*one[:2], True, one) for one in later]
        return [
            door
            for _away, _id, is_later, one in sorted(both)[:count]
            for door in (self._later(one, on) if is_later else self._held([one], on))
        ]

    def shown(self, door: Beside) -> Shown:
        """A door as it is to be shown."""
        row = door.row
        if not isinstance(row, int):
            return Shown(
                row.address_id, row.code, row.object_id, row.object_kind, row.generated, row.stage,
                row.carrier_id, row.division_id, parts_of(row), row.valid_from, row.valid_to,
            )  # fmt: skip
        found, kind = self.index.version(row)
        sub, building, unit, floor, room = found.parts
        return Shown(
            UUID(bytes=found.address_id), found.code, UUID(bytes=found.object_id),
            kind.object_kind, kind.generated, kind.stage, found.carrier_id,
            found.within.division_id, AddressParts(found.number, sub, building, unit, floor, room),
            found.within.valid_from, found.within.valid_to,
        )  # fmt: skip

    def _held(self, near: Sequence[Near], on: date) -> list[Beside]:
        current, holds, told = self._current, self._holds_on(on), self.index.spots.how
        found: list[Beside] = []
        for away, _object_id, record in near:
            lon, lat, _id, _since, _until, how, door, carrier, number, within, kind = record
            if door < 0:
                found += self._several(away, record, on)
            elif current[kind] and holds[within]:
                own = None if carrier < 0 else carrier
                numbered = None if number == NOTHING else number
                found.append(Beside(away, lon, lat, own, numbered, door, told[how]))
        return found

    def _holds_on(self, on: date) -> Sequence[bool]:
        """Whether what lies there holds on a day, by the place of `Within`."""
        day, holding = self._holding
        if day != on:
            holding = [_holds(one.valid_from, one.valid_to, on) for one in self.index.withins()]
            self._holding = on, holding
        return holding

    def _several(self, away: float, record: Record, on: date) -> list[Beside]:
        lon, lat, how, door = record[0], record[1], self.index.spots.how[record[5]], record[6]
        found = []
        for number in self.index.spots.rows_of(door):
            row, kind = self.index.version(number)
            if kind.stage == CURRENT and _holds(row.within.valid_from, row.within.valid_to, on):
                carrier = self._carrier(row.carrier_id)
                found.append(Beside(away, lon, lat, carrier, row.number, number, how))
        return found

    def _carrier(self, carrier_id: UUID | None) -> UUID | int | None:
        place = None if carrier_id is None else self.index.place_of(carrier_id)
        return carrier_id if place is None else place

    def _later(self, near: Near, on: date) -> list[Beside]:
        away, _object_id, record = near
        row = self.since.listed[record[6]]
        how = row.method, row.accuracy_m
        return [
            Beside(away, record[0], record[1], self._carrier(one.carrier_id), one.number, one, how)
            for one in self.since.doors.get(row.object_id, ())
            if one.stage == CURRENT and _holds(one.valid_from, one.valid_to, on)
        ]


class SpotsAtHand:
    """The positions as known after the latest change they were brought up to."""

    def __init__(self) -> None:
        self._newest: SpotsKnown | None = None

    def at(self, known: int) -> SpotsKnown | None:
        """The positions as known after change `known`, if they are at hand."""
        newest = self._newest
        return newest if newest is not None and newest.known == known else None

    def reach(self, connection: Connection, index: DoorIndex, known: int) -> None:
        """Bring the positions to what was known after a change, if not too much was touched."""
        newest = self._newest
        if newest is None or newest.index is not index or newest.known > known:
            newest = SpotsKnown(index, index.change, Since())
        if newest.known != known:
            newest = _followed(connection, newest, known)
        self._newest = newest


def _followed(connection: Connection, held: SpotsKnown, known: int) -> SpotsKnown | None:
    ids = touched_objects(connection, held.known, known, most=MOST_MOVED)
    if ids is None or len(ids) + len(held.since.objects) > MOST_MOVED:
        return None
    if not ids:
        return SpotsKnown(held.index, known, held.since)
    spots, doors = spots_of(connection, ids, known), doors_of(connection, ids, known)
    return SpotsKnown(held.index, known, held.since.with_objects(ids, spots, doors))


def _by_object(rows: Sequence[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.object_id, []).append(row)
    return found


def _holds(since: date | None, until: date | None, on: date) -> bool:
    return (since is None or since <= on) and (until is None or on < until)
