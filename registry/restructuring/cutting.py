"""Cutting a territory: by a drawn line, or by an uploaded territory. Pure geometry, EPSG:4490.

Pieces are cut out of the territory's own ring and share the cut exactly, so that together they
cover what they were cut from: no gap, no overlap.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.area import area_m2
from registry.errors import GeometryIsInvalid
from registry.restructuring.refusals import LineDoesNotCut

Side = Literal["left", "right"]
ASIDE = 1e-9
"""Degrees, a tenth of a millimetre: a rim that close to a line runs along it."""


def read_line(geojson: Mapping[str, Any]) -> LineString:
    """A GeoJSON LineString.

    Raises:
        GeometryIsInvalid: not a line, not finite, out of range, or crossing itself.
    """
    try:
        line = shape(dict(geojson))
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        shapely.GEOSException,
    ) as e:
        raise GeometryIsInvalid(f"not a GeoJSON geometry ({e})") from e
    if not isinstance(line, LineString) or line.is_empty:
        raise GeometryIsInvalid(f"a {line.geom_type} is not a line")
    if not all(map(math.isfinite, line.bounds)):
        raise GeometryIsInvalid("a coordinate is not a number")
    west, south, east, north = line.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise GeometryIsInvalid("coordinates must be longitude and latitude in degrees")
    if not line.is_simple:
        raise GeometryIsInvalid("the line crosses itself")
    return line


def sides_of(territory: MultiPolygon, line: LineString, what: str) -> dict[Side, MultiPolygon]:
    """The two sides of a territory that a line cuts through, left and right as one walks along it.

    Parts the line does not touch (islands) lie on the side of the line's nearest point.

    Raises:
        LineDoesNotCut: it does not run from edge to edge.
    """
    pieces = [piece for part in territory.geoms for piece in _cut(part, line)]
    if len(pieces) == len(territory.geoms):
        raise LineDoesNotCut(what)
    sides: dict[Side, list[Polygon]] = {"left": [], "right": []}
    for piece in pieces:
        sides[_side(piece, line)].append(piece)
    if not sides["left"] or not sides["right"]:
        raise LineDoesNotCut(what)
    return {side: areal(shapely.union_all(found)) for side, found in sides.items()}


def areal(geometry: BaseGeometry) -> MultiPolygon:
    """The areas of a geometry; points and lines where areas only touch are dropped."""
    parts = shapely.get_parts(geometry)
    if any(part.geom_type == "GeometryCollection" for part in parts):
        parts = shapely.get_parts(parts)
    return MultiPolygon([part for part in parts if isinstance(part, Polygon)])


def without(territory: MultiPolygon, other: BaseGeometry) -> MultiPolygon:
    """What is left of a territory."""
    return areal(territory.difference(other))


def size_m2(geometry: MultiPolygon) -> float:
    """Square metres on the ellipsoid; an empty geometry has none, a hair's width is repaired."""
    if geometry.is_empty:
        return 0.0
    return area_m2(geometry if geometry.is_valid else areal(shapely.make_valid(geometry)))


def dividing_lines(pieces: list[MultiPolygon], whole: MultiPolygon) -> BaseGeometry:
    """The lines inside a territory along which its pieces meet."""
    rim = whole.boundary
    inner = [piece.boundary.difference(rim) for piece in pieces]
    found = shapely.union_all([one for one in inner if not one.is_empty])
    return found if isinstance(found, BaseGeometry) else MultiLineString()


def _cut(polygon: Polygon, line: LineString) -> list[Polygon]:
    if not line.intersects(polygon):
        return [polygon]
    noded = shapely.union_all([polygon.boundary, line])
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(noded)]))
    inside = [face for face in faces if polygon.contains(face.representative_point())]
    return inside or [polygon]


def _side(piece: Polygon, line: LineString) -> Side:
    """A piece whose rim, counter-clockwise, runs along the line lies left of it."""
    rim = shapely.get_coordinates(orient(piece).exterior)
    starts, ends = rim[:-1], rim[1:]
    middles = shapely.points((starts + ends) / 2)
    on_line = shapely.dwithin(line, middles, ASIDE) & shapely.dwithin(
        line, shapely.points(starts), ASIDE
    )
    on_line &= shapely.dwithin(line, shapely.points(ends), ASIDE)
    lengths = np.where(on_line, np.hypot(*(ends - starts).T), 0.0)
    longest = int(lengths.argmax())
    if lengths[longest] <= ASIDE:
        return _side_of_point(piece, line)
    along = [line.project(shapely.Point(place)) for place in (starts[longest], ends[longest])]
    return "left" if along[1] > along[0] else "right"


def _side_of_point(piece: Polygon, line: LineString) -> Side:
    point = piece.representative_point()
    along = line.project(point)
    start = line.interpolate(max(along - line.length / 1000, 0.0))
    end = line.interpolate(min(along + line.length / 1000, line.length))
    turn = (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)
    return "left" if turn > 0 else "right"
