"""What lies around a point: divisions from their territories, doors, the road and its crossings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from geoalchemy2.functions import (
    ST_X,
    ST_Y,
    ST_AsBinary,
    ST_ClosestPoint,
    ST_DistanceSphere,
    ST_DWithin,
    ST_Intersects,
    ST_MakePoint,
    ST_SetSRID,
)
from shapely import from_wkb
from shapely.geometry import LineString
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array

from geo.geocode.side import Side, side_of
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address
from registry.addresses.reading import ASKED, KNOWN, AddressRow, address_rows
from registry.addresses.tables import address, address_version, position_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.chain import Chain
from registry.divisions.model import STATUTORY, DivisionKind
from registry.divisions.tables import division, division_version, territory_version
from registry.hot import HotStatement, Row, Rows
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.search.grounds import CRS, MEETING_DEG

NEIGHBOURS = 16
"""Positions looked at around a point: put in order of metres, and read for the side of the road."""
COURSES = 4
"""Drawn courses looked at around a point: some may be rivers or walls."""
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
        doors = tuple(
            NearDoor(one, float(row[_WIDTH]), _side(lon, lat, row))
            for one, row in zip(found, near, strict=True)
        )
        smallest, basis = _smallest(ids, kinds, bases)
        chain = () if smallest is None else self._addresses.chains({smallest}, at)[smallest]
        return Surroundings(
            at,
            chain,
            basis,
            tuple(sorted(doors, key=lambda near: (near.distance_m, near.address.code))),
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


def _side(lon: float, lat: float, row: Row) -> Side | None:
    beside, course_wkb = row[_WIDTH + 1 : _WIDTH + 3]
    doors = [(int(number), x, y) for number, x, y in beside or ()]
    course = None if course_wkb is None else from_wkb(bytes(course_wkb))
    drawn = [(x, y) for x, y, *_z in course.coords] if isinstance(course, LineString) else None
    return side_of(lon, lat, doors, drawn)


def _road(rows: Sequence[Row]) -> NearRoad | None:
    return None if not rows else NearRoad(*rows[0][1:4])


def _crossing(rows: Sequence[Row]) -> NearCrossing | None:
    if not rows or rows[0][4] is None:
        return None
    _known, _id, name, _metres, other, lon, lat, metres = rows[0]
    return NearCrossing((name, other), lon, lat, metres)


def asked_point() -> Any:
    """The point a statement is asked about: parameters `lon` and `lat`."""
    lon, lat = bindparam("lon", type_=Double), bindparam("lat", type_=Double)
    return ST_SetSRID(ST_MakePoint(lon, lat), CRS)


def _territories_at() -> Select[Any]:
    version, territory = division_version, territory_version
    columns: list[Any] = [
        KNOWN,
        func.array_agg(territory.c.division_id),
        func.array_agg(version.c.kind),
        func.array_agg(territory.c.basis),
    ]
    # Aggregates over no rows still give one, which says what was known.
    return (
        select(*columns)
        .select_from(
            territory.join(version, version.c.division_id == territory.c.division_id).join(
                division, division.c.division_id == territory.c.division_id
            )
        )
        .where(
            ST_Intersects(territory.c.territory, asked_point()),
            division.c.layer == STATUTORY,
            seen_at(territory, ASKED),
            seen_at(version, ASKED),
        )
    )


def _nearest() -> Select[Any]:
    version, place = address_version.alias("standing"), position_version
    close = (
        select(
            place.c.object_id,
            place.c.position,
            ST_DistanceSphere(place.c.position, asked_point()).label("metres"),
        )
        .where(seen_at(place, ASKED))
        .order_by(place.c.position.op("<->")(asked_point()))
        .limit(NEIGHBOURS)
        .cte("close")
    )
    there = address.alias("there")
    beside = (
        select(
            there.c.address_id,
            there.c.code,
            version.c.carrier_id,
            version.c.number,
            close.c.position,
            close.c.metres,
        )
        .select_from(
            close.join(there, there.c.object_id == close.c.object_id).join(
                version, and_(version.c.address_id == there.c.address_id, seen_at(version, ASKED))
            )
        )
        .where(version.c.stage == "current")
        .cte("beside")
    )
    first = (
        select(beside.c.address_id, beside.c.carrier_id, beside.c.metres)
        .order_by(beside.c.metres, beside.c.code)
        .limit(bindparam("limit", type_=Integer))
        .cte("first")
    )
    position = cast(beside.c.position, Geometry("POINT", CRS))
    numbered = array([cast(beside.c.number, Double), ST_X(position), ST_Y(position)])
    row_of_doors = (
        select(func.array_agg(numbered, type_=ARRAY(Double)))
        .where(beside.c.carrier_id == first.c.carrier_id, beside.c.number.is_not(None))
        .correlate(first)
        .scalar_subquery()
    )
    extent = place_extent_version
    course = (
        select(ST_AsBinary(extent.c.extent, type_=LargeBinary))
        .where(extent.c.named_place_id == first.c.carrier_id, seen_at(extent, ASKED))
        .correlate(first)
        .limit(1)
        .scalar_subquery()
    )
    own = address_version
    base = first.join(address, address.c.address_id == first.c.address_id).join(
        own, and_(own.c.address_id == address.c.address_id, seen_at(own, ASKED))
    )
    joined, columns = address_rows(base)
    return (
        select(*columns, first.c.metres, row_of_doors, course)
        .select_from(joined)
        .order_by(address.c.code)
    )


def _is_course(extent: FromClause) -> ColumnElement[bool]:
    """A line rather than an area; with the number written out, as the index of courses has it."""
    return func.st_dimension(extent.c.extent) == literal_column("1")


def _roads() -> Select[Any]:
    extent, name = place_extent_version, place_name_version
    courses = (
        select(extent.c.named_place_id, extent.c.extent)
        .where(_is_course(extent), seen_at(extent, ASKED))
        .order_by(extent.c.extent.op("<->")(asked_point()))
        .limit(COURSES)
        .cte("courses")
    )
    course = cast(courses.c.extent, Geometry("GEOMETRY", CRS))
    away = ST_DistanceSphere(ST_ClosestPoint(course, asked_point()), asked_point())
    road = (
        select(courses.c.named_place_id, name.c.text, courses.c.extent, away.label("metres"))
        .select_from(
            courses.join(
                named_place, named_place.c.named_place_id == courses.c.named_place_id
            ).join(name, name.c.named_place_id == courses.c.named_place_id)
        )
        .where(
            named_place.c.category == "thoroughfare",
            name.c.status == "standard",
            seen_at(name, ASKED),
        )
        .order_by(away, name.c.text)
        .limit(1)
        .cte("road")
    )
    other, others_name, others_place = (
        extent.alias("other"),
        name.alias("others_name"),
        named_place.alias("others_place"),
    )
    meeting = ST_ClosestPoint(
        cast(road.c.extent, Geometry("GEOMETRY", CRS)), other.c.extent, type_=Geometry("POINT", CRS)
    )
    crossing = (
        select(
            others_name.c.text.label("other"),
            ST_X(meeting).label("lon"),
            ST_Y(meeting).label("lat"),
            ST_DistanceSphere(meeting, asked_point()).label("metres"),
        )
        .select_from(
            other.join(others_place, others_place.c.named_place_id == other.c.named_place_id).join(
                others_name, others_name.c.named_place_id == other.c.named_place_id
            )
        )
        .where(
            _is_course(other),
            ST_DWithin(other.c.extent, road.c.extent, MEETING_DEG),
            other.c.named_place_id != road.c.named_place_id,
            others_place.c.category == "thoroughfare",
            others_name.c.status == "standard",
            others_name.c.text != road.c.text,
            seen_at(other, ASKED),
            seen_at(others_name, ASKED),
        )
        .order_by(meeting.op("<->")(asked_point()), others_name.c.text)
        .limit(1)
        .lateral("crossing")
    )
    return select(
        KNOWN,
        road.c.named_place_id,
        road.c.text,
        road.c.metres,
        crossing.c.other,
        crossing.c.lon,
        crossing.c.lat,
        crossing.c.metres,
    ).select_from(road.outerjoin(crossing, true()))


TERRITORIES_AT = HotStatement.of(_territories_at())
NEAREST = HotStatement.of(_nearest())
ROADS = HotStatement.of(_roads())
STATEMENTS = (TERRITORIES_AT, NEAREST, ROADS)
"""What is asked about a point, in the order `Nearby.finish` wants the answers."""
