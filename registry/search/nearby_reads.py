"""What the database is asked about a point: territories, the doors nearest to it, roads and crossings.

Of several things equally near, those with the lower id (or name) count: every answer is the only
one there is, and can be told without the database (`held_nearby.py`).
"""

from typing import Any

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
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from registry.addresses.reading import ASKED, KNOWN, address_rows
from registry.addresses.tables import address, address_version, position_version
from registry.changes.rows import seen_at
from registry.divisions.model import STATUTORY
from registry.divisions.tables import division, division_version, territory_version
from registry.hot import HotStatement
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.search.grounds import CRS, MEETING_DEG

NEIGHBOURS = 16
"""Positions looked at around a point: put in order of metres, and read for the side of the road."""
COURSES = 4
"""Drawn courses looked at around a point: some may be rivers or walls."""
BY_CODE_POINT = "C"
"""The order texts have everywhere, whatever the database sorts them by."""


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
    away = place.c.position.op("<->")(asked_point())
    nearest = (
        select(place.c.object_id, place.c.position, away.label("away"))
        .where(seen_at(place, ASKED))
        .order_by(away)
        .fetch(NEIGHBOURS, with_ties=True)
        .subquery("nearest")
    )
    close = (
        select(
            nearest.c.object_id,
            nearest.c.position,
            ST_DistanceSphere(nearest.c.position, asked_point()).label("metres"),
        )
        .order_by(nearest.c.away, nearest.c.object_id)
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
        .order_by(beside.c.metres, beside.c.code.collate(BY_CODE_POINT))
        .limit(bindparam("limit", type_=Integer))
        .cte("first")
    )
    position = cast(beside.c.position, Geometry("POINT", CRS))
    number, x, y = cast(beside.c.number, Double), ST_X(position), ST_Y(position)
    numbered = aggregate_order_by(array([number, x, y]), number, x, y)
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


def is_course(extent: FromClause) -> ColumnElement[bool]:
    """A line rather than an area; with the number written out, as the index of courses has it."""
    return func.st_dimension(extent.c.extent) == literal_column("1")


def _roads() -> Select[Any]:
    extent, name = place_extent_version, place_name_version
    apart = extent.c.extent.op("<->")(asked_point())
    nearest = (
        select(extent.c.named_place_id, extent.c.extent, apart.label("apart"))
        .where(is_course(extent), seen_at(extent, ASKED))
        .order_by(apart)
        .fetch(COURSES, with_ties=True)
        .subquery("nearest")
    )
    courses = (
        select(nearest.c.named_place_id, nearest.c.extent)
        .order_by(nearest.c.apart, nearest.c.named_place_id)
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
        .order_by(away, name.c.text.collate(BY_CODE_POINT), courses.c.named_place_id)
        .limit(1)
        .cte("road")
    )
    meeting, others_name, meetings = _meetings(road)
    crossing = (
        meetings.add_columns(ST_DistanceSphere(meeting, asked_point()).label("metres"))
        .order_by(meeting.op("<->")(asked_point()), others_name.collate(BY_CODE_POINT))
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


def _meetings(
    road: FromClause,
) -> tuple[ColumnElement[Any], ColumnElement[str], Select[tuple[str, float, float]]]:
    """Where a road meets others.

    Args:
        road: one, with its id, its name and its course.

    Returns:
        The point, the other's name, and both as a select: name, longitude, latitude.
    """
    extent, name = place_extent_version, place_name_version
    other, others_name, others_place = (
        extent.alias("other"),
        name.alias("others_name"),
        named_place.alias("others_place"),
    )
    meeting = ST_ClosestPoint(
        cast(road.c.extent, Geometry("GEOMETRY", CRS)), other.c.extent, type_=Geometry("POINT", CRS)
    )
    text = others_name.c.text
    joined = other.join(others_place, others_place.c.named_place_id == other.c.named_place_id).join(
        others_name, others_name.c.named_place_id == other.c.named_place_id
    )
    met = (
        select(text.label("other"), ST_X(meeting).label("lon"), ST_Y(meeting).label("lat"))
        .select_from(joined)
        .where(
            is_course(other),
            ST_DWithin(other.c.extent, road.c.extent, MEETING_DEG),
            other.c.named_place_id != road.c.named_place_id,
            others_place.c.category == "thoroughfare",
            others_name.c.status == "standard",
            text != road.c.text,
            seen_at(other, ASKED),
            seen_at(others_name, ASKED),
        )
    )
    return meeting, text, met


def _meetings_of_one() -> Select[Any]:
    extent = place_extent_version.alias("own")
    road = (
        select(
            extent.c.named_place_id,
            extent.c.extent,
            cast(bindparam("name", type_=Text), Text).label("text"),
        )
        .where(
            extent.c.named_place_id == bindparam("road", type_=Uuid()),
            is_course(extent),
            seen_at(extent, ASKED),
        )
        .cte("road")
    )
    _meeting, others_name, met = _meetings(road)
    return met.select_from(road).order_by(others_name.collate(BY_CODE_POINT))


TERRITORIES_AT = HotStatement.of(_territories_at())
NEAREST = HotStatement.of(_nearest())
ROADS = HotStatement.of(_roads())
MEETINGS = HotStatement.of(_meetings_of_one())
"""Every crossing of one road, `road`, that bears `name`: the other's name, longitude, latitude."""
STATEMENTS = (TERRITORIES_AT, NEAREST, ROADS)
"""What is asked about a point, in the order `Nearby.finish` wants the answers."""
