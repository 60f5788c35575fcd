"""What can be wrong with one piece alone: its rings, its spikes, its parts, its seat."""

import re
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from geo.area import area_m2
from geo.coverage.areas import ground_m2, polygons_of, rings_of, roughly_m2, sound, width_m
from geo.coverage.model import Defect, DefectKind, Piece, Tolerance, metres_to_degrees, scale_at
from geo.measures import distance_m, length_m

_AT = re.compile(r"^(?P<what>[^\[]+)\[(?P<lon>\S+) (?P<lat>\S+)\]")
FLAT = 1e-18
"""Square degrees (0.01 mm²): less area than rounding makes."""


def defects_of_piece(piece: Piece, tolerance: Tolerance) -> Iterator[Defect]:
    """What is wrong with a piece whoever its neighbours are."""
    if piece.territory.is_valid:
        yield from _spikes(piece, tolerance)
    else:
        yield from _disordered(piece, tolerance)
    yield from _thin_parts(piece, tolerance)
    yield from _seat(piece, tolerance)


def tails_of(territory: BaseGeometry) -> MultiLineString:
    """The stretches where rings go out and come back along themselves."""
    made = shapely.make_valid(territory)
    parts = shapely.get_parts(shapely.get_parts(made))
    return MultiLineString([one for one in parts if isinstance(one, LineString)])


def _disordered(piece: Piece, tolerance: Tolerance) -> Iterator[Defect]:
    tails = tails_of(piece.territory)
    tail_m = length_m(tails)
    if tail_m >= tolerance.vertex_m:
        yield Defect(
            DefectKind.DANGLING, (piece.key,), tails, tail_m, "m", tolerance.vertex_m
        )  # fmt: skip
    if tail_m < tolerance.vertex_m or _crosses(piece.territory):
        reason = shapely.is_valid_reason(piece.territory)
        found = _AT.match(reason)
        where = (
            Point(float(found["lon"]), float(found["lat"]))
            if found
            else Point(shapely.get_coordinates(piece.territory)[0])
        )
        what = found["what"] if found else reason
        yield Defect(DefectKind.SELF_CROSSING, (piece.key,), where, 0.0, "m", 0.0, what)


def _crosses(territory: BaseGeometry) -> bool:
    """Whether the rings enclose other ground than they go around: a bow tie turns both ways."""
    gone_around = sum(
        shapely.Polygon(ring).area * (1 if place == 0 else -1)
        for part in shapely.get_parts(territory)
        for place, ring in enumerate(shapely.get_rings(part))
    )
    return abs(float(gone_around) - sound(territory).area) > FLAT


def _spikes(piece: Piece, tolerance: Tolerance) -> Iterator[Defect]:
    east, north = scale_at(piece.territory)
    scale = np.array([east, north])
    for ring in rings_of(piece.territory):
        corners = shapely.get_coordinates(ring)[:-1]
        for place in _needles(corners * scale, tolerance):
            before, tip, after = (corners[(place + step) % len(corners)] for step in (-1, 0, 1))
            tall_m = min(
                distance_m(Point(tip), Point(before)), distance_m(Point(tip), Point(after))
            )
            yield Defect(
                DefectKind.SPIKE,
                (piece.key,),
                LineString([before, tip, after]),
                tall_m,
                "m",
                tolerance.spike_m,
            )


def _needles(corners_m: NDArray[np.float64], tolerance: Tolerance) -> NDArray[np.intp]:
    """Places in a ring, (n, 2) metres, where it turns back on itself."""
    back = np.roll(corners_m, 1, axis=0) - corners_m
    ahead = np.roll(corners_m, -1, axis=0) - corners_m
    legs = np.hypot(*back.T), np.hypot(*ahead.T)
    turned = np.abs(np.arctan2(
        back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0], (back * ahead).sum(axis=1)
    ))  # fmt: skip
    sharp = turned < np.radians(tolerance.spike_deg)
    return np.flatnonzero(sharp & (np.minimum(*legs) >= tolerance.spike_m))


def _thin_parts(piece: Piece, tolerance: Tolerance) -> Iterator[Defect]:
    parts = list(polygons_of(sound(piece.territory)))
    if len(parts) == 1:
        return
    for part in parts:
        # A part thinner than the width is short of this much ground for its outline.
        longest_m = part.length * max(scale_at(part))
        if roughly_m2(part) > longest_m * tolerance.width_m:
            continue
        if width_m(part) < tolerance.width_m:
            yield Defect(
                DefectKind.SLIVER, (piece.key,), part, ground_m2(part), "m2", tolerance.area_m2
            )  # fmt: skip


def _seat(piece: Piece, tolerance: Tolerance) -> Iterator[Defect]:
    if piece.seat is None:
        return
    ground = sound(piece.territory)
    if shapely.dwithin(ground, piece.seat, metres_to_degrees(tolerance.vertex_m)):
        return
    nearest = shapely.get_point(shapely.shortest_line(piece.seat, ground), 1)
    away_m = distance_m(piece.seat, nearest)
    yield Defect(
        DefectKind.SEAT_OUTSIDE, (piece.key,), piece.seat, away_m, "m", tolerance.vertex_m
    )  # fmt: skip


def area_of(piece: Piece) -> float:
    """Square metres a piece covers."""
    return area_m2(sound(piece.territory))
