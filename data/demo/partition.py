"""An illustrative partition of real district outlines into villages: exact, repeatable, not real.

No territory below the district is published for the city. The demonstration draws one: villages
of one township side by side, roughly where the township lies, together covering each district
without a gap or an overlap. Everything made here is marked `illustrative`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

GRID_DEG = 1e-8
"""About a millimetre: every vertex lies on this grid, so that neighbours share edges exactly."""
POINTS_PER_VILLAGE = 60
FEWEST_POINTS_PER_VILLAGE = 14
MOST_BALANCING_STEPS = 400
BALANCING_STEP = 0.04

Points = NDArray[np.float64]
"""`(n, 2) float64`: east and north in metres, EPSG:4548 (CM 117°E), unless named `_deg`."""

_TO_PLANE = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)


@dataclass(frozen=True, slots=True)
class VillageGroup:
    """Villages that stay together through every act known, and where they lie roughly."""

    anchor_deg: tuple[float, float]
    villages: tuple[str, ...]
    """Codes; their order decides who lies beside whom."""


def partition(
    districts: Mapping[str, BaseGeometry], groups: Mapping[str, Sequence[VillageGroup]]
) -> dict[str, MultiPolygon]:
    """Cut districts into villages.

    Args:
        districts: outlines by code, (longitude, latitude) in degrees, EPSG:4490, forming a coverage.
        groups: the groups of each district.

    Returns:
        Territories by village code; together they are a valid coverage of the districts.
    """
    seeds = {code: _seeds(districts[code], groups[code]) for code in districts}
    lines = [outline.boundary for outline in districts.values()]
    for code, outline in districts.items():
        lines.append(_cell_edges(outline, list(seeds[code].values())))
    noded = shapely.union_all(lines, grid_size=GRID_DEG)
    faces = [face for face in shapely.get_parts(shapely.polygonize([noded])) if face.area > 0]
    owners = [_owner(face, districts, seeds) for face in faces]
    found: dict[str, list[Polygon]] = {}
    for face, owner in zip(faces, owners, strict=True):
        if owner is not None:
            found.setdefault(owner, []).append(face)
    return {village: joined(parts) for village, parts in found.items()}


def joined(parts: Sequence[BaseGeometry]) -> MultiPolygon:
    """Areas that share their edges vertex by vertex, as one; the shared edges vanish exactly."""
    whole = shapely.coverage_union_all(shapely.get_parts(parts))
    return MultiPolygon([part for part in shapely.get_parts(whole) if isinstance(part, Polygon)])


def _owner(
    face: Polygon,
    districts: Mapping[str, BaseGeometry],
    seeds: Mapping[str, Mapping[str, tuple[float, float]]],
) -> str | None:
    """The village a face belongs to; None for water enclosed by land and for what lies outside."""
    inside = face.representative_point()
    for code, outline in districts.items():
        if outline.contains(inside):
            villages = list(seeds[code])
            distances = np.hypot(*(np.array(list(seeds[code].values())) - (inside.x, inside.y)).T)
            return villages[int(distances.argmin())]
    return None


def _cell_edges(outline: BaseGeometry, seeds_deg: Sequence[tuple[float, float]]) -> BaseGeometry:
    """Lines half-way between neighbouring seeds, reaching a little beyond the outline."""
    if len(seeds_deg) == 1:
        return shapely.LineString()
    reach = outline.envelope.buffer(0.05)
    edges = shapely.voronoi_polygons(
        shapely.MultiPoint(list(seeds_deg)), extend_to=reach, only_edges=True
    )
    # A little beyond, so that every edge crosses the outline and none ends just before it.
    return shapely.intersection(edges, outline.buffer(0.0005))


def _seeds(outline: BaseGeometry, groups: Sequence[VillageGroup]) -> dict[str, tuple[float, float]]:
    """One point in degrees for each village: apart from each other, group by group."""
    total = sum(len(group.villages) for group in groups)
    points_deg = _sample(outline, POINTS_PER_VILLAGE * total)
    points = _to_plane(points_deg)
    anchors = _to_plane(np.array([group.anchor_deg for group in groups]))
    sizes = np.array([len(group.villages) for group in groups])
    member_of = _balanced(points, anchors, sizes)
    found: dict[str, tuple[float, float]] = {}
    for number, group in enumerate(groups):
        own = np.flatnonzero(member_of == number)
        for village, part in zip(
            group.villages, _bisected(points, own, len(group.villages)), strict=True
        ):
            middle = points[part].mean(axis=0)
            nearest = part[np.hypot(*(points[part] - middle).T).argmin()]
            found[village] = (
                float(points_deg[nearest, 0]),
                float(points_deg[nearest, 1]),
            )
    return found


def _sample(outline: BaseGeometry, wanted: int) -> Points:
    """About so many points of a regular lattice inside an outline, in degrees."""
    west, south, east, north = outline.bounds
    spacing = float(np.sqrt(outline.area / wanted))
    longitudes = np.arange(west, east, spacing)
    latitudes = np.arange(south, north, spacing)
    lattice = np.stack(np.meshgrid(longitudes, latitudes), axis=-1).reshape(-1, 2)
    shapely.prepare(outline)
    inside: NDArray[np.bool_] = shapely.contains_xy(outline, lattice[:, 0], lattice[:, 1])
    return lattice[inside]


def _to_plane(points_deg: Points) -> Points:
    east_m, north_m = _TO_PLANE.transform(points_deg[:, 0], points_deg[:, 1])
    return np.column_stack((east_m, north_m))


def _balanced(points: Points, anchors: Points, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give every point to the nearest anchor, drawing anchors nearer that would get too little.

    Returns:
        `(n,) int64`: index of the anchor of each point.
    """
    squared = ((points[:, None, :] - anchors[None, :, :]) ** 2).sum(axis=2)
    weights = np.zeros(len(anchors))
    scale = float(np.median(squared.min(axis=1)))
    needed = np.minimum(sizes * FEWEST_POINTS_PER_VILLAGE, len(points) * sizes // sizes.sum())
    nearest: NDArray[np.int64] = squared.argmin(axis=1).astype(np.int64)
    for _step in range(MOST_BALANCING_STEPS):
        held = np.bincount(nearest, minlength=len(anchors))
        poor = held < needed
        if not poor.any():
            break
        weights[poor] += BALANCING_STEP * scale
        nearest = (squared - weights).argmin(axis=1).astype(np.int64)
    return _topped_up(nearest, squared, sizes)


def _topped_up(
    nearest: NDArray[np.int64], squared: Points, sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give anchors that still have fewer points than villages the nearest ones others can spare."""
    owner = nearest.copy()
    for poor in range(len(sizes)):
        for point in np.argsort(squared[:, poor], kind="stable"):
            held = np.bincount(owner, minlength=len(sizes))
            if held[poor] >= sizes[poor]:
                break
            if held[owner[point]] > sizes[owner[point]]:
                owner[point] = poor
    return owner


def _bisected(points: Points, members: NDArray[np.int64], parts: int) -> list[NDArray[np.int64]]:
    """Cut a set of points into equal parts, across its longer side each time."""
    if parts == 1:
        return [members]
    extent = np.ptp(points[members], axis=0)
    along = members[np.argsort(points[members, int(extent.argmax())], kind="stable")]
    first = parts // 2
    cut = max(first, round(len(along) * first / parts))
    cut = min(cut, len(along) - (parts - first))
    return [
        *_bisected(points, along[:cut], first),
        *_bisected(points, along[cut:], parts - first),
    ]
