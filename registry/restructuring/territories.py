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


def follow_members(drawing: Drawing) -> None:
    """Give every unit whose members changed the union of its members' territories.

    Works upwards, so that a village that changes county moves the county's line too. Where the
    territory of a member is not known (a community set up without one), the unit keeps what it
    had, less the members that left, with the members that came: no gap and no overlap arises. The
    land of a member that ended stays.
    """
    after = Census.take(drawing.divisions, drawing.on)
    members, former = after.members(), drawing.before.members()
    units = _changed(drawing, after)
    for level in (4, 3, 2, 1):
        for unit in sorted(units, key=lambda one: one.bytes):
            if unit in after.units and after.level(unit) == level:
                left = [one for one in former.get(unit, []) if one in after.units]
                _redraw(drawing, unit, members.get(unit, []), left)


def _changed(drawing: Drawing, after: Census) -> set[UUID]:
    parents: set[UUID | None] = {*drawing.established}
    for child in {*drawing.moved, *drawing.ended, *drawing.established}:
        parents |= {drawing.before.parent(child), after.parent(child)}
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
    return direct | above


def _redraw(drawing: Drawing, unit: UUID, members: list[UUID], former: list[UUID]) -> None:
    parts = [at(drawing.territories.get(member, ()), drawing.on) for member in members]
    known = [part for part in parts if part is not None]
    if not known:
        return
    if len(known) == len(parts):
        territory = joined([_territory(part) for part in known])
    else:
        territory = _adjusted(drawing, unit, members, former)
    if territory.is_empty:
        return
    timeline = drawing.territories.get(unit, ())
    current = at(timeline, drawing.on)
    if current is not None and current.value("territory").equals(territory):
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


def _adjusted(
    drawing: Drawing, unit: UUID, members: list[UUID], former: list[UUID]
) -> MultiPolygon:
    """What a unit had, less the members that left, with the members that came."""
    had = _known(drawing.territories, [unit], drawing.on)
    left = _known(drawing.ledger.territories, sorted(set(former) - set(members)), drawing.on)
    came = _known(
        drawing.territories, sorted(set(members) - set(former)) if had else members, drawing.on
    )
    rest = [one.difference(joined(left)) for one in had] if left else had
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
