"""Addresses the documentation's examples speak of: they are in every demonstration, however small."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from data.demo.carriers import STORIES
from data.demo.city import rows_of
from data.demo.doors import Door


def told_doors() -> dict[str, list[Door]]:
    """The examples' doors by carrier, each after what it lies in."""
    found: dict[str, dict[tuple[object, ...], Door]] = {}
    for row in rows_of(STORIES):
        doors = found.setdefault(row["carrier"], {})
        for door in _with_holders(row):
            known = doors.get(door.inside.components) if door.inside else None
            doors.setdefault(door.components, replace(door, inside=known))
    return {carrier: list(doors.values()) for carrier, doors in found.items()}


def _with_holders(row: Mapping[str, str]) -> Iterator[Door]:
    """From the door inwards: site or building, sub-number, building, stairwell or floor, room."""
    sub, block = row["sub_number"] or None, row["building"] or None
    unit, floor, room = row["unit"] or None, row["floor"] or None, row["room"] or None
    number = int(row["number"])
    last = Door("site" if sub or block else "building", number)
    yield last
    if sub:
        last = Door("building", number, sub, inside=last)
        yield last
    if block:
        last = Door("building", number, sub, block, inside=last)
        yield last
    if unit:
        last = Door("unit", number, sub, block, unit, inside=last)
        yield last
    if floor:
        last = Door("unit", number, sub, block, unit, floor, inside=last)
        yield last
    if room:
        yield Door("room", number, sub, block, unit, floor, room, inside=last)
