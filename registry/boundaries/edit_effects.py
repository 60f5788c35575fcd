"""What feature edits do: both sides of each, who holds it, doors that come to lie elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from geo.measures import distance_m
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.boundaries.edit_store import JOINT, EditStore
from registry.boundaries.edits import (
    ADDRESSES,
    LINES,
    MARKERS,
    NAMES,
    THOROUGHFARES,
    Action,
    FeatureEdit,
    Side,
)
from registry.boundaries.effects import Placed, PlacedDoor, holds
from registry.boundaries.errors import EditsConflict
from registry.boundaries.model import BoundaryUpdate
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
    if not edits:
        return ()
    store, on = EditStore(connection), held.effective_on
    changed = store.changed_since(edits.values()) if open_ else {}
    before = store.sides(edits.values(), on)
    at = AsOf(on, max((one.based_on for one in edits.values()), default=held.based_on))
    moved = {
        subject: edit.geometry
        for subject, edit in edits.items()
        if edit.geometry is not None and "geometry" in before.get(subject, NOWHERE).altered_by(edit)
    }
    holders = holders_of(connection, moved, at)
    called = _names(connection, edits, before, at)
    return tuple(
        EditShown(
            edit,
            called[subject],
            before.get(subject),
            _after(edit, before.get(subject)),
            before[subject].altered_by(edit) if subject in before else (),
            _moved_m(before.get(subject, NOWHERE).geometry, moved.get(subject)),
            holders.get(subject),
            changed.get(subject),
        )
        for subject, edit in edits.items()
    )


def holders_of(
    connection: Connection, geometries: Mapping[UUID, BaseGeometry], at: AsOf
) -> dict[UUID, Unit]:
    """The smallest division of the state whose territory holds all of each geometry (EPSG:4490)."""
    around = Surroundings(connection, at)
    found: dict[UUID, Unit] = {}
    for level in sorted(set(LEVELS.values()), reverse=True):
        left = {one: place for one, place in geometries.items() if one not in found}
        found |= {one: units[0] for one, units in _holders_at(around, level, left).items()}
    return found


def _holders_at(
    around: Surroundings, level: int, geometries: Mapping[UUID, BaseGeometry]
) -> dict[UUID, list[Unit]]:
    """Every division of a level whose territory holds all of each geometry, where one does."""
    if not geometries:
        return {}
    units = around.neighbours(shapely.union_all(list(geometries.values())), level)
    territories = sorted(around.territories(list(units)).items(), key=lambda one: one[0].bytes)
    tree = shapely.STRtree([territory for _unit, territory in territories])
    found: dict[UUID, list[Unit]] = {}
    for one, place in geometries.items():
        near = (territories[int(index)] for index in sorted(tree.query(place)))
        holding = [units[unit] for unit, territory in near if holds(territory, place)]
        if holding:
            found[one] = holding
    return found


def doors_moved(connection: Connection, edits: Mapping[UUID, FeatureEdit], at: AsOf) -> Placed:
    """Doors and named places an update puts somewhere; `with_doors` tells which come to belong
    elsewhere, for that depends on the territories it draws."""
    places = frozenset(
        subject
        for subject, edit in edits.items()
        if edit.collection in (NAMES, THOROUGHFARES) and edit.geometry is not None
    )
    spots = {
        subject: edit.geometry
        for subject, edit in edits.items()
        if edit.collection == ADDRESSES and isinstance(edit.geometry, Point)
    }
    if not spots:
        return Placed((), places)
    store, around = EditStore(connection), Surroundings(connection, at)
    sides = store.sides((edits[one] for one in spots), at.valid_on, at.known)
    old = _by_level(
        around, {one: side.geometry for one, side in sides.items() if side.geometry is not None}
    )
    new = _by_level(around, spots)
    doors = [(one, door) for one, on in store.doors_on(list(spots), at).items() for door in on]
    homes = around.units([door.division_id for _one, door in doors])
    smallest = max(LEVELS.values())
    return Placed(
        tuple(
            PlacedDoor(
                door.address_id,
                door.code,
                door.division_id,
                homes[door.division_id].level if door.division_id in homes else smallest,
                spots[one],
                old.get(one, {}),
                new.get(one, {}),
            )
            for one, door in doors
        ),
        places,
    )


def _by_level(
    around: Surroundings, geometries: Mapping[UUID, BaseGeometry]
) -> dict[UUID, dict[int, frozenset[UUID]]]:
    found: dict[UUID, dict[int, frozenset[UUID]]] = defaultdict(dict)
    for level in set(LEVELS.values()):
        for one, units in _holders_at(around, level, geometries).items():
            found[one][level] = frozenset(unit.division_id for unit in units)
    return found


def refuse_conflicts(
    connection: Connection, held: BoundaryUpdate, edits: Mapping[UUID, FeatureEdit], head: int
) -> None:
    """Refuse edits of what somebody else changed meanwhile; what they changed elsewhere is taken in.

    Raises:
        EditsConflict: by feature, with both sides.
    """
    store, on = EditStore(connection), held.effective_on
    base, now = store.sides(edits.values(), on), store.sides(edits.values(), on, head)
    called = _names(connection, edits, base, AsOf(on, held.based_on))
    conflicts = [
        {
            "collection": edit.collection,
            "id": edit.feature_id,
            "name": called[subject],
            "mine": _told(_after(edit, base.get(subject))),
            "theirs": _told(now.get(subject)),
        }
        for subject, edit in edits.items()
        if not _agree(edit, base.get(subject), now.get(subject))
    ]
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


def _moved_m(old: BaseGeometry | None, new: BaseGeometry | None) -> float | None:
    return distance_m(old, new) if isinstance(old, Point) and isinstance(new, Point) else None


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


def _names(
    connection: Connection,
    edits: Mapping[UUID, FeatureEdit],
    before: Mapping[UUID, Side],
    at: AsOf,
) -> dict[UUID, str]:
    """What the features are called, by subject."""
    lines = {one: edit for one, edit in edits.items() if edit.collection == LINES}
    sides = {
        one: [UUID(each) for each in edit.feature_id.split(JOINT)] for one, edit in lines.items()
    }
    units = Surroundings(connection, at).units([each for pair in sides.values() for each in pair])
    codes = [edit.feature_id for edit in edits.values() if edit.collection == ADDRESSES]
    doors = {one.code: one.text(Profile.LABEL) for one in AddressStore(connection).many(codes, at)}
    places = EditStore(connection).names_of(list(edits), at)
    found = {}
    for subject, edit in edits.items():
        found[subject] = doors.get(edit.feature_id) or places.get(subject, edit.feature_id)
        if edit.collection == MARKERS:
            known = before[subject].attributes if subject in before else edit.said
            found[subject] = str(known.get("number"))
        if subject in sides:
            pair = sides[subject]
            found[subject] = " — ".join(
                units[one].name if one in units else str(one) for one in pair
            )
    return found


def names(shown_: Iterable[EditShown]) -> list[str]:
    """What edits that others' changes overtook are called, with those changes."""
    return [f"{one.name} ({one.changed_by})" for one in shown_ if one.changed_by is not None]
