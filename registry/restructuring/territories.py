"""Territories follow members: a unit's territory is what its members cover."""

from uuid import UUID

from shapely.geometry import MultiPolygon

from geo.area import area_m2
from registry.changes.period import Period
from registry.changes.timeline import Version, at, begin, change_from
from registry.divisions.territory import joined
from registry.restructuring.drawing import Drawing
from registry.restructuring.ledger import Census

CAUSE = "members"


def follow_members(drawing: Drawing) -> None:
    """Give every unit whose members changed the union of its members' territories.

    Works upwards, so that a village that changes county moves the county's line too. A unit with
    a member whose territory is unknown keeps the territory it had.
    """
    after = Census.take(drawing.divisions, drawing.on)
    members = after.members()
    units = _changed(drawing, after)
    for level in (4, 3, 2, 1):
        for unit in sorted(units, key=lambda one: one.bytes):
            if unit in after.units and after.level(unit) == level:
                _redraw(drawing, unit, members.get(unit, []))


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


def _redraw(drawing: Drawing, unit: UUID, members: list[UUID]) -> None:
    parts = [at(drawing.territories.get(member, ()), drawing.on) for member in members]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return
    territory = joined([_territory(part) for part in known])
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


def _territory(version: Version) -> MultiPolygon:
    territory: MultiPolygon = version.value("territory")
    return territory
