"""Boundary lines entered since along edges that a rewriting would move: they would run through land.

A line refers to its sides by its course, and what it is drawn along is said by no column. So it
is looked at on the map: a line that runs along the edge of a division now has to go on doing so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, any_, or_, select

from geo.coverage.areas import edge_of
from registry.changes.merging import without
from registry.changes.period import Period
from registry.changes.rewriting import Rewriting, Rewritten
from registry.changes.rows import key_array, to_period
from registry.changes.timeline import Timeline
from registry.divisions.tables import territory_version
from registry.lines.tables import boundary_line, boundary_line_version

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
