"""Web Mercator tiles of a coverage: neighbours share their edges at every zoom, before and after.

Territories are simplified together, so that a shared edge is simplified once; then every vertex is
put on the grid of the zoom. Two territories that shared an edge still do, vertex by vertex, in every
tile that shows it.

Coordinates go in as (longitude, latitude) in degrees, EPSG:4490, taken for WGS 84 as web maps do;
grid units are 1/4096 of a tile's side, x to the east, y to the south, from the north-west corner of
the world.

Source: OGC 17-083r4 (WebMercatorQuad); Mapbox Vector Tile specification 2.1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

EXTENT = 4096
BUFFER = 64
"""Units of the surroundings that a tile repeats, so that outlines do not end at its edge."""
LAST_LATITUDE = 85.0511287798066
TOLERANCE = 6.0
"""Side of the square, in units, whose area of detail is left out: half a pixel of a 512 px tile."""
Geometries = NDArray[Any]


def onto_world(geometries: Geometries, zoom: int) -> Geometries:
    """Degrees to units of a zoom."""
    size = float(EXTENT * 2**zoom)

    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        latitude = np.radians(np.clip(points[:, 1], -LAST_LATITUDE, LAST_LATITUDE))
        x = (points[:, 0] + 180.0) / 360.0
        y = 0.5 - np.log(np.tan(np.pi / 4 + latitude / 2)) / (2 * np.pi)
        return np.column_stack((x * size, y * size))

    found: Geometries = shapely.transform(shapely.force_2d(geometries), turn)
    return found


def tile_bounds(
    zoom: int, x: int, y: int, *, margin: float = 0.0
) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees, with a margin in units."""
    size = float(EXTENT * 2**zoom)
    west, east = (x * EXTENT - margin) / size, ((x + 1) * EXTENT + margin) / size
    north, south = (y * EXTENT - margin) / size, ((y + 1) * EXTENT + margin) / size
    return (
        max(west * 360.0 - 180.0, -180.0),
        _latitude(south),
        min(east * 360.0 - 180.0, 180.0),
        _latitude(north),
    )


def tile_at(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a point."""
    (point,) = onto_world(np.array([shapely.Point(longitude, latitude)]), zoom)
    last = 2**zoom - 1
    x, y = int(point.x // EXTENT), int(point.y // EXTENT)
    return min(max(x, 0), last), min(max(y, 0), last)


def simplified(coverage: Geometries, tolerance: float = TOLERANCE) -> Geometries:
    """A coverage with less detail whose members still share their edges; in units."""
    found: Geometries = shapely.coverage_simplify(coverage, tolerance)
    return found


def in_tile(geometry: BaseGeometry, x: int, y: int) -> MultiPolygon | None:
    """What a tile shows of a territory, on its grid; None: nothing is left of it.

    Outer rings run so that their area is positive with y downwards, as the format wants it.
    """
    west, north = x * EXTENT, y * EXTENT
    reach = shapely.box(
        west - BUFFER, north - BUFFER, west + EXTENT + BUFFER, north + EXTENT + BUFFER
    )
    cut = geometry if reach.contains_properly(geometry) else shapely.intersection(geometry, reach)
    moved = shapely.transform(cut, lambda points: np.rint(points - (west, north)))
    parts = [
        part
        for each in shapely.get_parts(shapely.get_parts(moved))
        if isinstance(each, Polygon) and (part := _on_grid(each)) is not None
    ]
    return MultiPolygon(parts) if parts else None


def shared_edges(
    territories: Sequence[BaseGeometry],
) -> list[tuple[int, int, BaseGeometry]]:
    """The line each two members of a coverage share: their places and the merged line."""
    starts, ends, owners = _segments(territories)
    if not len(owners):
        return []
    swap = (starts[:, 0] > ends[:, 0]) | (
        (starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1])
    )
    low, high = np.where(swap[:, None], ends, starts), np.where(swap[:, None], starts, ends)
    keys = np.hstack((low, high))
    order = np.lexsort((owners, *keys.T[::-1]))
    keys, owners = keys[order], owners[order]
    twice = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1) & (owners[1:] != owners[:-1]))
    pieces: dict[tuple[int, int], list[NDArray[np.float64]]] = {}
    for place in twice:
        pair = int(owners[place]), int(owners[place + 1])
        pieces.setdefault(pair, []).append(keys[place].reshape(2, 2))
    return [(one, other, _merged(lines)) for (one, other), lines in sorted(pieces.items())]


def _merged(lines: Sequence[NDArray[np.float64]]) -> BaseGeometry:
    merged: BaseGeometry = shapely.line_merge(MultiLineString([one.tolist() for one in lines]))
    return merged


def _segments(
    territories: Sequence[BaseGeometry],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Every segment of every ring: its ends, `(n, 2) float64`, and whose it is."""
    given = np.asarray(territories, dtype=object)
    polygons, of_polygon = shapely.get_parts(given, return_index=True)
    rings, of_ring = shapely.get_rings(polygons, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return points, points, np.empty(0, dtype=np.int64)
    inside = of_point[1:] == of_point[:-1]
    owners = of_polygon[of_ring[of_point[:-1]]][inside]
    return points[:-1][inside], points[1:][inside], owners


def _on_grid(part: Polygon) -> Polygon | None:
    rings = [_ring(ring) for ring in (part.exterior, *part.interiors)]
    if rings[0] is None:
        return None
    return orient(Polygon(rings[0], [hole for hole in rings[1:] if hole is not None]), sign=1.0)


def _ring(ring: BaseGeometry) -> NDArray[np.float64] | None:
    """A ring without repeated points; None: it encloses nothing any more."""
    points: NDArray[np.float64] = shapely.get_coordinates(ring)
    if not len(points):
        return None
    kept = points[np.r_[True, (points[1:] != points[:-1]).any(axis=1)]]
    if len(kept) < 4:
        return None
    x, y = kept[:, 0], kept[:, 1]
    twice_area = float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
    return kept if twice_area else None


def _latitude(y: float) -> float:
    return float(np.degrees(2 * np.arctan(np.exp(np.pi * (1 - 2 * y))) - np.pi / 2))
