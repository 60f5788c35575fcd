"""Names of divisions that a plan makes equal where they must differ (重名)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import LEVELS
from registry.divisions.tables import division_version
from registry.restructuring.impact import NameConflict, NameConflictKind
from registry.restructuring.situation import Situation

SCOPE_OF_LEVEL = {5: 3, 4: 1}
"""Villages differ within a county, township units within a province; above that in the nation.

Source: 地名管理条例 (Order 753) art 9; subdistricts as Hunan demands it.
"""
NATION = 0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A division outside the counties a plan looks at that bears one of its new names."""

    name: str
    level: int
    county: str
    province: str


def new_names(before: Situation, after: Situation) -> dict[UUID, str]:
    """Units that begin or take another name."""
    return {
        unit: after.name(unit)
        for unit in after.census.units
        if unit not in before.census.units or before.name(unit) != after.name(unit)
    }


def bearers_elsewhere(
    connection: Connection, names: Iterable[str], known_units: Iterable[UUID], at: AsOf
) -> list[Elsewhere]:
    """Who bears these names on the day, besides the units the plan looks at."""
    table = division_version
    wanted = sorted(set(names))
    if not wanted:
        return []
    rows = connection.execute(
        select(table.c.division_id, table.c.name, table.c.kind, table.c.parent_id)
        .where(table.c.name.in_(wanted), seen_at(table, at))
        .order_by(table.c.name, table.c.division_id)
    ).all()
    known = set(known_units)
    found = []
    for row in rows:
        if row.division_id not in known:
            chain = _above(connection, row.parent_id, at)
            found.append(Elsewhere(row.name, _level(row.kind), chain.get(3, ""), chain.get(1, "")))
    return found


def division_conflicts(
    before: Situation, after: Situation, elsewhere: Iterable[Elsewhere]
) -> tuple[NameConflict, ...]:
    """New names that another unit in the same scope bears as well."""
    fresh = new_names(before, after)
    groups: dict[tuple[int, str, UUID | None], list[UUID]] = defaultdict(list)
    for unit in after.census.units:
        level = after.level(unit)
        scope = after.above(unit, SCOPE_OF_LEVEL[level]) if level in SCOPE_OF_LEVEL else None
        groups[level, after.name(unit), scope].append(unit)
    outside = list(elsewhere)
    found = []
    for (level, name, scope), units in groups.items():
        if not any(unit in fresh for unit in units):
            continue
        others = [
            f"{one.province}{one.county}{one.name}"
            for one in outside
            if one.name == name and one.level == level and _shares(one, scope, level, after)
        ]
        holders = [_described(unit, after) for unit in units]
        if len(holders) + len(others) > 1:
            found.append(
                NameConflict(
                    NameConflictKind.DIVISION,
                    name,
                    "" if scope is None else after.name(scope),
                    tuple(sorted([*holders, *others])),
                    0,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.scope, one.name)))


def _shares(one: Elsewhere, scope: UUID | None, level: int, after: Situation) -> bool:
    where = SCOPE_OF_LEVEL.get(level, NATION)
    if where == NATION or scope is None:
        return True
    return (one.county if where == 3 else one.province) == after.name(scope)


def _described(unit: UUID, after: Situation) -> str:
    return "".join(after.name(one) for one in reversed(list(after.census.ancestors(unit))))


def _above(connection: Connection, unit: UUID | None, at: AsOf) -> Mapping[int, str]:
    table = division_version
    found: dict[int, str] = {}
    while unit is not None:
        row = connection.execute(
            select(table.c.name, table.c.kind, table.c.parent_id).where(
                table.c.division_id == unit, seen_at(table, at)
            )
        ).one_or_none()
        if row is None:
            break
        found[_level(row.kind)] = row.name
        unit = row.parent_id
    return found


def _level(kind: str) -> int:
    return next(level for one, level in LEVELS.items() if one.value == kind)
