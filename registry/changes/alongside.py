"""Lines and markers entered since along what a rewriting would move: they would be left in the land.

A line refers to its sides by its course, and what it is drawn along is said by no column. So it
is looked at on the map: a line that runs along the edge of a division now has to go on doing so,
and a marker that stands on its line has to go on standing there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, any_, or_, select

from geo.coverage.areas import edge_of
from geo.measures import away_m
from registry.changes.merging import without
from registry.changes.period import Period
from registry.changes.rewriting import Rewriting, Rewritten
from registry.changes.rows import key_array, to_period
from registry.changes.timeline import Timeline
from registry.divisions.tables import territory_version
from registry.lines.model import MarkerKind, farthest_m
from registry.lines.tables import (
    boundary_line,
    boundary_line_version,
    boundary_marker,
    boundary_marker_version,
)

WIDTH_DEG = 1e-8
"""A millimetre: as far as a line may lie from the edge it runs along."""


@dataclass(frozen=True, slots=True)
class Astray:
    """A line that would not run along the edge of a division any more."""

    line_id: UUID
    division_id: UUID
    valid: Period
    """The first days on which it would not."""
    change: int
    """The later work that drew it."""


def astray(connection: Connection, rewriting: Rewriting) -> Iterator[Astray]:
    """Lines that later work drew along an edge which would be another."""
    drawn = rewriting.facts.get(territory_version, {})
    if not drawn:
        return
    sides = any_(key_array(drawn))
    identity, line = boundary_line, boundary_line_version
    rows = connection.execute(
        select(identity.c.left_id, identity.c.right_id, line)
        .join(line, line.c.line_id == identity.c.line_id)
        .where(
            or_(identity.c.left_id == sides, identity.c.right_id == sides),
            line.c.recorded_to.is_(None),
            line.c.recorded_from > rewriting.first,
            line.c.recorded_from.not_in(rewriting.own),
            line.c.line_id.not_in(list(rewriting.facts.get(line, {}))),
        )
        .order_by(line.c.line_id, line.c.valid)
    )
    for row in rows:
        course, valid = to_shape(row.course), to_period(row.valid)
        for side in (row.left_id, row.right_id):
            bare = _bare(course, valid, drawn[side]) if side in drawn else ()
            if bare:
                yield Astray(row.line_id, side, bare[0], row.recorded_from)


@dataclass(frozen=True, slots=True)
class Stranded:
    """A marker that would not stand on its line any more."""

    marker_id: UUID
    side_id: UUID
    """A division on a side of the line."""
    valid: Period
    """The first days on which it would not."""
    change: int
    """The later work that put it there."""


def stranded(connection: Connection, rewriting: Rewriting) -> Iterator[Stranded]:
    """Markers that later work put up on a line that would run elsewhere."""
    moved = rewriting.facts.get(boundary_line_version, {})
    if not moved:
        return
    marker = boundary_marker_version
    rows = connection.execute(
        select(boundary_line.c.line_id, boundary_line.c.left_id, marker)
        .join(boundary_marker, boundary_marker.c.marker_id == marker.c.marker_id)
        .join(boundary_line, boundary_line.c.line_id == boundary_marker.c.line_id)
        .where(
            boundary_line.c.line_id == any_(key_array(moved)),
            marker.c.recorded_to.is_(None),
            marker.c.recorded_from > rewriting.first,
            marker.c.recorded_from.not_in(rewriting.own),
            marker.c.marker_id.not_in(list(rewriting.facts.get(marker, {}))),
        )
        .order_by(marker.c.marker_id, marker.c.valid)
    )
    for row in rows:
        spot, valid, line = to_shape(row.spot), to_period(row.valid), moved[row.line_id]
        reach_m = farthest_m(MarkerKind(row.kind))
        now = _beside(spot, valid, line.before, reach_m)
        lost = without(now, _beside(spot, valid, line.after, reach_m))
        if lost:
            yield Stranded(row.marker_id, row.left_id, lost[0], row.recorded_from)


def _beside(
    spot: BaseGeometry, valid: Period, line: Timeline, reach_m: float
) -> tuple[Period, ...]:
    return tuple(
        days
        for version in line
        if (days := version.valid.intersection(valid)) is not None
        and away_m(spot, version.value("course")) <= reach_m
    )


def _bare(course: BaseGeometry, valid: Period, territory: Rewritten) -> tuple[Period, ...]:
    """Days on which the course runs along the territory now, but would not any more."""
    now = _along(course, valid, territory.before)
    return without(now, _along(course, valid, territory.after))


def _along(course: BaseGeometry, valid: Period, territory: Timeline) -> tuple[Period, ...]:
    return tuple(
        days
        for version in territory
        if (days := version.valid.intersection(valid)) is not None
        and edge_of(version.value("territory")).buffer(WIDTH_DEG).covers(course)
    )
