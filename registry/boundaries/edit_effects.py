"""What feature edits do: both sides of each, who holds it, doors that come to lie elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from geo.measures import distance_m
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.boundaries.edit_store import EditStore
from registry.boundaries.edits import ADDRESSES, LINES, MARKERS, Action, FeatureEdit, Side
from registry.boundaries.effects import holds
from registry.boundaries.errors import EditsConflict
from registry.boundaries.model import BoundaryUpdate, MovedDoor
from registry.boundaries.surroundings import Surroundings, Unit
from registry.changes.period import AsOf
from registry.divisions.model import LEVELS

NOWHERE = Side(None, {})


@dataclass(frozen=True, slots=True)
class EditShown:
    """A feature edit as a reviewer looks at it."""

    edit: FeatureEdit
    name: str
    before: Side | None
    """None: it begins with the update."""
    after: Side | None
    """None: the update ends it."""
    altered: tuple[str, ...]
    moved_m: float | None
    """How far a point moves; None: it is no point, or stays."""
    holder: Unit | None
    """The smallest division that would hold it; None: none does, or it lies where it did."""
    changed_by: int | None
    """A change that wrote it after the draft did: rebase the update."""


def shown(
    connection: Connection, held: BoundaryUpdate, edits: Mapping[UUID, FeatureEdit], *, open_: bool
) -> tuple[EditShown, ...]:
    """Every feature edit of an update with both sides.

    Args:
        open_: it is not carried out yet, so what moved meanwhile stands in its way.
    """
    changed = EditStore(connection).changed_since(edits.values()) if open_ else {}
    return tuple(
        _shown(connection, held, edit, changed.get(edit.subject)) for edit in edits.values()
    )


def holder_of(connection: Connection, geometry: BaseGeometry, at: AsOf) -> Unit | None:
    """The smallest division of the state whose territory holds all of a geometry (EPSG:4490)."""
    around = Surroundings(connection, at)
    for level in sorted(set(LEVELS.values()), reverse=True):
        units = around.neighbours(geometry, level)
        territories = around.territories(list(units))
        found = [one for one in territories if holds(territories[one], geometry)]
        if found:
            return units[min(found, key=lambda one: one.bytes)]
    return None


def doors_moved(
    connection: Connection, edits: Mapping[UUID, FeatureEdit], at: AsOf
) -> list[MovedDoor]:
    """Doors that an update places in another division than they belong to and lay in."""
    store = EditStore(connection)
    found = []
    for edit in edits.values():
        spot = edit.geometry
        if edit.collection != ADDRESSES or not isinstance(spot, Point):
            continue
        before = store.side(ADDRESSES, edit.subject, at)
        old = None
        if before is not None and before.geometry is not None:
            old = holder_of(connection, before.geometry, at)
        new = holder_of(connection, spot, at)
        if new is None or new == old:
            continue
        found += [
            MovedDoor(door.address_id, door.code, door.division_id, new.division_id, spot.x, spot.y)
            for door in store.doors_on(edit.subject, at)
            if door.division_id != new.division_id
        ]
    return found


def refuse_conflicts(
    connection: Connection, held: BoundaryUpdate, edits: Mapping[UUID, FeatureEdit], head: int
) -> None:
    """Refuse edits of what somebody else changed meanwhile; what they changed elsewhere is taken in.

    Raises:
        EditsConflict: by feature, with both sides.
    """
    store = EditStore(connection)
    conflicts = []
    for edit in edits.values():
        base = store.side(edit.collection, edit.subject, AsOf(held.effective_on, edit.based_on))
        now = store.side(edit.collection, edit.subject, AsOf(held.effective_on, head))
        if _agree(edit, base, now):
            continue
        conflicts.append(
            {
                "collection": edit.collection,
                "id": edit.feature_id,
                "name": _name(connection, edit, base, AsOf(held.effective_on, edit.based_on)),
                "mine": _told(_after(edit, base)),
                "theirs": _told(now),
            }
        )
    if conflicts:
        raise EditsConflict(conflicts)


def _agree(edit: FeatureEdit, base: Side | None, now: Side | None) -> bool:
    if edit.action is not Action.ALTER:
        return base == now
    # A line nobody had recorded, a door that shared another's position: nothing was said of them.
    base, now = base or NOWHERE, now or NOWHERE
    same_place = edit.geometry is None or base.geometry == now.geometry
    return same_place and all(
        base.attributes.get(name) == now.attributes.get(name) for name in edit.said
    )


def _shown(
    connection: Connection, held: BoundaryUpdate, edit: FeatureEdit, changed_by: int | None
) -> EditShown:
    at = AsOf(held.effective_on, edit.based_on)
    before = EditStore(connection).side(edit.collection, edit.subject, at)
    after = _after(edit, before)
    altered = () if before is None else before.altered_by(edit)
    moved_m = holder = None
    if edit.geometry is not None and (before is None or "geometry" in altered):
        holder = holder_of(connection, edit.geometry, at)
        ends = (None if before is None else before.geometry, edit.geometry)
        if isinstance(ends[0], Point) and isinstance(ends[1], Point):
            moved_m = distance_m(ends[0], ends[1])
    name = _name(connection, edit, before, at)
    return EditShown(edit, name, before, after, altered, moved_m, holder, changed_by)


def _after(edit: FeatureEdit, before: Side | None) -> Side | None:
    if edit.action is Action.END:
        return None
    held = before or NOWHERE
    geometry = held.geometry if edit.geometry is None else edit.geometry
    said = {name: value for name, value in edit.said.items() if name != "line_id"}
    return Side(geometry, {**held.attributes, **said})


def _told(side: Side | None) -> dict[str, object] | None:
    if side is None:
        return None
    where = None if side.geometry is None else side.geometry.__geo_interface__
    return {"geometry": where, "properties": dict(side.attributes)}


def _name(connection: Connection, edit: FeatureEdit, before: Side | None, at: AsOf) -> str:
    if edit.collection == MARKERS:
        return str((edit.said if before is None else before.attributes).get("number"))
    if edit.collection == LINES:
        sides = [UUID(one) for one in edit.feature_id.split("_")]
        units = Surroundings(connection, at).units(sides)
        return " — ".join(units[one].name if one in units else str(one) for one in sides)
    if edit.collection == ADDRESSES:
        found = AddressStore(connection).many([edit.feature_id], at)
        return found[0].text(Profile.LABEL) if found else edit.feature_id
    return EditStore(connection).names_of([edit.subject], at).get(edit.subject, edit.feature_id)


def names(shown_: Iterable[EditShown]) -> list[str]:
    """What edits that others' changes overtook are called, with those changes."""
    return [f"{one.name} ({one.changed_by})" for one in shown_ if one.changed_by is not None]
