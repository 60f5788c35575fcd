"""What to look for, given a reading: the exact address first, then ever less of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from geo.geocode.candidates import DoorLookup
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.parse import Parse
from geo.geocode.parts import INNER, MOST_DOORS, Tail, part_key

ANY = "*"
"""In a look-up: whatever the address has there."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One look-up, and what is given up by it."""

    lookup: DoorLookup
    complete: bool
    """Whether nothing the text says behind the door was given up."""
    doubt: str | None = None
    several: bool = False
    """Whether the text asks for more than one door."""

    @property
    def level(self) -> str:
        """The smallest part looked for."""
        for level in reversed(INNER):
            if getattr(self.lookup, level) is not None:
                return level
        return "door"


def attempts(reading: Parse, gazetteer: Gazetteer) -> list[Attempt]:
    """The exact look-ups of a reading, best first."""
    places = _places(reading, gazetteer)
    if places is None:
        return []
    inner = _inner(reading.tail)
    bases = list(_doors(reading.tail, places))
    if len(bases) == 1 and len(inner) == 1:
        return [_attempt(bases[0], inner[0])]
    return _unique([_attempt(base, one) for base in bases for one in inner])


def fallbacks(reading: Parse, gazetteer: Gazetteer, exact: Iterable[Attempt]) -> list[Attempt]:
    """The look-ups to fall back on when the exact ones find nothing, best first."""
    places = _places(reading, gazetteer)
    if places is None:
        return []
    less = [
        _attempt(base, one)
        for base in _doors(reading.tail, places)
        if not base.several
        for one in _less(reading.tail)
    ]
    seen = {one.lookup for one in exact}
    return _unique([one for one in less if one.lookup not in seen])


@dataclass(frozen=True, slots=True)
class _Inside:
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    complete: bool = True
    doubt: str | None = None
    several: bool = False


def _places(reading: Parse, gazetteer: Gazetteer) -> DoorLookup | None:
    carrier, tail = reading.carrier, reading.tail
    if reading.crossing is not None or (tail.number is None and tail.building is None):
        return None
    if carrier is not None:
        ids = tuple(dict.fromkeys(c.carrier_id for c in carrier.carriers))
        return DoorLookup(ids, (), tail.number, tail.sub)
    if tail.number is None or not reading.divisions:
        return None
    villages = dict.fromkeys(
        village
        for period in reading.divisions[-1].divisions
        for village in gazetteer.villages_ever(period.division_id)
    )
    return DoorLookup((), tuple(villages), tail.number, tail.sub) if villages else None


def _doors(tail: Tail, base: DoorLookup) -> Iterator[Attempt]:
    if tail.block_like:
        block = replace(base, number=None, building=str(tail.number))
        yield Attempt(block, complete=True)
    if tail.last_number is not None and tail.number is not None:
        yield Attempt(replace(base, sub=str(tail.last_number)), complete=True)
        step = 2 if (tail.last_number - tail.number) % 2 == 0 else 1
        numbers = range(tail.number, tail.last_number + 1, step)[:MOST_DOORS]
        for number in numbers:
            yield Attempt(
                replace(base, number=number), complete=True, doubt="one of a range", several=True
            )
        return
    several = bool(tail.more_numbers)
    doubt = "one of several doors" if several else None
    yield Attempt(base, complete=True, doubt=doubt, several=several)
    for number in tail.more_numbers[:MOST_DOORS]:
        yield Attempt(replace(base, number=number), complete=True, doubt=doubt, several=True)


def _attempt(base: Attempt, inside: _Inside) -> Attempt:
    door = base.lookup
    lookup = DoorLookup(
        door.carrier_ids,
        door.division_ids,
        door.number,
        door.sub,
        inside.building if door.building is None else door.building,
        inside.unit,
        inside.floor,
        inside.room,
    )
    doubt = base.doubt or inside.doubt
    several = base.several or inside.several
    return Attempt(lookup, base.complete and inside.complete, doubt, several=several)


def _keys(tail: Tail) -> _Inside:
    return _Inside(
        part_key("building", tail.building),
        part_key("unit", tail.unit),
        part_key("floor", tail.floor),
        part_key("room", tail.room),
    )


def _inner(tail: Tail) -> list[_Inside]:
    """The whole of what is said, a floor that the room repeats left out."""
    whole = _keys(tail)
    doubt = "one of several" if tail.last_floor or tail.last_room else None
    found = [whole if doubt is None else replace(whole, doubt=doubt)]
    if tail.named is not None:
        named = part_key("building", tail.named)
        found.append(replace(whole, building=f"{named}{whole.building}", doubt=doubt))
    if whole.floor and whole.room:
        agrees = whole.room.startswith(whole.floor)
        clash = doubt if agrees else f"floor {whole.floor} against room {whole.room}"
        found += [replace(one, floor=None, doubt=clash) for one in list(found)]
    if tail.last_room and whole.room and whole.room.isdigit():
        last = min(int(tail.last_room), int(whole.room) + MOST_DOORS)
        rooms = range(int(whole.room), last + 1)
        found = [replace(one, room=str(room), several=True) for room in rooms for one in found]
    return found


def _less(tail: Tail) -> list[_Inside]:
    whole = _keys(tail)
    found: list[_Inside] = []
    unnamed = whole.building is not None and not whole.building.isascii()
    if unnamed and (whole.unit or whole.floor or whole.room):
        found += [
            replace(one, building=None, complete=False, doubt="building not registered")
            for one in _inner(tail)
        ]
    if whole.room:
        found += _rooms_less(whole)
    gone = "not registered so far in"
    if whole.room:
        found.append(replace(whole, room=None, complete=False, doubt=gone))
    if whole.floor:
        found.append(replace(whole, room=None, floor=None, complete=False, doubt=gone))
    if whole.unit:
        found.append(_Inside(whole.building, complete=False, doubt=gone))
    if tail.named is not None:
        found.append(_Inside(part_key("building", tail.named), complete=False, doubt=gone))
    if whole.building or whole.unit or whole.floor or whole.room:
        found.append(_Inside(complete=False, doubt=gone))
    return found


def _rooms_less(whole: _Inside) -> Iterator[_Inside]:
    """The room, whatever unit, floor or building the text leaves out."""
    left = "a part left out was added"
    if whole.building is not None and whole.unit is None:
        yield replace(whole, unit=ANY, floor=ANY, complete=False, doubt=left)
    elif whole.building is None and whole.unit is not None:
        yield replace(whole, building=ANY, floor=ANY, complete=False, doubt=left)
    elif whole.building is None:
        yield replace(whole, unit=ANY, floor=ANY, complete=False, doubt=left)
        yield replace(whole, building=ANY, unit=ANY, floor=ANY, complete=False, doubt=left)
    if whole.building is not None and whole.unit is not None:
        yield replace(whole, building=whole.unit, unit=ANY, complete=False, doubt=left)
    if whole.building is not None and whole.building.isdigit() and whole.unit is None:
        yield replace(whole, building=None, unit=whole.building, complete=False, doubt=left)


def _unique(found: list[Attempt]) -> list[Attempt]:
    kept: dict[DoorLookup, Attempt] = {}
    for one in found:
        kept.setdefault(one.lookup, one)
    return list(kept.values())
