"""What an update does beyond the territories: ground, doors and names that change division."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from registry.boundaries.ground import Ground, passing
from registry.boundaries.model import MovedDoor, MovedGround, MovedPlace
from registry.boundaries.surroundings import LyingPlace, Surroundings
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


def effects_of(around: Surroundings, ground: Ground) -> Effects:
    """What moves with the ground that passes between divisions."""
    moved = passing(ground)
    return Effects(
        tuple(moved),
        tuple(door for one in moved for door in _doors(around, one)),
        tuple(_places(around, ground, moved)),
        tuple(around.markers(one.ground for one in moved)),
    )


def with_doors(effects: Effects, doors: Iterable[MovedDoor]) -> Effects:
    """The same with doors that an update places in another division."""
    known = {one.address_id for one in effects.doors}
    return replace(
        effects, doors=(*effects.doors, *(one for one in doors if one.address_id not in known))
    )


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
