"""Territories follow members: a unit's territory is what its members cover."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.area import area_m2
from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, at, begin, change_from
from registry.divisions.territory import joined
from registry.restructuring.drawing import Drawing
from registry.restructuring.ledger import Census

CAUSE = "members"
HAIR_DEG2 = 1e-14
"""A tenth of a square millimetre: what two computations of one edge may leave between them."""


def follow_members(drawing: Drawing) -> None:
    """Give every unit whose members or their land changed the union of its members' territories.

    Works upwards, so that a village that changes county moves the county's line too. Where the
    territory of a member is not known (a community set up without one), the unit keeps what it
    had, less what its members lost or took away, with what they won or brought: no gap and no
    overlap arises. The land of a member that ended stays. A unit whose territory the paper draws
    keeps that. Units of other trees are no members.
    """
    after = Census.take(drawing.divisions, drawing.on)
    members, former = drawing.parts(after), drawing.parts(drawing.before)
    units = _changed(drawing, after) - drawing.drawn
    for level in (5, 4, 3, 2, 1):
        for unit in sorted(units, key=lambda one: one.bytes):
            if unit in after.units and after.level(unit) == level:
                left = [one for one in former.get(unit, []) if one in after.units]
                _redraw(drawing, unit, members.get(unit, []), left)


def inherit_land(drawing: Drawing) -> None:
    """The land of an ended unit goes to its one successor, where no members tell where it goes.

    Only between units of one level whose land is known; land of a unit with known members follows
    them instead.
    """
    before = drawing.parts(drawing.before)
    after = drawing.parts(Census.take(drawing.divisions, drawing.on))
    legacies: dict[UUID, list[UUID]] = {}
    for unit, (successors, _note) in drawing.ended.items():
        if len(successors) == 1 and unit not in drawing.dissolved:
            legacies.setdefault(drawing.heir(unit), []).append(unit)
    for heir, ended in sorted(legacies.items(), key=lambda item: item[0].bytes):
        if heir in drawing.ended or _knows(drawing, after.get(heir, [])):
            continue
        same = [one for one in ended if drawing.level_of(one) == drawing.level_of(heir)]
        alone = [one for one in same if not _knows(drawing, before.get(one, []))]
        versions = [drawing.last_land.get(one) for one in alone]
        own = at(drawing.territories.get(heir, ()), drawing.on)
        if not versions or None in versions or (own is None and heir not in drawing.established):
            continue
        known = [one for one in (own, *versions) if one is not None]
        territory = joined([_territory(one) for one in known])
        illustrative = any(one.value("basis") == "illustrative" for one in known)
        values = {
            "territory": territory,
            "area_m2": area_m2(territory),
            "basis": "illustrative" if illustrative else "digitised",
            "source": known[0].value("source"),
        }
        drawing.set_territory(heir, values, drawing.causes[alone[0]])
        # What the ended units lose, their parents lose with them.
        drawing.drawn |= {heir, *alone}


def _knows(drawing: Drawing, members: Sequence[UUID]) -> bool:
    """Whether the land of any of them is known, before or after."""
    return any(
        at(territories.get(one, ()), drawing.on) is not None
        for one in members
        for territories in (drawing.ledger.territories, drawing.territories)
    )


def _changed(drawing: Drawing, after: Census) -> set[UUID]:
    parents: set[UUID | None] = {*drawing.established}
    for child in {*drawing.moved, *drawing.ended, *drawing.established}:
        for census in (drawing.before, after):
            parent = census.parent(child)
            if parent is not None and drawing.same_tree(child, parent):
                parents.add(parent)
    direct = {one for one in parents if one is not None}
    crossing = {
        (old, new)
        for child in drawing.moved
        if (old := drawing.before.parent(child)) and (new := after.parent(child))
    }
    above: set[UUID] = set()
    for old, new in crossing:
        # Only what is not above both sides has another extent.
        above |= set(drawing.before.ancestors(old)) ^ set(after.ancestors(new))
    return direct | above | _with_other_land(drawing, after)


def _with_other_land(drawing: Drawing, after: Census) -> set[UUID]:
    """Units above drawn territories that win or lose land by them, all in all."""
    won: dict[UUID, list[BaseGeometry]] = {}
    lost: dict[UUID, list[BaseGeometry]] = {}
    for unit in drawing.drawn:
        had = _known(drawing.ledger.territories, [unit], drawing.on)
        has = _known(drawing.territories, [unit], drawing.on)
        for census, mine, others, into in (
            (after, has, had, won),
            (drawing.before, had, has, lost),
        ):
            if not mine:
                continue
            change = joined(mine).difference(joined(others)) if others else joined(mine)
            for above in list(census.ancestors(unit))[1:]:
                if drawing.same_tree(unit, above):
                    into.setdefault(above, []).append(change)
    return {
        unit
        for unit in won.keys() | lost.keys()
        if shapely.union_all(won.get(unit, []))
        .symmetric_difference(shapely.union_all(lost.get(unit, [])))
        .area
        > HAIR_DEG2
    }


def _redraw(drawing: Drawing, unit: UUID, members: list[UUID], former: list[UUID]) -> None:
    parts = [at(drawing.territories.get(member, ()), drawing.on) for member in members]
    known = [part for part in parts if part is not None]
    if not known:
        return
    if len(known) < len(parts) and _stays_unknown(drawing, unit):
        return
    if len(known) == len(parts):
        territory = joined([_territory(part) for part in known])
    else:
        territory = _adjusted(drawing, unit, members, former)
    if territory.is_empty:
        return
    timeline = drawing.territories.get(unit, ())
    current = at(timeline, drawing.on)
    if current is not None and _same(current.value("territory"), territory):
        return
    illustrative = any(part.value("basis") == "illustrative" for part in known)
    values = {
        "territory": territory,
        "area_m2": area_m2(territory),
        "basis": "illustrative" if illustrative else "digitised",
        "source": known[0].value("source"),
    }
    if current is None:
        drawing.territories[unit] = begin(timeline, Period.since(drawing.on), values, CAUSE)
    else:
        drawing.territories[unit] = change_from(timeline, drawing.on, values, CAUSE)


def _stays_unknown(drawing: Drawing, unit: UUID) -> bool:
    """What some of its members cover is not the territory of a unit that was there before."""
    known = at(drawing.territories.get(unit, ()), drawing.on) is not None
    return not known and unit not in drawing.established


def _same(one: MultiPolygon, other: MultiPolygon) -> bool:
    return one.equals(other) or one.symmetric_difference(other).area <= HAIR_DEG2


def _adjusted(
    drawing: Drawing, unit: UUID, members: list[UUID], former: list[UUID]
) -> MultiPolygon:
    """What a unit had, less what left it, with what came."""
    own = _known(drawing.territories, [unit], drawing.on)
    stayed = sorted(set(former) & set(members) & drawing.drawn)
    left = _known(
        drawing.ledger.territories, [*sorted(set(former) - set(members)), *stayed], drawing.on
    )
    came = _known(
        drawing.territories,
        [*sorted(set(members) - set(former)), *stayed] if own else members,
        drawing.on,
    )
    rest = [one.difference(joined(left)) for one in own] if left else own
    return joined([*(_multi(one) for one in rest if not one.is_empty), *came])


def _known(
    territories: Mapping[UUID, Timeline], units: Sequence[UUID], on: date
) -> list[MultiPolygon]:
    found = (at(territories.get(unit, ()), on) for unit in units)
    return [_territory(version) for version in found if version is not None]


def _multi(territory: BaseGeometry) -> MultiPolygon:
    parts = shapely.get_parts(territory)
    return MultiPolygon([part for part in parts if isinstance(part, Polygon)])


def _territory(version: Version) -> MultiPolygon:
    territory: MultiPolygon = version.value("territory")
    return territory
