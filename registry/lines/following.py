"""Lines follow the territories: whatever rewrites an edge rewrites the line that runs along it."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from registry.changes.period import AsOf
from registry.changes.work import Work
from registry.divisions.store import DivisionStore
from registry.lines.commands import courses, derive, end_lines
from registry.lines.store import LineStore

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
    moved = cause == ADJUSTED
    held_on = on - timedelta(days=1) if moved else on
    lines = LineStore(work.connection).between(divisions, AsOf(held_on, work.number - 1))
    if not lines:
        return 0
    sides = {side for line in lines for side in (line.left_id, line.right_id)}
    now = DivisionStore(work.connection).territories(sides, AsOf(on, work.number))
    drawn, ended = {}, []
    for line in lines:
        pair = (line.left_id, line.right_id)
        course = courses({one: now[one].territory for one in pair if one in now}).get(
            (min(pair), max(pair))
        )
        if course is None:
            ended.append(line.line_id)
        else:
            drawn[pair] = course
    end_lines(work, ended, on=on, cause=cause)
    return derive(work, drawn, on=on, cause=cause) + len(ended)


def derive_all(work: Work, within: UUID, level: int, *, on: date) -> int:
    """Begin the lines of every two divisions of a level in a division that meet; returns how many."""
    at = AsOf(on, work.number)
    store = DivisionStore(work.connection)
    inside: list[UUID] = list(work.connection.scalars(store.descendants(within, at)))
    units = [one for one in store.many(inside, at).values() if one.level == level]
    held = store.territories([one.division_id for one in units], at)
    territories = {one: territory.territory for one, territory in held.items()}
    return derive(work, courses(territories), on=on, cause="derive")
