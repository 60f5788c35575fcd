"""Points that stand for something larger: carriers, divisions, crossings; as hot reads."""

from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.functions import (
    ST_X,
    ST_Y,
    ST_ClosestPoint,
    ST_Distance,
    ST_DistanceSphere,
    ST_MakePoint,
    ST_PointOnSurface,
    ST_SetSRID,
    ST_XMax,
    ST_XMin,
    ST_YMax,
    ST_YMin,
)
from sqlalchemy import ARRAY, ColumnElement, Select, Table, Uuid, any_, bindparam, select

from registry.addresses.reading import ASKED
from registry.changes.rows import seen_at
from registry.divisions.tables import territory_version
from registry.hot import HotStatement
from registry.names.tables import place_extent_version

CRS = 4490
MEETING_DEG = 0.0007
"""Two roads whose drawn courses come this close (about 70 m) are taken to meet."""
DRAWN_M = 20.0
"""How far a drawn course may lie beside the road."""


def _half_across(shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Half the diagonal of the box, in metres."""
    corner = ST_SetSRID(ST_MakePoint(ST_XMin(shape), ST_YMin(shape)), CRS)
    opposite = ST_SetSRID(ST_MakePoint(ST_XMax(shape), ST_YMax(shape)), CRS)
    return ST_DistanceSphere(corner, opposite) / 2


def _points(table: Table, key: str, geometry: str) -> Select[Any]:
    shape = table.c[geometry]
    point = ST_PointOnSurface(shape, type_=Geometry("POINT", CRS))
    return (
        select(table.c[key], ST_X(point), ST_Y(point), _half_across(shape))
        .where(
            table.c[key] == any_(bindparam("keys", type_=ARRAY(Uuid()))),
            shape.is_not(None),
            seen_at(table, ASKED),
        )
        .order_by(table.c[key])
    )


def _crossings() -> Select[Any]:
    one = place_extent_version.alias("one")
    other = place_extent_version.alias("other")
    point = ST_ClosestPoint(one.c.extent, other.c.extent, type_=Geometry("POINT", CRS))
    return (
        select(ST_X(point), ST_Y(point), DRAWN_M + 0 * ST_X(point))
        .select_from(one.join(other, one.c.named_place_id != other.c.named_place_id))
        .where(
            one.c.named_place_id == any_(bindparam("ones", type_=ARRAY(Uuid()))),
            other.c.named_place_id == any_(bindparam("others", type_=ARRAY(Uuid()))),
            ST_Distance(one.c.extent, other.c.extent) < MEETING_DEG,
            seen_at(one, ASKED),
            seen_at(other, ASKED),
        )
        .order_by(one.c.named_place_id, other.c.named_place_id)
    )


CARRIERS = HotStatement.of(_points(place_extent_version, "named_place_id", "extent"))
TERRITORIES = HotStatement.of(_points(territory_version, "division_id", "territory"))
CROSSINGS = HotStatement.of(_crossings())
