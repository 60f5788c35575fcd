"""Random coverages whose edges wander, and defects put into them on purpose."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon

from geo.coverage.model import Coverage, DefectKind, Piece

STEP_DEG = 0.01
"""About a kilometre."""
WANDER = 0.06
"""How far edges stray, in steps."""
Points = NDArray[np.float64]


def patchwork(columns: int, rows: int, *, bends: int, seed: int) -> Coverage:
    """A grid of pieces with crooked corners and edges of `bends` vertices, and its parent."""
    random = np.random.default_rng(seed)
    corners = np.stack(
        np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), axis=-1
    ).astype(float)
    corners += random.uniform(-0.15, 0.15, corners.shape)
    corners = np.array([118.0, 24.0]) + corners * STEP_DEG
    across = _edges(corners[:-1], corners[1:], bends, random)
    along = _edges(corners[:, :-1], corners[:, 1:], bends, random)
    pieces = tuple(
        Piece(f"{column},{row}", _ring(across, along, column, row), None)
        for column in range(columns)
        for row in range(rows)
    )
    whole = shapely.coverage_union_all([one.territory for one in pieces])
    return Coverage(
        tuple(
            Piece(one.key, one.territory, one.territory.representative_point()) for one in pieces
        ),
        whole,
    )


def _edges(starts: Points, ends: Points, bends: int, random: np.random.Generator) -> Points:
    """(columns, rows, bends + 2, 2): lines that stray aside from a straight one."""
    parts = np.linspace(0, 1, bends + 2)[:, None]
    straight = starts[..., None, :] * (1 - parts) + ends[..., None, :] * parts
    run = ends - starts
    aside = np.stack([-run[..., 1], run[..., 0]], axis=-1)[..., None, :]
    stray = random.uniform(-WANDER, WANDER, (*starts.shape[:-1], bends + 2, 1))
    # Towards the corners less, so that edges meet there at open angles.
    stray *= 4 * parts * (1 - parts)
    return straight + aside * stray


def _ring(across: Points, along: Points, column: int, row: int) -> Polygon:
    return Polygon(
        np.vstack(
            [
                across[column, row][:-1],
                along[column + 1, row][:-1],
                across[column, row + 1][::-1][:-1],
                along[column, row][::-1][:-1],
            ]
        )
    )


@dataclass(frozen=True)
class Injected:
    """A defect put in: the coverage with it, and what must be found."""

    coverage: Coverage
    kinds: frozenset[DefectKind]
    """One of these, at least."""
    key: str
    place: Point


Inject = Callable[[Coverage, int, float], Injected]
"""Coverage, which piece, how large in metres."""


def moved_vertex(coverage: Coverage, which: int, metres: float) -> Injected:
    """One vertex of one piece stands elsewhere than the neighbour's: a gap, or an overlap."""
    piece = coverage.pieces[which]
    ring = shapely.get_coordinates(piece.territory)[:-1]
    turn = 1 + which % (len(ring) - 2)
    before, spot, after = ring[turn - 1], ring[turn], ring[(turn + 1) % len(ring)]
    run = after - before
    aside = np.array([-run[1], run[0]]) / math.hypot(*run) * metres / 111_320
    ring[turn] = spot + aside
    return _with(
        coverage,
        which,
        Polygon(ring),
        Point(spot),
        {
            DefectKind.GAP,
            DefectKind.OVERLAP,
            DefectKind.SLIVER,
            DefectKind.OUTLINE_MISMATCH,
            DefectKind.OUTSIDE_PARENT,
        },
    )


def shifted(coverage: Coverage, which: int, metres: float) -> Injected:
    """A whole piece lies aside of where it belongs."""
    piece = coverage.pieces[which]
    moved = shapely.transform(piece.territory, lambda at: at + np.array([metres / 100_000, 0.0]))
    kinds = {DefectKind.GAP, DefectKind.SLIVER, DefectKind.OUTLINE_MISMATCH}
    return _with(coverage, which, moved, piece.territory.centroid, kinds)


def needle(coverage: Coverage, which: int, metres: float) -> Injected:
    """A vertex juts inwards, on a base of a few millimetres."""
    piece = coverage.pieces[which]
    ring = shapely.get_coordinates(piece.territory)[:-1]
    inward = np.array(piece.territory.representative_point().coords[0]) - ring[1]
    tip = ring[1] + inward / math.hypot(*inward) * (metres + 3) / 111_320
    base = ring[1] + (ring[2] - ring[1]) * 1e-5
    spiked = Polygon(np.vstack([ring[:2], tip, base, ring[2:]]))
    return _with(coverage, which, spiked, Point(tip), {DefectKind.SPIKE})


def tail(coverage: Coverage, which: int, metres: float) -> Injected:
    """A ring goes out and comes back the same way."""
    piece = coverage.pieces[which]
    ring = shapely.get_coordinates(piece.territory)[:-1]
    outward = ring[0] - np.array(piece.territory.centroid.coords[0])
    end = ring[0] + outward / math.hypot(*outward) * metres / 111_320
    tailed = Polygon(np.vstack([ring[0], end, ring]))
    return _with(coverage, which, tailed, Point(ring[0]), {DefectKind.DANGLING})


def crossed(coverage: Coverage, which: int, metres: float) -> Injected:
    """Two vertices in the wrong order."""
    piece = coverage.pieces[which]
    ring = shapely.get_coordinates(piece.territory)[:-1]
    # Swapping opposite corners of a square only turns it over.
    half = len(ring) // 2 if len(ring) > 4 else 1
    ring[[0, half]] = ring[[half, 0]]
    return _with(
        coverage, which, Polygon(ring), piece.territory.centroid, {DefectKind.SELF_CROSSING}
    )


def lost_vertex(coverage: Coverage, which: int, metres: float) -> Injected:
    """One piece has a vertex in the middle of a straight edge, its neighbour has not."""
    piece = coverage.pieces[which]
    ring = shapely.get_coordinates(piece.territory)[:-1]
    # The edge to the east, which every piece but the last column shares.
    turn = len(ring) // 4
    middle = (ring[turn] + ring[turn + 1]) / 2
    more = Polygon(np.vstack([ring[: turn + 1], middle, ring[turn + 1 :]]))
    return _with(coverage, which, more, Point(middle), {DefectKind.MISSING_VERTEX})


def misplaced_seat(coverage: Coverage, which: int, metres: float) -> Injected:
    """The seat lies in another piece."""
    piece = coverage.pieces[which]
    other = coverage.pieces[(which + 1) % len(coverage.pieces)]
    pieces = list(coverage.pieces)
    pieces[which] = Piece(piece.key, piece.territory, other.seat)
    assert other.seat is not None
    return Injected(
        Coverage(tuple(pieces), coverage.parent),
        frozenset({DefectKind.SEAT_OUTSIDE}),
        piece.key,
        other.seat,
    )


def _with(
    coverage: Coverage, which: int, territory: Polygon, place: Point, kinds: set[DefectKind]
) -> Injected:
    pieces = list(coverage.pieces)
    pieces[which] = Piece(pieces[which].key, territory)
    changed = Coverage(tuple(pieces), coverage.parent)
    return Injected(changed, frozenset(kinds), pieces[which].key, place)
