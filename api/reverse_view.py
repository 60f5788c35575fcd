"""What a point is answered with: where it lies, the doors around it, the road and its crossing."""

from typing import Literal
from uuid import UUID

import msgspec

from api.address_view import AddressView, DivisionView, PositionView, division_of, placed
from api.coordinates import Crs, given_out, taken_in
from data.sea import SOURCE, is_sea
from geo.geocode.side import Side
from registry.search.nearby import NearCrossing, NearDoor, NearRoad, Surroundings

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


def reverse_view(point: tuple[float, float], crs: Crs, found: Surroundings) -> ReverseView:
    """The public shape of what lies around a point (degrees, in `crs`)."""
    where, where_from = _where(point, crs, found)
    return ReverseView(
        crs,
        PointView(*point),
        where,
        where_from,
        tuple(map(division_of, found.chain)),
        tuple(_near(one, crs) for one in found.doors),
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


def _near(near: NearDoor, crs: Crs) -> NearView:
    one = placed(near.address)
    where = shifted(one.position, crs)
    return NearView(one.address, where, one.divisions, round(near.distance_m, 1), near.side)


def _road(road: NearRoad | None) -> RoadView | None:
    if road is None:
        return None
    return RoadView(road.named_place_id, road.name, round(road.distance_m, 1))


def _crossing(crossing: NearCrossing | None, crs: Crs) -> CrossingView | None:
    if crossing is None:
        return None
    lon, lat = given_out(crossing.lon, crossing.lat, crs)
    return CrossingView(crossing.roads, lon, lat, round(crossing.distance_m, 1))
