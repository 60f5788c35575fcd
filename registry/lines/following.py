"""Lines follow the territories: whatever rewrites an edge rewrites the line that runs along it."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from registry.changes.period import AsOf
from registry.changes.rows import lines_of
from registry.changes.timeline import Timeline
from registry.changes.work import Work
from registry.divisions.store import DivisionStore
from registry.lines.commands import courses, derive, end_belongings, ended, with_course
from registry.lines.store import LineStore
from registry.lines.tables import boundary_line_version, boundary_segment_version

ADJUSTED = "adjust_territory"


def follow(work: Work, divisions: Collection[UUID], *, on: date, cause: str) -> int:
    """Give the lines of some divisions the course their territories have by now; returns how many.

    Lines of divisions that have ended, or do not meet any more, end. Lines nobody has recorded are
    not begun: `derive_all` does that.

    Args:
        cause: `adjust_territory` where the world moved on that day; anything else: it was so before.
    """
    if not divisions:
        return 0
    held = DivisionStore(work.connection).territories(divisions, AsOf(on, work.number))
    now = {one: held[one].territory if one in held else None for one in divisions}
    found = followed(work.connection, now, work.number - 1, on=on, cause=cause)
    work.rewrite_all(
        boundary_line_version, ((key, before, after) for key, (before, after) in found.items())
    )
    end_belongings(work, boundary_segment_version, found, cause)
    return len(found)


def followed(
    connection: Connection,
    now: Mapping[UUID, MultiPolygon | None],
    known: int,
    *,
    on: date,
    cause: str,
) -> dict[UUID, tuple[Timeline, Timeline]]:
    """What becomes of the lines of divisions whose territories are others from a day on.

    Args:
        now: their territories on the day; None: a division has none any more.
        known: the change after which the lines and all other territories are read.
        cause: as of `follow`.
    """
    held_on = on - timedelta(days=1) if cause == ADJUSTED else on
    lines = LineStore(connection).between(now, AsOf(held_on, known))
    others = {side for line in lines for side in (line.left_id, line.right_id)} - now.keys()
    around = DivisionStore(connection).territories(others, AsOf(on, known))
    territories = {one: territory.territory for one, territory in around.items()}
    territories |= {one: territory for one, territory in now.items() if territory is not None}
    timelines = lines_of(connection, boundary_line_version, [one.line_id for one in lines], known)
    found = {}
    for line in lines:
        pair, before = (line.left_id, line.right_id), timelines[line.line_id]
        course = courses({one: territories[one] for one in pair if one in territories}).get(pair)
        after = (
            ended(before, on, cause) if course is None else with_course(before, course, on, cause)
        )
        if after != before:
            found[line.line_id] = before, after
    return found


def derive_all(work: Work, within: UUID, level: int, *, on: date) -> int:
    """Begin the lines of every two divisions of a level in a division that meet; returns how many."""
    at = AsOf(on, work.number)
    store = DivisionStore(work.connection)
    inside: list[UUID] = list(work.connection.scalars(store.descendants(within, at)))
    units = [one for one in store.many(inside, at).values() if one.level == level]
    held = store.territories([one.division_id for one in units], at)
    territories = {one: territory.territory for one, territory in held.items()}
    days = {one: territory.valid for one, territory in held.items()}
    return derive(work, courses(territories), on=on, cause="derive", held=days)
