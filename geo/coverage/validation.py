"""Checking a coverage: every defect above the tolerance, with its place and size.

GEOS's coverage check tells in one pass which pieces have an edge that is not shared exactly; only
around these is anything overlaid, so that a sound coverage costs little more than reading it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import areal, edge_of, ground_m2, polygons_of, roughly_m2, sound, width_m
from geo.coverage.model import (
    PARENT,
    Coverage,
    Defect,
    DefectKind,
    Tolerance,
    metres_to_degrees,
)
from geo.coverage.rings import defects_of_piece
from geo.coverage.sharing import lacking
from geo.measures import length_m

Progress = Callable[[str, int, int], None]
ROUGHLY = 0.9
"""How far the quick area may lie below the exact one."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """All pieces and neighbours as they cover ground, with what GEOS finds of their edges."""

    keys: tuple[str, ...]
    areas: NDArray[np.object_]
    own: int
    """The first so many are pieces, the rest neighbours."""
    flagged: NDArray[np.bool_]
    wrong_edges: NDArray[np.object_]
    tree: shapely.STRtree


def validate(
    coverage: Coverage, tolerance: Tolerance | None = None, *, progress: Progress = silent
) -> tuple[Defect, ...]:
    """Everything wrong with a coverage, by kind, then place.

    Args:
        coverage: coordinates must be finite; keys differ.
        progress: told (step, done, total).
    """
    limits = tolerance or Tolerance()
    found: list[Defect] = []
    if not coverage.pieces:
        return ()
    total = len(coverage.pieces)
    for number, piece in enumerate(coverage.pieces):
        found += defects_of_piece(piece, limits)
        if number % 1000 == 0:
            progress("pieces", number, total)
    ground = _ground(coverage, limits)
    progress("edges", 0, int(ground.flagged.sum()))
    found += _between(ground, limits)
    progress("outline", 0, 1)
    found += _uncovered(ground, coverage.parent, limits)
    if coverage.parent is not None:
        found += _outside(ground, coverage.parent, limits)
    return tuple(sorted(found, key=_order))


def _order(defect: Defect) -> tuple[str, tuple[str, ...], float, float]:
    place = defect.place
    return defect.kind, defect.keys, place.x, place.y


def _ground(coverage: Coverage, limits: Tolerance) -> _Ground:
    everything = (*coverage.pieces, *coverage.neighbours)
    areas = np.array([sound(one.territory) for one in everything], dtype=object)
    # With a width: a vertex that rounding puts a hair beside the neighbour's edge leaves a gap.
    wrong = np.atleast_1d(
        shapely.coverage_invalid_edges(areas, gap_width=metres_to_degrees(limits.vertex_m))
    )
    # An exact double of a piece shares every edge with it.
    flagged = ~shapely.is_empty(wrong) | _doubled(areas)
    keys = tuple(one.key for one in everything)
    return _Ground(keys, areas, len(coverage.pieces), flagged, wrong, shapely.STRtree(areas))


def _doubled(areas: NDArray[np.object_]) -> NDArray[np.bool_]:
    places = defaultdict(list)
    for place, one in enumerate(areas):
        places[(one.bounds, round(one.area, 15))].append(place)
    doubled = np.zeros(len(areas), dtype=bool)
    for found in places.values():
        if len(found) > 1:
            doubled[found] = True
    return doubled


def _between(ground: _Ground, limits: Tolerance) -> Iterator[Defect]:
    """Overlaps and missing vertices between neighbours, one of them flagged."""
    suspects = np.flatnonzero(ground.flagged)
    if not len(suspects):
        return
    mine, theirs = ground.tree.query(ground.areas[suspects], predicate="intersects")
    pairs = {
        (min(one, other), max(one, other))
        for one, other in zip(suspects[mine].tolist(), theirs.tolist(), strict=True)
        if one != other and min(one, other) < ground.own
    }
    ordered = sorted(pairs)
    if not ordered:
        return
    left, right = np.array(ordered).T
    shared = shapely.intersection(ground.areas[left], ground.areas[right])
    for (one, other), overlap in zip(ordered, shared, strict=True):
        yield from _overlaps(ground, (one, other), overlap, limits)
    reach = metres_to_degrees(limits.vertex_m)
    edges = {place: edge_of(ground.areas[place]) for place in {*left.tolist(), *right.tolist()}}
    corners = {place: shapely.get_coordinates(ground.areas[place]) for place in edges}
    own = {place: MultiPoint(points) for place, points in corners.items()}
    for geometry in (*edges.values(), *own.values()):
        shapely.prepare(geometry)
    for pair in ordered:
        for one, other in (pair, pair[::-1]):
            wrong = ground.wrong_edges[one]
            edge = edges[one] if wrong.is_empty else wrong
            missing = lacking(edge, own[one], corners[other], reach)
            if len(missing):
                yield _missing(ground, one, other, missing)


def _missing(ground: _Ground, one: int, other: int, points: NDArray[np.float64]) -> Defect:
    spots = MultiPoint(np.unique(points, axis=0))
    count = len(spots.geoms)
    keys = (ground.keys[one], ground.keys[other])
    return Defect(
        DefectKind.MISSING_VERTEX, keys, spots, float(count), "vertices", 0.0
    )  # fmt: skip


def _overlaps(
    ground: _Ground, pair: tuple[int, int], overlap: BaseGeometry, limits: Tolerance
) -> Iterator[Defect]:
    keys = tuple(sorted(ground.keys[place] for place in pair))
    outer = max(pair) >= ground.own
    for part in polygons_of(overlap):
        size = _size(part, limits)
        if size is None:
            continue
        kind = DefectKind.NEIGHBOUR_MISMATCH if outer else DefectKind.OVERLAP
        if not outer and width_m(part) < limits.width_m:
            kind = DefectKind.SLIVER
        yield Defect(kind, keys, part, size, "m2", limits.area_m2, "overlap")


def _uncovered(ground: _Ground, parent: BaseGeometry | None, limits: Tolerance) -> Iterator[Defect]:
    own = _joined(ground, ground.own)
    whole = _filled(own) if parent is None else sound(parent)
    rim = None if parent is None else edge_of(whole)
    for part in polygons_of(shapely.difference(whole, own)):
        size = _size(part, limits)
        if size is not None:
            yield _gap(ground, part, size, rim, limits)
    if len(ground.areas) > ground.own:
        yield from _open_edges(ground, whole, limits)


def _gap(
    ground: _Ground, part: Polygon, size: float, rim: BaseGeometry | None, limits: Tolerance
) -> Defect:
    keys = _bordering(ground, part, ground.own, limits)
    kind = DefectKind.SLIVER if width_m(part) < limits.width_m else DefectKind.GAP
    if rim is not None and _runs_along(part, rim, limits):
        kind, keys = DefectKind.OUTLINE_MISMATCH, (*keys, PARENT)
    return Defect(kind, keys, part, size, "m2", limits.area_m2, "gap")


def _open_edges(ground: _Ground, whole: BaseGeometry, limits: Tolerance) -> Iterator[Defect]:
    """Narrow land between the pieces and neighbours under other parents."""
    everything = _joined(ground, len(ground.areas))
    for part in polygons_of(shapely.difference(_filled(everything), everything)):
        size = _size(part, limits)
        if size is None or width_m(part) >= limits.snap_m or whole.covers(part.centroid):
            continue
        keys = _bordering(ground, part, len(ground.areas), limits)
        if any(key in ground.keys[: ground.own] for key in keys):
            yield Defect(
                DefectKind.NEIGHBOUR_MISMATCH, keys, part, size, "m2", limits.area_m2, "gap"
            )  # fmt: skip


def _outside(ground: _Ground, parent: BaseGeometry, limits: Tolerance) -> Iterator[Defect]:
    whole = sound(parent)
    shapely.prepare(whole)
    beyond = np.flatnonzero(~shapely.covers(whole, ground.areas[: ground.own]))
    for place in beyond.tolist():
        rest = shapely.difference(ground.areas[place], whole)
        for part in polygons_of(rest):
            size = _size(part, limits)
            if size is not None:
                keys = (ground.keys[place], PARENT)
                yield Defect(
                    DefectKind.OUTSIDE_PARENT, keys, part, size, "m2", limits.area_m2
                )  # fmt: skip


def _joined(ground: _Ground, first: int) -> BaseGeometry:
    """The union of the first so many; what shares its edges exactly is joined quickly."""
    flagged = ground.flagged[:first]
    exact = list(ground.areas[:first][~flagged])
    rest = list(ground.areas[:first][flagged])
    try:
        start = shapely.coverage_union_all(exact)
    except shapely.GEOSException:
        # Edges that cross by less than GEOS's check tells apart.
        start = shapely.union_all(exact)
    return shapely.union_all([start, *rest]) if rest else start


def _filled(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.union_all([Polygon(part.exterior) for part in polygons_of(geometry)])


def _bordering(ground: _Ground, part: Polygon, first: int, limits: Tolerance) -> tuple[str, ...]:
    """Keys of what shares an edge with a gap, the longest edge first."""
    reach = metres_to_degrees(limits.vertex_m)
    near = ground.tree.query(part.buffer(reach))
    lengths: list[tuple[float, str]] = []
    for place in near.tolist():
        if place < first:
            along = part.exterior.intersection(ground.areas[place].buffer(reach))
            along_m = length_m(along)
            if along_m > 10 * limits.vertex_m:
                lengths.append((-along_m, ground.keys[place]))
    return tuple(key for _length, key in sorted(lengths))


def _runs_along(part: Polygon, rim: BaseGeometry, limits: Tolerance) -> bool:
    reach = metres_to_degrees(limits.vertex_m)
    near = shapely.clip_by_rect(rim, *part.buffer(10 * reach).bounds)
    along = part.exterior.intersection(near.buffer(reach))
    return length_m(along) > 10 * limits.vertex_m


def _size(part: Polygon, limits: Tolerance) -> float | None:
    """Square metres of what is large enough to be a defect."""
    if roughly_m2(part) < ROUGHLY * limits.area_m2:
        return None
    size = ground_m2(part)
    return size if size >= limits.area_m2 else None


def joined(territories: Sequence[BaseGeometry]) -> MultiPolygon:
    """The union of territories."""
    return areal(shapely.union_all(list(territories)))
