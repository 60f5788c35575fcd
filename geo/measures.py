"""Lengths, distances and compactness on the ellipsoid."""

import math

import shapely
from pyproj import Geod
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.area import area_m2

_CGCS2000 = Geod(a=6378137.0, rf=298.257222101)


def length_m(lines: BaseGeometry) -> float:
    """Length of lines on the ellipsoid, in metres; points in a collection count nothing.

    Args:
        lines: (longitude, latitude) in degrees, CGCS2000 (EPSG:4490).
    """
    parts = getattr(lines, "geoms", [lines])
    return sum(
        _line_m(part) for part in parts if isinstance(part, LineString) and not part.is_empty
    )


def perimeter_m(territory: Polygon | MultiPolygon) -> float:
    """Length of all rings of a territory, holes included, in metres; EPSG:4490, degrees."""
    parts = territory.geoms if isinstance(territory, MultiPolygon) else (territory,)
    return sum(_line_m(ring) for part in parts for ring in (part.exterior, *part.interiors))


def compactness(territory: Polygon | MultiPolygon) -> float:
    """Polsby-Popper: 1 for a disc, towards 0 for what is long, frayed or scattered.

    Args:
        territory: (longitude, latitude) in degrees, CGCS2000 (EPSG:4490).

    Source: Polsby and Popper 1991, "The Third Criterion", Yale Law & Policy Review 9(2).
    """
    around = perimeter_m(territory)
    return 4 * math.pi * area_m2(territory) / around**2 if around else 0.0


def distance_m(one: Point, other: Point) -> float:
    """The geodesic between two points, in metres; EPSG:4490, degrees."""
    _there, _back, metres = _CGCS2000.inv(one.x, one.y, other.x, other.y)
    return float(metres)


def away_m(spot: BaseGeometry, lines: BaseGeometry) -> float:
    """How far a spot lies from the nearest point of lines, in metres; EPSG:4490, degrees."""
    return length_m(shapely.shortest_line(spot, lines))


def seen_from(spot: Point, bearing_deg: float, away_m: float) -> Point:
    """Where something stands that is seen from a spot; EPSG:4490, degrees.

    Args:
        bearing_deg: clockwise from north.
        away_m: along the geodesic, in metres.
    """
    longitude, latitude, _back = _CGCS2000.fwd(spot.x, spot.y, bearing_deg, away_m)
    return Point(longitude, latitude)


def _line_m(line: LineString) -> float:
    longitudes, latitudes = zip(*((point[0], point[1]) for point in line.coords), strict=True)
    return float(_CGCS2000.line_length(longitudes, latitudes))
