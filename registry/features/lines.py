"""Boundary lines (界线) as they follow from territories: what two divisions of one level share.

A line is found where it is asked for; nothing of it is stored. It agrees with the territories of
both sides because it is their shared edge.
"""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ColumnElement,
    FromClause,
    case,
    func,
    lateral,
    literal,
    select,
    true,
    type_coerce,
)

from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import LEVELS
from registry.divisions.tables import division_version, territory_version
from registry.features.joining import VALID, Joined, Meets, Source, named, valid_days
from registry.features.model import PropertyKind

LEFT, RIGHT = division_version.alias("one"), division_version.alias("other")
LEFT_LAND, RIGHT_LAND = territory_version.alias("one_land"), territory_version.alias("other_land")
LINE_DIMENSION = 2
"""What `ST_CollectionExtract` calls lines."""


def _level(kind: ColumnElement[Any]) -> ColumnElement[int]:
    return case(*((kind == one.value, level) for one, level in LEVELS.items()))


def _lines(rows: FromClause, at: AsOf) -> Joined:
    one, other = LEFT_LAND.c.territory, RIGHT_LAND.c.territory
    shared = func.ST_Intersection(func.ST_Boundary(one), func.ST_Boundary(other))
    line = func.ST_LineMerge(func.ST_CollectionExtract(shared, LINE_DIMENSION))
    drawn = select(type_coerce(line, Geometry("GEOMETRY", 4490)).label("line"))
    edge = lateral(drawn.correlate(LEFT_LAND, RIGHT_LAND), name="edge")
    tables: FromClause = (
        rows.join(
            LEFT_LAND, (LEFT_LAND.c.division_id == LEFT.c.division_id) & seen_at(LEFT_LAND, at)
        )
        .join(
            RIGHT_LAND,
            other.op("&&")(one)
            & (RIGHT_LAND.c.division_id > LEFT_LAND.c.division_id)
            & seen_at(RIGHT_LAND, at),
        )
        .join(
            RIGHT,
            (RIGHT.c.division_id == RIGHT_LAND.c.division_id)
            & (_level(RIGHT.c.kind) == _level(LEFT.c.kind))
            & seen_at(RIGHT, at),
        )
        .join(edge, true())
    )
    columns = {
        "level": _level(LEFT.c.kind),
        "left_id": LEFT.c.division_id,
        "left_name": LEFT.c.name,
        "right_id": RIGHT.c.division_id,
        "right_name": RIGHT.c.name,
        "length_m": func.ST_Length(func.geography(func.ST_SetSRID(edge.c.line, 4326))),
        "basis": LEFT_LAND.c.basis,
        "derived": literal(True),  # noqa: FBT003 -- an SQL value
        **valid_days(LEFT),
    }

    def within(meets: Meets) -> ColumnElement[bool]:
        return meets(one) & meets(other) & meets(edge.c.line)

    stamp = tuple(each.c.version_id for each in (LEFT, RIGHT, LEFT_LAND, RIGHT_LAND))
    return Joined(tables, columns, edge.c.line, stamp, within, (~func.ST_IsEmpty(edge.c.line),))


LINES = Source(
    LEFT,
    (LEFT.c.division_id, RIGHT.c.division_id),
    (
        named("level", "级别", "1 province … 5 village", PropertyKind.WHOLE),
        named("left_id", "一侧区划", "The division on one side", PropertyKind.IDENTITY),
        named("left_name", "一侧名称", "Its name"),
        named("right_id", "另一侧区划", "The division on the other side", PropertyKind.IDENTITY),
        named("right_name", "另一侧名称", "Its name"),
        named("length_m", "长度（米）", "Length, m", PropertyKind.NUMBER),
        named("basis", "数据来源类别", "What the territories rest on"),
        named("derived", "由范围导出", "It follows from territories", PropertyKind.FLAG),
        *VALID,
    ),
    _lines,
    None,
    frozenset(),
    territory_version.c.territory,
)
