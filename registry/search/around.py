"""What lies around a point: of what is at hand, or of the database, with the same answer."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Connection

from geo.geocode.gazetteer import Gazetteer
from registry.addresses.hot_reads import HotAddresses
from registry.changes.period import AsOf
from registry.hot import Row, Rows
from registry.search.door_index import DoorIndex
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import Footing, NotAtHand
from registry.search.held_nearby import HeldNearby
from registry.search.landscape import CrossingsUnknown
from registry.search.landscape_reads import LandscapeAtHand
from registry.search.nearby import Nearby, Surroundings
from registry.search.nearby_reads import MEETINGS
from registry.search.spots_at_hand import SpotsAtHand


class Around:
    """Tells what lies around points, of the present as a rule without the database."""

    def __init__(
        self,
        rows: Rows,
        addresses: HotAddresses,
        gazetteers: Gazetteers,
        footing: Callable[[Gazetteer, date], Footing],
    ) -> None:
        """Take what a finder keeps."""
        self._rows = rows
        self._addresses = addresses
        self._gazetteers = gazetteers
        self._footing = footing
        self._spots = SpotsAtHand()
        self._landscape = LandscapeAtHand()
        self._nearby = Nearby(rows, addresses)

    def keep_up(self, connection: Connection, index: DoorIndex, at: AsOf) -> None:
        """Bring what is kept at hand up to a point in time."""
        self._spots.reach(connection, index, at.known)
        drawn = self._landscape.reach(connection, at)
        self._addresses.warm(index.divisions | drawn.territories.keys(), at)

    def ask(self, lon: float, lat: float, at: AsOf, *, limit: int) -> Surroundings:
        """What lies around a point (degrees, EPSG:4490), with the doors nearest to it."""
        for _once_more in range(2):
            try:
                return self.at_hand(lon, lat, at, limit=limit)
            except CrossingsUnknown as unknown:
                self.learn(at, unknown, self._rows(MEETINGS, **unknown.asked(at)))
            except NotAtHand:
                break
        return self._nearby.ask(lon, lat, at, limit=limit)

    def at_hand(self, lon: float, lat: float, at: AsOf, *, limit: int) -> Surroundings:
        """The same without the database.

        Raises:
            NotAtHand: it takes more than is at hand, of that state or at all.
            CrossingsUnknown: the same; crossings of a road are to be learnt first.
        """
        spots, drawn = self._spots.at(at.known), self._landscape.at(at)
        gazetteer = self._gazetteers.at_hand(at.known)
        if spots is None or drawn is None or gazetteer is None:
            raise NotAtHand
        footing = self._footing(gazetteer, at.valid_on)
        return HeldNearby(at, spots, drawn, footing, self._addresses).ask(lon, lat, limit=limit)

    def learn(self, at: AsOf, unknown: CrossingsUnknown, met: Sequence[Row]) -> None:
        """Keep what the database answered to `MEETINGS`, if that is still what is drawn."""
        drawn = self._landscape.at(at)
        if drawn is not None:
            drawn.learn(unknown.road, met)

    def of_database(self, lon: float, lat: float, at: AsOf, *, limit: int) -> Surroundings:
        """The same as `ask`, whatever is at hand."""
        return self._nearby.ask(lon, lat, at, limit=limit)

    def finish(
        self, point: tuple[float, float], answers: Sequence[Sequence[Row]], on: date
    ) -> Surroundings:
        """The same from the answers to `STATEMENTS`, asked on any driver.

        Raises:
            NotTogether: ask again with `ask`.
        """
        return self._nearby.finish(*point, answers, on)
