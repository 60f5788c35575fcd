"""Doors and what lies behind them, made up in the local manner: 388号, 62号之3, 3栋, 2梯, 501室."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Random = np.random.Generator
PATTERNS = ("plain", "plain", "plain", "sub_numbers", "stairs", "stairs", "blocks", "offices")
BIG_QUOTA = 300
"""Addresses of one carrier from which on its buildings grow."""
RARE = 300
"""One door in so many is reserved, one retired, one a building without a number."""
NO_GAP = 0.85
"""Share of numbers that follow the last one directly."""
LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Door:
    """One address of a carrier, with the components of its own and what it lies in."""

    kind: str
    """site, building, unit or room."""
    number: int | None
    sub_number: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    inside: "Door | None" = None
    stage: str = "current"

    @property
    def components(self) -> tuple[object, ...]:
        """What tells it apart on its carrier."""
        return (self.number, self.sub_number, self.building, self.unit, self.floor, self.room)

    @property
    def has_position(self) -> bool:
        """Whether it is marked on the ground; units and rooms are where their building is."""
        return self.kind in ("site", "building")


def doors_of(told: list[Door], quota: int, random: Random, *, village: bool) -> Iterator[Door]:
    """Exactly `quota` addresses of one carrier, those told first, parents before what is inside.

    Args:
        told: addresses that must be there, in order.
        village: whether the doors belong to a village, which has no blocks and offices.
    """
    taken = {door.components for door in told}
    numbers = {door.number for door in told}
    yield from told[:quota]
    left = quota - len(told)
    number = 0
    while left > 0:
        number += 1 if random.random() < NO_GAP else 2
        if number in numbers:
            continue
        for door in _made(number, random, big=quota > BIG_QUOTA, village=village):
            if left == 0:
                return
            if door.components not in taken:
                yield door
                left -= 1


def _made(number: int, random: Random, *, big: bool, village: bool) -> Iterator[Door]:
    pattern = PATTERNS[int(random.integers(4 if village else len(PATTERNS)))]
    if pattern == "plain":
        yield _plain(number, random)
    elif pattern == "sub_numbers":
        yield from _sub_numbers(number, int(random.integers(1, 6)))
    elif pattern == "stairs":
        door = Door("building", number)
        yield door
        yield from _stairs(door, int(random.integers(1, 4)), int(random.integers(3, 8)))
    elif pattern == "blocks":
        yield from _blocks(number, random, big=big)
    else:
        yield from _offices(number, int(random.integers(3, 31 if big else 7)))


def _plain(number: int, random: Random) -> Door:
    chance = int(random.integers(RARE))
    if chance == 0:
        return Door("building", None, building=f"{number}号楼")
    stage = {1: "reserved", 2: "retired"}.get(chance, "current")
    return Door("building", number, stage=stage)


def _sub_numbers(number: int, count: int) -> Iterator[Door]:
    door = Door("site", number)
    yield door
    for sub in range(1, count + 1):
        yield Door("building", number, str(sub), inside=door)


def _stairs(door: Door, stairs: int, floors: int) -> Iterator[Door]:
    """Stairwells (梯) with two homes on a floor."""
    for stair in range(1, stairs + 1):
        unit = _inside(door, "unit", unit=f"{stair}梯")
        yield unit
        for floor in range(1, floors + 1):
            for home in (1, 2):
                yield _inside(unit, "room", unit=unit.unit, room=f"{floor}{home:02d}室")


def _blocks(number: int, random: Random, *, big: bool) -> Iterator[Door]:
    """An estate: blocks with entrances (单元) and homes."""
    site = Door("site", number)
    yield site
    lettered = random.random() < 0.3
    for block in range(1, int(random.integers(2, 9 if big else 4))):
        name = f"{LETTERS[block - 1]}座" if lettered else f"{block}栋"
        building = Door("building", number, building=name, inside=site)
        yield building
        for entrance in range(1, int(random.integers(2, 4))):
            unit = _inside(building, "unit", unit=f"{entrance}单元")
            yield unit
            for floor in range(1, int(random.integers(4, 19 if big else 8))):
                for home in (1, 2):
                    yield _inside(unit, "room", unit=unit.unit, room=f"{floor}{home:02d}室")


def _offices(number: int, floors: int) -> Iterator[Door]:
    """A house with a shop on the ground floor and rooms above."""
    door = Door("building", number)
    yield door
    yield _inside(door, "unit", floor="1层")
    for floor in range(2, floors + 1):
        for room in range(1, 5):
            yield _inside(door, "room", room=f"{floor}{room:02d}室")


def _inside(
    holder: Door,
    kind: str,
    *,
    unit: str | None = None,
    floor: str | None = None,
    room: str | None = None,
) -> Door:
    return Door(
        kind,
        holder.number,
        holder.sub_number,
        holder.building,
        unit,
        floor,
        room,
        inside=holder,
    )
