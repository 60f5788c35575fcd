"""Where a door lies, for somebody who has to find it: side of the road, nearest crossing."""

from collections.abc import Sequence

from shapely import shortest_line
from shapely.geometry import Point

from api.time_travel import Reader
from api.web.compass import metres_apart, wind
from api.web.spoken import Crossing, Roadside, Whereabouts
from registry.addresses.model import Address
from registry.addresses.text import Profile
from registry.names.model import PlaceExtent
from registry.search.nearby import NearDoor, Surroundings

ON_THE_LINE_M = 2.0
TOO_FAR_M = 300.0
"""A road further away says nothing of where a door is."""
CROSSING_TOO_FAR_M = 1_500.0
NEIGHBOUR_M = 150.0


def whereabouts(reading: Reader, one: Address, roads: Sequence[PlaceExtent]) -> Whereabouts | None:
    """Where an address lies; None: its position is not known.

    Args:
        roads: thoroughfares about it, its own first, then the nearest.
    """
    if one.position is None:
        return None
    place = (one.position.longitude_deg, one.position.latitude_deg)
    found = reading.finder.around.ask(*place, reading.at, limit=8)
    own = next((near for near in found.doors if near.address.code == one.code), None)
    return Whereabouts(
        _roadside(place, roads, own), _crossing(place, found), _neighbours(found, one)
    )


def _roadside(
    place: tuple[float, float], roads: Sequence[PlaceExtent], own: NearDoor | None
) -> Roadside | None:
    for road in roads[:2]:
        lon, lat, *_height = shortest_line(road.extent, Point(place)).coords[0]
        _east, _north, metres = metres_apart((lon, lat), place)
        if metres > TOO_FAR_M:
            continue
        beside = wind((lon, lat), place) if metres > ON_THE_LINE_M else None
        parity = None if own is None or own.side is None else own.side.parity
        return Roadside(road.text, beside, parity, metres)
    return None


def _crossing(place: tuple[float, float], found: Surroundings) -> Crossing | None:
    near = found.crossing
    if near is None or near.distance_m > CROSSING_TOO_FAR_M:
        return None
    return Crossing(near.roads, wind((near.lon, near.lat), place), near.distance_m)


def _neighbours(found: Surroundings, one: Address) -> tuple[str, ...]:
    """What the plates of the doors beside it show; rooms behind the same door say nothing new."""
    shown = one.text(Profile.PLATE)
    near = [
        other.address.text(Profile.PLATE)
        for other in found.doors
        if other.distance_m <= NEIGHBOUR_M and other.address.parts.number is not None
    ]
    return tuple(dict.fromkeys(text for text in near if text != shown))[:2]
