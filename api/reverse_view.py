"""What a point is answered with: where it lies, the doors around it, the road and its crossing."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, cast
from uuid import UUID

import msgspec

from api.address_view import (
    AddressView,
    DivisionView,
    PositionView,
    division_of,
    position_of,
    view_of,
)
from api.coordinates import Crs, given_out, taken_in
from api.encoding import encode
from data.sea import SOURCE, is_sea
from geo.geocode.side import Side
from registry.addresses.model import Vicinity
from registry.divisions.chain import Chain
from registry.search.nearby import NearCrossing, NearDoor, NearRoad, Surroundings

MOST_VICINITIES = 1 << 16
"""Of which the divisions are kept as they are written."""
Divisions = tuple[DivisionView, ...]
Where = Literal["territory", "sea", "outside"]


class PointView(msgspec.Struct, frozen=True):
    """The point asked about, as the client wrote it."""

    lon: float
    lat: float


class NearView(msgspec.Struct, frozen=True):
    """One address near a point."""

    address: AddressView
    position: PositionView | None
    divisions: tuple[DivisionView, ...]
    distance_m: float
    side: Side | None


class RoadView(msgspec.Struct, frozen=True):
    """The nearest thoroughfare."""

    id: UUID
    name: str
    distance_m: float


class CrossingView(msgspec.Struct, frozen=True):
    """Where it meets another."""

    roads: tuple[str, ...]
    lon: float
    lat: float
    distance_m: float


class ReverseView(msgspec.Struct, frozen=True):
    """Everything around a point."""

    crs: Crs
    """What all coordinates here are in."""
    point: PointView
    where: Where
    where_from: str
    """What says so."""
    divisions: tuple[DivisionView, ...]
    """By territories, smallest first."""
    results: tuple[NearView, ...]
    road: RoadView | None
    crossing: CrossingView | None


def encoded(point: tuple[float, float], crs: Crs, found: Surroundings) -> bytes:
    """The public shape of what lies around a point as JSON."""
    return encode(reverse_view(point, crs, found, _written_once))


def reverse_view(
    point: tuple[float, float],
    crs: Crs,
    found: Surroundings,
    shown: Callable[[Chain, Sequence[NearDoor]], Divisions] | None = None,
) -> ReverseView:
    """The public shape of what lies around a point (degrees, in `crs`).

    Args:
        shown: how a chain is shown, given doors that may lie in it.
    """
    show = shown or _plainly
    where, where_from = _where(point, crs, found)
    near = tuple(_near(one, crs, show(one.address.chain, (one,))) for one in found.doors)
    return ReverseView(
        crs,
        PointView(*point),
        where,
        where_from,
        show(found.chain, found.doors),
        near,
        _road(found.road),
        _crossing(found.crossing, crs),
    )


def _where(point: tuple[float, float], crs: Crs, found: Surroundings) -> tuple[Where, str]:
    if found.chain:
        return "territory", found.basis or ""
    if is_sea(*taken_in(*point, crs)):
        return "sea", SOURCE
    return "outside", "no territory holds it"


def shifted(position: PositionView | None, crs: Crs) -> PositionView | None:
    """A position in the system the client wants."""
    if position is None:
        return None
    lon, lat = given_out(position.lon, position.lat, crs)
    return msgspec.structs.replace(position, lon=lon, lat=lat)


def _near(near: NearDoor, crs: Crs, divisions: Divisions) -> NearView:
    address = near.address
    where = shifted(position_of(address.position), crs)
    return NearView(view_of(address), where, divisions, round(near.distance_m, 1), near.side)


def _plainly(chain: Chain, _doors: Sequence[NearDoor]) -> Divisions:
    return tuple(map(division_of, chain))


def _written_once(chain: Chain, doors: Sequence[NearDoor]) -> Divisions:
    """A chain; where it is that of a vicinity, written out once for all its doors."""
    for near in doors:
        vicinity = near.address.vicinity
        if vicinity is not None and vicinity.chain is chain:
            # Raw stands for what it says, and is written as it is.
            return cast(Divisions, _written(vicinity))
    return _plainly(chain, doors)


@lru_cache(maxsize=MOST_VICINITIES)
def _written(vicinity: Vicinity) -> msgspec.Raw:
    return msgspec.Raw(encode(tuple(map(division_of, vicinity.chain))))


def _road(road: NearRoad | None) -> RoadView | None:
    if road is None:
        return None
    return RoadView(road.named_place_id, road.name, round(road.distance_m, 1))


def _crossing(crossing: NearCrossing | None, crs: Crs) -> CrossingView | None:
    if crossing is None:
        return None
    lon, lat = given_out(crossing.lon, crossing.lat, crs)
    return CrossingView(crossing.roads, lon, lat, round(crossing.distance_m, 1))
