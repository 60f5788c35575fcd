"""Straight answers at one point in time: doors, names, chains and acts as they were known then."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.geocode.straight import Opening, Route
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Vicinity
from registry.changes.model import Change
from registry.changes.period import AsOf
from registry.search.door_index import DoorRow, stands
from registry.search.doors_at_hand import DoorsKnown
from registry.search.held_doors import Footing, NotAtHand
from registry.search.straight import MOST_PLACES, Place, Straight


@dataclass(frozen=True, slots=True)
class Moment:
    """What straight answers rest on at a point in time; none of it changes."""

    at: AsOf
    doors: DoorsKnown
    footing: Footing
    addresses: HotAddresses
    acts: Mapping[int, Change]
    """By number, those known so far; more may be learnt."""
    _places: dict[tuple[Opening, int, int], Place] = field(default_factory=dict)
    """By division and carrier, which the index holds one object of each."""

    def answer(self, text: str) -> Straight | None:
        """The straight answer to a text; see `Finder.straight`."""
        route = self.footing.routes.route(text)
        row = None if route is None else self._only_door(route)
        if route is None or row is None:
            return None
        key = route.opening, id(row.within), id(row.carrier_id)
        place = self._places.get(key)
        if place is None:
            place = self._place(route.opening, row)
            if place is None:
                return None
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            self._places[key] = place
        return self.footing.pieces.put_together(route, row, place)

    def _place(self, opening: Opening, row: DoorRow) -> Place | None:
        vicinity = self._vicinity(row)
        if vicinity is None:
            return None
        return self.footing.pieces.place(opening, row, vicinity, self.acts)

    def _vicinity(self, row: DoorRow) -> Vicinity | None:
        division_id = row.within.division_id
        chain = self.addresses.settled_chain(division_id, self.at)
        if chain is None:
            return None
        try:
            return self.footing.vicinity(row.carrier_id, division_id, chain)
        except NotAtHand:
            return None

    def _only_door(self, route: Route) -> DoorRow | None:
        """The one door that is meant and stands on the day; None: there are none, several, or it
        is not told from the index."""
        index, moved, numbers = self.doors.index, self.doors.moved, self.doors.numbers
        found: DoorRow | None = None
        opening, number = route.opening, int(route.digits)
        for place in opening.carriers or opening.villages:
            if numbers and (place, number) in numbers:
                return None
            rows = index.rows_at(place, number)
            for at in index.with_parts(rows, route.ending.wanted) if rows else ():
                if found is not None:
                    return None
                found = index.row(at)
        if found is None or found.kind is None or found.address_id in moved:
            return None
        return found if stands(found.within, self.at.valid_on) else None
