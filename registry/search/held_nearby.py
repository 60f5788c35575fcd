"""What lies around a point, without the database: positions, territories and courses at hand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from geo.geocode.side import Side, side_of
from geo.nearness import Distances
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address, LifecycleStage, Position
from registry.changes.period import AsOf
from registry.divisions.chain import Chain
from registry.search.held_doors import Footing, NotAtHand
from registry.search.landscape import Landscape, furthest_deg
from registry.search.nearby import FURTHEST_M, NearDoor, Surroundings, in_order
from registry.search.nearby_reads import NEIGHBOURS
from registry.search.spots_at_hand import Beside, Shown, SpotsKnown


@dataclass(frozen=True, slots=True)
class HeldNearby:
    """Everything that is at hand of one point in time."""

    at: AsOf
    spots: SpotsKnown
    landscape: Landscape
    footing: Footing
    addresses: HotAddresses

    def ask(self, lon: float, lat: float, *, limit: int) -> Surroundings:
        """The same as `Nearby.ask`.

        Raises:
            NotAtHand: the database has to be asked.
            CrossingsUnknown: it has to be asked for the crossings of a road.
        """
        distances = Distances(lon, lat)
        road = self.landscape.road(lon, lat, distances)
        crossing = road and self.landscape.crossing(road, lon, lat, distances)
        smallest = self.landscape.smallest(lon, lat)
        chain: Chain = ()
        if smallest is not None:
            found = self.addresses.kept_chain(smallest.division_id, self.at)
            if found is None:
                raise NotAtHand
            chain = found
        return Surroundings(
            self.at,
            chain,
            None if smallest is None else smallest.basis,
            in_order(self._doors(lon, lat, distances, limit)),
            road if road and road.distance_m <= FURTHEST_M else None,
            crossing if crossing and crossing.distance_m <= FURTHEST_M else None,
        )

    def _doors(self, lon: float, lat: float, distances: Distances, limit: int) -> list[NearDoor]:
        beside = self.spots.beside(
            lon, lat, self.at.valid_on, count=NEIGHBOURS, furthest_deg=furthest_deg(lat)
        )
        first = [
            (metres, self.spots.shown(door), door)
            for metres, door in _first(beside, distances, limit)
        ]
        # Of doors equally near, those with the lower codes count.
        first.sort(key=lambda one: (one[0], one[1].code))
        return [
            NearDoor(self._address(door, shown), metres, self._side(lon, lat, door, shown, beside))
            for metres, shown, door in first[:limit]
        ]

    def _side(
        self, lon: float, lat: float, door: Beside, shown: Shown, beside: Sequence[Beside]
    ) -> Side | None:
        carrier = door.carrier
        if carrier is None:
            return None
        row = [
            (other.number, other.lon, other.lat)
            for other in beside
            if other.carrier == carrier and other.number is not None
        ]
        return side_of(lon, lat, sorted(row), self.landscape.course(shown.carrier_id))

    def _address(self, door: Beside, one: Shown) -> Address:
        chain = self.addresses.settled_chain(one.division_id, self.at)
        if chain is None:
            raise NotAtHand
        vicinity = self.footing.vicinity(one.carrier_id, one.division_id, chain)
        return Address(
            one.address_id,
            one.code,
            one.object_id,
            one.object_kind,
            one.generated,
            one.parts,
            LifecycleStage(one.stage),
            vicinity.carrier,
            chain,
            Position(door.lon, door.lat, *door.how, inherited=False),
            one.valid_from,
            one.valid_to,
            vicinity=vicinity,
        )


def _first(
    beside: Sequence[Beside], distances: Distances, limit: int
) -> list[tuple[float, Beside]]:
    """The doors that may be among the first, with those equally near, by their metres."""
    found: list[tuple[float, Beside]] = []
    furthest = math.inf
    for door in beside:
        if furthest < math.inf and distances.least_m(door.away_deg) > furthest:
            break
        found.append((distances.to_m(door.lon, door.lat), door))
        if len(found) >= limit:
            furthest = sorted(metres for metres, _door in found)[limit - 1]
    return sorted((one for one in found if one[0] <= furthest), key=lambda one: one[0])
