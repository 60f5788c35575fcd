"""Boundary lines (界线) and markers (界桩) as features.

A line is what two divisions of one level share. Where it is recorded as an object its course is at
hand, and what was said of it, such as its agreement, is shown with it; the shared edge of a line that
nobody has recorded is found where it is asked for.
"""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ColumnElement,
    FromClause,
    case,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)

from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import LEVELS
from registry.divisions.tables import division, division_version, territory_version
from registry.features.joining import VALID, Joined, Meets, Source, named, valid_days
from registry.features.model import PropertyKind
from registry.lines.model import LegalStatus, MarkerKind, MarkerState, TechnicalStatus
from registry.lines.tables import (
    boundary_line,
    boundary_line_version,
    boundary_marker,
    boundary_marker_version,
)

LEFT, RIGHT = division_version.alias("one"), division_version.alias("other")
LEFT_LAND, RIGHT_LAND = territory_version.alias("one_land"), territory_version.alias("other_land")
LINE_DIMENSION = 2
"""What `ST_CollectionExtract` calls lines."""


def _level(kind: ColumnElement[Any]) -> ColumnElement[int]:
    return case(*((kind == one.value, level) for one, level in LEVELS.items()))


def _lines(rows: FromClause, at: AsOf) -> Joined:
    one, other = LEFT_LAND.c.territory, RIGHT_LAND.c.territory
    recorded = boundary_line_version
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
            # Said as a difference: by an equality the planner would first join all of a level.
            & (_level(RIGHT.c.kind) - _level(LEFT.c.kind) == literal_column("0"))
            & seen_at(RIGHT, at),
        )
        # The sides of a recorded line stand in the order of their ids, as they do here.
        .outerjoin(
            boundary_line,
            (boundary_line.c.left_id == LEFT.c.division_id)
            & (boundary_line.c.right_id == RIGHT.c.division_id),
        )
        .outerjoin(
            recorded, (recorded.c.line_id == boundary_line.c.line_id) & seen_at(recorded, at)
        )
    )
    edge = _edge(recorded)
    tables = tables.join(edge, true())
    columns = {
        "level": _level(LEFT.c.kind),
        "left_id": LEFT.c.division_id,
        "left_name": LEFT.c.name,
        "right_id": RIGHT.c.division_id,
        "right_name": RIGHT.c.name,
        "length_m": func.ST_Length(func.geography(func.ST_SetSRID(edge.c.line, 4326))),
        "basis": LEFT_LAND.c.basis,
        "line_id": boundary_line.c.line_id,
        "number": recorded.c.number,
        "legal_status": recorded.c.legal_status,
        "technical_status": recorded.c.technical_status,
        "accuracy_m": recorded.c.accuracy_m,
        "agreement": recorded.c.agreement_number,
        "agreed_on": recorded.c.agreement_on,
        "inspected_on": recorded.c.inspected_on,
        **valid_days(LEFT),
    }

    def within(meets: Meets) -> ColumnElement[bool]:
        return meets(one) & meets(other) & meets(edge.c.line)

    made_of = (LEFT, RIGHT, LEFT_LAND, RIGHT_LAND, recorded)
    stamp = tuple(each.c.version_id for each in made_of)
    return Joined(tables, columns, edge.c.line, stamp, within, (~func.ST_IsEmpty(edge.c.line),))


def _edge(recorded: FromClause) -> FromClause:
    """The course as recorded, else what both territories share; worked out once a pair."""
    shared = func.ST_Intersection(
        func.ST_Boundary(LEFT_LAND.c.territory), func.ST_Boundary(RIGHT_LAND.c.territory)
    )
    course = case(
        (recorded.c.course.is_not(None), recorded.c.course),
        else_=func.ST_CollectionExtract(shared, LINE_DIMENSION),
    )
    drawn = select(type_coerce(func.ST_LineMerge(course), Geometry("GEOMETRY", 4490)).label("line"))
    # Without the offset the planner puts the whole expression wherever the line is spoken of.
    once = drawn.correlate(LEFT_LAND, RIGHT_LAND, recorded).offset(literal_column("0"))
    return once.lateral("edge")


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
        named("line_id", "界线标识", "The line as an object", PropertyKind.IDENTITY),
        named("number", "界线编号", "Number of the line"),
        named("legal_status", "法律地位", "What it rests on", values=tuple(LegalStatus)),
        named(
            "technical_status",
            "技术状况",
            "How well it is known on the ground",
            values=tuple(TechnicalStatus),
        ),
        named("accuracy_m", "精度（米）", "Accuracy, m", PropertyKind.NUMBER),
        named("agreement", "协议书编号", "Number of the agreement"),
        named("agreed_on", "协议日期", "Day of the agreement", PropertyKind.DAY),
        named("inspected_on", "最近联合检查", "Last joint inspection", PropertyKind.DAY),
        *VALID,
    ),
    _lines,
    None,
    frozenset(),
    territory_version.c.territory,
    walked=division.c.division_id,
)


def _markers(rows: FromClause, at: AsOf) -> Joined:
    version, line, course = boundary_marker_version, boundary_line, boundary_line_version
    tables = (
        rows.join(boundary_marker, boundary_marker.c.marker_id == version.c.marker_id)
        .join(line, line.c.line_id == boundary_marker.c.line_id)
        .outerjoin(course, (course.c.line_id == line.c.line_id) & seen_at(course, at))
    )
    columns = {
        "number": version.c.number,
        "kind": version.c.kind,
        "material": version.c.material,
        "face_texts": version.c.face_texts,
        "keeper": version.c.keeper,
        "state": version.c.state,
        "accuracy_m": version.c.accuracy_m,
        "line_id": line.c.line_id,
        "line_number": course.c.number,
        "left_id": line.c.left_id,
        "right_id": line.c.right_id,
        **valid_days(version),
    }
    stamp = (version.c.version_id, course.c.version_id)
    return Joined(tables, columns, version.c.spot, stamp, lambda meets: meets(version.c.spot))


def _just_markers() -> FromClause:
    return boundary_marker_version


MARKERS = Source(
    boundary_marker_version,
    (boundary_marker_version.c.marker_id,),
    (
        named("number", "界桩编号", "Number: line, sequence, letter"),
        named("kind", "类型", "How many posts it is made of", values=tuple(MarkerKind)),
        named("material", "材质", "Material"),
        named("face_texts", "界桩文字", "What its faces say"),
        named("keeper", "管护单位", "The office that keeps it"),
        named("state", "状态", "State", values=tuple(MarkerState)),
        named("accuracy_m", "精度（米）", "Accuracy, m", PropertyKind.NUMBER),
        named("line_id", "所在界线", "The line it stands on", PropertyKind.IDENTITY),
        named("line_number", "界线编号", "Number of that line"),
        named("left_id", "一侧区划", "The division on one side", PropertyKind.IDENTITY),
        named("right_id", "另一侧区划", "The division on the other side", PropertyKind.IDENTITY),
        *VALID,
    ),
    _markers,
    _just_markers,
    frozenset(
        {"number", "kind", "material", "face_texts", "keeper", "state", "accuracy_m"}
        | {one.name for one in VALID}
    ),
    boundary_marker_version.c.spot,
    lean_region=True,
)
