"""Shared edges: where a neighbour has a vertex that a piece lacks, and putting it in."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import areal, edge_of, polygons_of
from geo.coverage.model import metres_to_degrees

Points = NDArray[np.float64]
"""(n, 2) longitude and latitude in degrees."""


def spots_of(corners: Points) -> NDArray[np.object_]:
    """Coordinates as points."""
    return np.asarray(shapely.points(corners), dtype=object)


def lacking(edge: BaseGeometry, own: BaseGeometry, others: Points, reach_deg: float) -> Points:
    """Vertices of a neighbour that lie on an edge, but at none of its own vertices.

    Args:
        own: the piece's vertices as a MultiPoint.
    """
    if not len(others) or edge.is_empty:
        return np.empty((0, 2))
    west, south, east, north = edge.bounds
    inside = (
        (others[:, 0] >= west - reach_deg)
        & (others[:, 0] <= east + reach_deg)
        & (others[:, 1] >= south - reach_deg)
        & (others[:, 1] <= north + reach_deg)
    )
    others = others[inside]
    spots = spots_of(others)
    on = shapely.dwithin(edge, spots, reach_deg)
    others, spots = others[on], spots[on]
    return others[~shapely.dwithin(own, spots, reach_deg)]


def aligned(
    territory: BaseGeometry, onto: Iterable[BaseGeometry], *, reach_m: float
) -> MultiPolygon:
    """A territory with vertices laid exactly onto those of others that lie within reach.

    Coordinates that went through another system come back changed in the last digits; so little is
    no difference, and an edge is digitised once.
    """
    corners = [shapely.get_coordinates(one) for one in onto]
    if not corners or not territory.is_valid:
        return areal(territory)
    return _moved_onto(areal(territory), np.vstack(corners), metres_to_degrees(reach_m))


def with_shared_vertices(
    territories: Mapping[str, BaseGeometry],
    changed: Collection[str],
    *,
    reach_m: float,
    fixed: Collection[str] = (),
) -> dict[str, MultiPolygon]:
    """Territories whose changed edges have the same vertices on both sides.

    Vertices of changed pieces that lie close to one of a neighbour's move onto it; then each side
    takes the vertices of the other that lie on its edge. Returns only what differs.

    Args:
        fixed: keys that are looked at but not altered.
    """
    reach = metres_to_degrees(reach_m)
    keys = list(territories)
    held = {key: areal(one) for key, one in territories.items()}
    tree = shapely.STRtree([held[key] for key in keys])
    pairs = [
        (key, keys[int(place)])
        for key in sorted(changed)
        for place in tree.query(held[key].buffer(reach))
        if keys[int(place)] != key
    ]
    for one, other in pairs:
        if one not in fixed:
            onto = shapely.get_coordinates(held[other])
            held[one] = _moved_onto(held[one], onto, reach)
    for one, other in [*pairs, *((b, a) for a, b in pairs)]:
        if one not in fixed:
            held[one] = _with_vertices(held[one], held[other], reach)
    return {key: one for key, one in held.items() if not one.equals_exact(areal(territories[key]))}


def without_vertices(
    territory: BaseGeometry, dropped: Iterable[tuple[float, float]]
) -> MultiPolygon:
    """A territory without some of its vertices."""
    gone = set(dropped)
    parts = []
    for part in polygons_of(territory):
        rings = [
            [point for point in ring.coords[:-1] if (point[0], point[1]) not in gone]
            for ring in (part.exterior, *part.interiors)
        ]
        if len(rings[0]) > 2:
            parts.append(Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > 2]))
    return MultiPolygon(parts)


def _moved_onto(territory: MultiPolygon, onto: Points, reach: float) -> MultiPolygon:
    """Vertices within reach of others, but not on them, moved there."""
    tree = shapely.STRtree(spots_of(onto))

    def moved(own: Points) -> Points:
        found = own.copy()
        mine, theirs = tree.query(spots_of(own), predicate="dwithin", distance=reach)
        for place, other in zip(mine, theirs, strict=True):
            found[place] = onto[other]
        return found

    result = shapely.transform(territory, moved)
    return result if result.is_valid else territory


def _with_vertices(territory: MultiPolygon, other: MultiPolygon, reach: float) -> MultiPolygon:
    own = MultiPoint(shapely.get_coordinates(territory))
    missing = lacking(edge_of(territory), own, shapely.get_coordinates(other), reach)
    if not len(missing):
        return territory
    wanted = spots_of(np.unique(missing, axis=0))
    result = MultiPolygon(
        [
            Polygon(
                _through(part.exterior.coords, wanted, reach),
                [_through(ring.coords, wanted, reach) for ring in part.interiors],
            )
            for part in territory.geoms
        ]
    )
    return result if result.is_valid else territory


def _through(
    corners: Iterable[tuple[float, ...]], wanted: NDArray[np.object_], reach: float
) -> list[tuple[float, float]]:
    """A ring with the wanted points put into the edges they lie on."""
    line = [(corner[0], corner[1]) for corner in corners]
    tree = shapely.STRtree(wanted)
    found = [line[0]]
    for start, end in pairwise(line):
        edge = LineString([start, end])
        near = tree.query(edge, predicate="dwithin", distance=reach)
        between = sorted((edge.project(wanted[place]), place) for place in near)
        found += list(_inner(between, wanted, (start, end)))
        found.append(end)
    return found


def _inner(
    between: list[tuple[float, np.intp]],
    wanted: NDArray[np.object_],
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> Iterator[tuple[float, float]]:
    for _along, place in between:
        point = (wanted[place].x, wanted[place].y)
        if point not in ends:
            yield point
