"""What an update does beyond the territories: ground, doors and names that change division."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from registry.boundaries.ground import Ground, passing
from registry.boundaries.model import MovedDoor, MovedGround, MovedPlace
from registry.boundaries.surroundings import LyingPlace, Surroundings
from registry.divisions.model import LEVELS
from registry.lines.model import BoundaryMarker

HAIR_DEG = 1e-9
"""A tenth of a millimetre: what lies along an edge lies inside."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything an update moves."""

    ground: tuple[MovedGround, ...]
    doors: tuple[MovedDoor, ...]
    places: tuple[MovedPlace, ...]
    markers: tuple[BoundaryMarker, ...]
    """Markers that stand on or beside the ground that moves."""
    read_off: Ground
    """Every territory, before and after."""


@dataclass(frozen=True, slots=True)
class PlacedDoor:
    """A door that an update itself places, and who is recorded to hold its old and its new spot."""

    address_id: UUID
    code: str
    division_id: UUID
    level: int
    """Of the division it belongs to."""
    spot: Point
    """EPSG:4490."""
    lay: Mapping[int, frozenset[UUID]]
    """Divisions that held its old spot, by level."""
    recorded: Mapping[int, frozenset[UUID]]
    """Divisions whose recorded territory holds its new spot, by level."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What an update itself says the place of."""

    doors: tuple[PlacedDoor, ...]
    places: frozenset[UUID]


def effects_of(around: Surroundings, ground: Ground) -> Effects:
    """What moves with the ground that passes between divisions."""
    moved = passing(ground)
    return Effects(
        tuple(moved),
        tuple(door for one in moved for door in _doors(around, one)),
        tuple(_places(around, ground, moved)),
        tuple(around.markers(one.ground for one in moved)),
        ground,
    )


def with_doors(effects: Effects, placed: Placed) -> Effects:
    """The same where the update's own word on a door or a place counts, not where that lay before."""
    said = {one.address_id for one in placed.doors}
    moved = (_moved_door(effects.read_off, one) for one in placed.doors)
    return replace(
        effects,
        doors=(
            *(one for one in effects.doors if one.address_id not in said),
            *(one for one in moved if one is not None),
        ),
        places=tuple(one for one in effects.places if one.named_place_id not in placed.places),
    )


def _moved_door(ground: Ground, door: PlacedDoor) -> MovedDoor | None:
    """Where a door comes to belong that is placed outside what it belongs to and lay in."""
    levels = sorted((one for one in set(LEVELS.values()) if one <= door.level), reverse=True)
    holders = ((one, _holders(ground, door, one)) for one in levels)
    level, lies = next((one for one in holders if one[1]), (door.level, frozenset()))
    if not lies or door.division_id in lies or _stays_outside(ground, door, level, lies):
        return None
    return MovedDoor(
        door.address_id,
        door.code,
        door.division_id,
        min(lies, key=lambda one: one.bytes),
        door.spot.x,
        door.spot.y,
    )


def _holders(ground: Ground, door: PlacedDoor, level: int) -> frozenset[UUID]:
    """Divisions of a level that would hold the new spot of a door."""
    after = ground.after
    drawn = {
        one
        for one in ground.changed
        if ground.units[one].level == level and holds(after[one], door.spot)
    }
    return frozenset(drawn | (door.recorded.get(level, frozenset()) - ground.changed))


def _stays_outside(ground: Ground, door: PlacedDoor, level: int, lies: frozenset[UUID]) -> bool:
    """Whether a door lay outside its division before, where it goes on lying."""
    home = door.division_id
    taken_away = home in ground.changed and ground.after[home].is_empty
    if home in door.lay.get(door.level, frozenset()) and not taken_away:
        return False
    return bool(lies & door.lay.get(level, frozenset()))


def _doors(around: Surroundings, moved: MovedGround) -> list[MovedDoor]:
    if moved.from_division is None or moved.to_division is None:
        return []
    return [
        MovedDoor(
            one.address_id,
            one.code,
            moved.from_division,
            moved.to_division,
            one.position.x,
            one.position.y,
        )
        for one in around.doors(moved.from_division, moved.ground)
    ]


def _places(around: Surroundings, ground: Ground, moved: list[MovedGround]) -> list[MovedPlace]:
    given: dict[UUID, list[BaseGeometry]] = defaultdict(list)
    for one in moved:
        if one.from_division is not None:
            given[one.from_division].append(one.ground)
    found: list[MovedPlace] = []
    for giver, parts in sorted(given.items(), key=lambda item: item[0].bytes):
        for place in around.places(giver, shapely.union_all(parts)):
            elsewhere = _moved_place(ground, place)
            if elsewhere is not None:
                found.append(elsewhere)
    return found


def _moved_place(ground: Ground, place: LyingPlace) -> MovedPlace | None:
    after = ground.after
    giver = place.division_id
    if holds(after[giver], place.extent):
        return None
    level = ground.units[giver].level
    takers = [
        one
        for one, territory in after.items()
        if ground.units[one].level == level and shapely.intersects(territory, place.extent)
    ]
    whole = next((one for one in takers if holds(after[one], place.extent)), None)
    was_whole = giver in ground.before and holds(ground.before[giver], place.extent)
    return MovedPlace(
        place.named_place_id,
        place.name,
        place.category,
        giver,
        whole if whole is not None else _above_all(ground, [giver, *takers]),
        cut=whole is None and was_whole,
    )


def holds(territory: BaseGeometry, extent: BaseGeometry) -> bool:
    """Whether a territory holds all of an extent; what lies along its edge lies inside."""
    return bool(shapely.covers(shapely.buffer(territory, HAIR_DEG), extent))


def _above_all(ground: Ground, units: list[UUID]) -> UUID | None:
    """The smallest division above all of these."""
    chains = [_chain(ground, one) for one in units]
    return next((one for one in chains[0] if all(one in chain for chain in chains)), None)


def _chain(ground: Ground, unit: UUID) -> list[UUID]:
    found: list[UUID] = []
    above: UUID | None = unit
    while above is not None and above in ground.units:
        found.append(above)
        above = ground.units[above].parent_id
    return found
