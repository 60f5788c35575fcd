"""What lies around a point: divisions from their territories, doors, the road and its crossings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shapely import from_wkb
from shapely.geometry import LineString

from geo.geocode.side import Side, side_of
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address
from registry.addresses.reading import AddressRow
from registry.changes.period import AsOf
from registry.divisions.chain import Chain
from registry.divisions.model import DivisionKind
from registry.hot import Row, Rows
from registry.search.nearby_reads import NEAREST, ROADS, TERRITORIES_AT

FURTHEST_M = 10_000.0
"""Doors and roads further away say nothing of a point and are left out."""
_WIDTH = len(AddressRow._fields)


@dataclass(frozen=True, slots=True)
class NearDoor:
    """An address, how far the point lies from it, and on which side of its road."""

    address: Address
    distance_m: float
    side: Side | None


@dataclass(frozen=True, slots=True)
class NearRoad:
    """The nearest thoroughfare with a drawn course."""

    named_place_id: UUID
    name: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class NearCrossing:
    """Where the nearest road meets another: degrees, EPSG:4490."""

    roads: tuple[str, str]
    lon: float
    lat: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around a point; no chain: it lies in no territory."""

    at: AsOf
    chain: Chain
    basis: str | None
    """What the smallest territory rests on."""
    doors: tuple[NearDoor, ...]
    road: NearRoad | None
    crossing: NearCrossing | None


class NotTogether(Exception):
    """The answers show different states, or chains are not at hand; ask again with `Nearby.ask`."""


class Nearby:
    """Finds what lies around points."""

    def __init__(self, rows: Rows, addresses: HotAddresses) -> None:
        self._rows = rows
        self._addresses = addresses

    def ask(self, lon: float, lat: float, at: AsOf, *, limit: int) -> Surroundings:
        """What lies around a point (degrees, EPSG:4490), with the doors nearest to it."""
        values = {"lon": lon, "lat": lat, "on": at.valid_on, "known": at.known}
        answers = [
            self._rows(TERRITORIES_AT, **values),
            self._rows(NEAREST, **values, limit=limit),
            self._rows(ROADS, **values),
        ]
        return self._read(lon, lat, answers, at)

    def finish(
        self, lon: float, lat: float, answers: Sequence[Sequence[Row]], on: date
    ) -> Surroundings:
        """The same from the answers to `STATEMENTS`, asked on any driver.

        Raises:
            NotTogether: a change came between them, or a chain of divisions has to be read first.
        """
        known: set[int] = {row[0] for rows in answers for row in rows}
        at = AsOf(on, max(known))
        if len(known) > 1 or not self._addresses.holds(_divisions(answers), at):
            raise NotTogether
        return self._read(lon, lat, answers, at)

    def _read(
        self, lon: float, lat: float, answers: Sequence[Sequence[Row]], at: AsOf
    ) -> Surroundings:
        ((_known, ids, kinds, bases),), near, roads = answers
        rows = [row[:_WIDTH] for row in near]
        found = self._addresses.completed(rows, at.valid_on).addresses
        doors = [
            NearDoor(one, float(row[_WIDTH]), _side(lon, lat, row))
            for one, row in zip(found, near, strict=True)
        ]
        smallest, basis = _smallest(ids, kinds, bases)
        chain = () if smallest is None else self._addresses.chains({smallest}, at)[smallest]
        return Surroundings(
            at,
            chain,
            basis,
            in_order(doors),
            _road(roads),
            _crossing(roads),
        )


def _divisions(answers: Sequence[Sequence[Row]]) -> set[UUID]:
    ((_known, ids, kinds, bases),), near, _roads = answers
    smallest, _basis = _smallest(ids, kinds, bases)
    lying = {AddressRow._make(row[:_WIDTH]).division_id for row in near}
    return lying if smallest is None else lying | {smallest}


def _smallest(
    ids: Sequence[UUID] | None, kinds: Sequence[str], bases: Sequence[str]
) -> tuple[UUID | None, str | None]:
    if not ids:
        return None, None
    _level, one, basis = max(
        (DivisionKind(kind).level, one, basis)
        for one, kind, basis in zip(ids, kinds, bases, strict=True)
    )
    return one, basis


def in_order(doors: Sequence[NearDoor]) -> tuple[NearDoor, ...]:
    """Those that are not too far away, the nearest first."""
    near = (one for one in doors if one.distance_m <= FURTHEST_M)
    return tuple(sorted(near, key=lambda one: (one.distance_m, one.address.code)))


def _side(lon: float, lat: float, row: Row) -> Side | None:
    beside, course_wkb = row[_WIDTH + 1 : _WIDTH + 3]
    doors = [(int(number), x, y) for number, x, y in beside or ()]
    course = None if course_wkb is None else from_wkb(bytes(course_wkb))
    drawn = [(x, y) for x, y, *_z in course.coords] if isinstance(course, LineString) else None
    return side_of(lon, lat, doors, drawn)


def _road(rows: Sequence[Row]) -> NearRoad | None:
    if not rows or rows[0][3] > FURTHEST_M:
        return None
    return NearRoad(*rows[0][1:4])


def _crossing(rows: Sequence[Row]) -> NearCrossing | None:
    if not rows or rows[0][4] is None or rows[0][7] > FURTHEST_M:
        return None
    _known, _id, name, _metres, other, lon, lat, metres = rows[0]
    return NearCrossing((name, other), lon, lat, metres)
