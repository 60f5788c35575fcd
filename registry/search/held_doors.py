"""A source of doors that asks no database: an index, and names that are at hand already."""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn
from uuid import UUID

from geo.geocode.candidates import Door, DoorLookup, Place, Standing
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.names import holds
from geo.geocode.proof import Ground
from geo.geocode.readings import Readings
from geo.geocode.straight import Routes
from registry.addresses.model import Address, Carrier, LifecycleStage, Position, Vicinity
from registry.addresses.reading import STANDARD
from registry.addresses.text import AddressParts
from registry.divisions.chain import Chain
from registry.names.model import written_with
from registry.search.door_index import DoorRow, Kind, door_of, stands
from registry.search.doors_at_hand import DoorsKnown
from registry.search.straight import Pieces

MOST_FOOTINGS = 8
"""Days whose proofs are kept."""
MOST_VICINITIES = 100_000
"""Carriers in divisions whose texts are kept."""


class NotAtHand(Exception):
    """An answer needs more than is at hand: ask the database."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What answers of one day rest on while the names stay as they are."""

    ground: Ground
    readings: Readings
    """By the same names, whatever day is asked about."""
    routes: Routes
    """The same."""
    pieces: Pieces
    _vicinities: dict[tuple[UUID, UUID | None], Vicinity] = field(default_factory=dict)

    @property
    def gazetteer(self) -> Gazetteer:
        """The names."""
        return self.ground.gazetteer

    @property
    def on(self) -> date:
        """The day."""
        return self.ground.on

    def vicinity(self, carrier_id: UUID | None, division_id: UUID, chain: Chain) -> Vicinity:
        """What the addresses of a carrier in a division have alike.

        Raises:
            NotAtHand: the carrier has two names.
        """
        key = division_id, carrier_id
        found = self._vicinities.get(key)
        if found is None or found.chain is not chain:
            carrier = None if carrier_id is None else self._carrier(carrier_id)
            if len(self._vicinities) >= MOST_VICINITIES:
                self._vicinities.clear()
            found = self._vicinities[key] = Vicinity.of(carrier, chain)
        return found

    def _carrier(self, carrier_id: UUID) -> Carrier | None:
        """A carrier by its standard name on the day; None: it has none."""
        periods = [
            one
            for one in self.gazetteer.held.carriers.get(carrier_id, ())
            if one.status == STANDARD and holds(one, self.on)
        ]
        if len(periods) > 1:
            raise NotAtHand
        if not periods:
            return None
        one = periods[0]
        return Carrier(carrier_id, one.name, one.romanisation, written_with(one.language))


class Footings:
    """A few of them, of the days that are being asked about."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, date], Footing] = OrderedDict()

    def of(self, gazetteer: Gazetteer, on: date) -> Footing:
        """What answers of a day rest on by some names."""
        key = id(gazetteer), on
        found = self._kept.get(key)
        if found is None or found.gazetteer is not gazetteer:
            others = list(self._kept.values())
            alike = next((one for one in others if one.gazetteer is gazetteer), None)
            found = self._kept[key] = _footing(Ground(gazetteer, on), alike)
            self._forget(gazetteer)
        return found

    def _forget(self, newest: Gazetteer) -> None:
        """Names that were replaced hold much memory: one set of them is kept beside the newest."""
        before: Gazetteer | None = None
        for key, one in reversed(list(self._kept.items())):
            if one.gazetteer is newest or one.gazetteer is before:
                continue
            if before is None:
                before = one.gazetteer
            else:
                self._kept.pop(key, None)
        while len(self._kept) > MOST_FOOTINGS:
            self._kept.popitem(last=False)


def _footing(ground: Ground, alike: Footing | None) -> Footing:
    if alike is not None:
        return Footing(ground, alike.readings, alike.routes, Pieces(ground))
    readings = Readings(ground.gazetteer)
    return Footing(ground, readings, Routes(readings), Pieces(ground))


class HeldDoors:
    """Doors that stand on a day, from an index.

    Every method raises `NotAtHand` when the index cannot tell.
    """

    def __init__(self, doors: DoorsKnown, footing: Footing) -> None:
        self._doors = doors
        self._footing = footing
        self._seen: dict[UUID, tuple[DoorRow, Kind]] = {}

    def address(self, door: Door, chain: Chain) -> Address:
        """The address of a door that was found here.

        Args:
            chain: of the division it lies in.
        """
        row, kind = self._seen[door.address_id]
        vicinity = self._footing.vicinity(row.carrier_id, door.division_id, chain)
        sub, building, unit, floor, room = row.parts
        return Address(
            door.address_id,
            row.code,
            UUID(bytes=row.object_id),
            kind.object_kind,
            kind.generated,
            AddressParts(row.number, sub, building, unit, floor, room),
            LifecycleStage(kind.stage),
            vicinity.carrier,
            chain,
            Position(
                row.longitude_deg,
                row.latitude_deg,
                kind.method,
                kind.accuracy_m,
                inherited=kind.position_depth != 0,
            ),
            row.within.valid_from,
            row.within.valid_to,
            vicinity=vicinity,
        )

    def doors(self, lookups: Sequence[DoorLookup]) -> Sequence[Sequence[Door]]:
        """The doors of each look-up."""
        return [self._found(one) for one in lookups]

    def around(self, carrier_ids: Sequence[UUID], number: int) -> NoReturn:
        """Not from here."""
        raise NotAtHand

    def standings(self, address_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Standing]]:
        """None but where they stand now: what ever stood elsewhere is not told from here."""
        return {}

    def carriers(self, carrier_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        """Not from here."""
        raise NotAtHand

    def territories(self, division_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        """Not from here."""
        raise NotAtHand

    def crossing(self, one: Sequence[UUID], other: Sequence[UUID]) -> Sequence[Place]:
        """Not from here."""
        raise NotAtHand

    def _found(self, lookup: DoorLookup) -> list[Door]:
        index, moved = self._doors.index, self._doors.numbers
        wanted = (lookup.sub, lookup.building, lookup.unit, lookup.floor, lookup.room)
        on_carriers = bool(lookup.carrier_ids)
        if lookup.number is None and not on_carriers:
            # The database answers such a question with nothing, too: a village alone is no door.
            return []
        found: list[Door] = []
        for place in lookup.carrier_ids if on_carriers else lookup.division_ids:
            if moved and (place, lookup.number) in moved:
                raise NotAtHand
            rows = index.rows_at(place, lookup.number)
            for number in index.with_parts(rows, wanted) if rows else ():
                door = self._door(index.row(number))
                if door is not None:
                    found.append(door)
        return found if len(found) < 2 else sorted(found, key=lambda door: door.code)

    def _door(self, row: DoorRow) -> Door | None:
        """A door; None when it does not stand on the day."""
        kind, within = row.kind, row.within
        if kind is None or row.address_id in self._doors.moved:
            raise NotAtHand
        if not stands(within, self._footing.on):
            return None
        door = door_of(row)
        self._seen[door.address_id] = row, kind
        return door
