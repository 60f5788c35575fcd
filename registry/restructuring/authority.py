"""Who may approve what (审批权限): the level of authority a plan takes, against its decree's.

Source: 行政区划管理条例 (Order 704) arts 6–9 and 23; 地名管理条例 art 12; organ law art 85.
"""

from collections.abc import Iterator
from enum import IntEnum
from uuid import UUID

from registry.divisions.model import DivisionKind
from registry.restructuring.plan import Plan

STATE_COUNCIL = "国务院"
GOVERNMENT = "人民政府"


class Level(IntEnum):
    """Levels of government; a lower number stands higher."""

    STATE = 0
    PROVINCE = 1
    PREFECTURE = 2
    COUNTY = 3


NAMES = {
    Level.STATE: "国务院",
    Level.PROVINCE: "省级人民政府",
    Level.PREFECTURE: "设区的市级人民政府",
    Level.COUNTY: "县级人民政府",
}


def needed_level(plan: Plan) -> Level:
    """The highest authority that any effect of the plan takes."""
    return min(_levels(plan), default=Level.COUNTY)


def level_of(authority: str, plan: Plan) -> Level | None:
    """The level of the government a decree names; None: it is not one the plan's units lie under.

    A government is called after its division, so its level is that division's.
    """
    name = authority.strip().removesuffix("办公厅").removesuffix("办公室")
    if name.startswith(STATE_COUNCIL):
        return Level.STATE
    levels = [
        plan.before.level(unit)
        for unit in plan.before.units
        if name.endswith(f"{plan.before.name(unit)}{GOVERNMENT}")
    ]
    return Level(min(levels)) if levels and min(levels) <= Level.COUNTY else None


def _levels(plan: Plan) -> Iterator[Level]:
    before, after = plan.before, plan.after
    for unit in set(before.units) | set(after.units):
        old, new = before.units.get(unit), after.units.get(unit)
        kinds = [DivisionKind(one.value("kind")) for one in (old, new) if one is not None]
        if old is not None and new is not None:
            if all(old.value(name) == new.value(name) for name in ("kind", "name", "parent_id")):
                continue
            if kinds[0].level == VILLAGE_LEVEL:
                yield from _of_moved_village(plan, unit)
                continue
        yield min(_of_kind(kind) for kind in kinds)


VILLAGE_LEVEL = 5


def _of_kind(kind: DivisionKind) -> Level:
    if kind.level <= Level.COUNTY:
        return Level.STATE
    if kind is DivisionKind.SUBDISTRICT:
        return Level.PREFECTURE
    return Level.PROVINCE if kind.level < VILLAGE_LEVEL else Level.COUNTY


def _of_moved_village(plan: Plan, unit: UUID) -> Iterator[Level]:
    """A village that moves changes the range of what it leaves and what it joins."""
    old, new = plan.before.parent(unit), plan.after.parent(unit)
    if old == new:
        yield Level.COUNTY
        return
    for census, parent in ((plan.before, old), (plan.after, new)):
        if parent is not None and parent in census.units:
            yield _of_kind(DivisionKind(census.units[parent].value("kind")))
