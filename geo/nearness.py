"""How near things lie to a point, reckoned exactly as PostGIS does, so that both agree to the last digit.

Nearest in degrees is what an index of the database finds first (`<->`), metres on the sphere are
what it then tells (`ST_DistanceSphere`): the same steps in the same order, in the same precision.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

SPHERE_M = (2 * 6_378_137.0 + 6_378_137.0 * (1 - 1 / 298.257_222_101)) / 3
"""Mean radius of the ellipsoid of CGCS2000."""
NANOMETRES = 1e8
"""Finer differences than a hundredth of a micrometre are rounded off, as the database does."""
SAME_RAD = 1e-12
CAREFULLY = 0.99
"""A chord is no arc: bounds are taken a little lower."""

Point = tuple[float, float]
Line = Sequence[Point]


class Distances:
    """Distances on the sphere from one point (degrees, EPSG:4490)."""

    __slots__ = ("_cos", "_lat", "_lon", "_sin")

    def __init__(self, lon: float, lat: float) -> None:
        self._lon, self._lat = math.pi * lon / 180.0, math.pi * lat / 180.0
        self._cos, self._sin = math.cos(self._lat), math.sin(self._lat)

    def least_m(self, away_deg: float) -> float:
        """Metres to whatever is so far away on the plane of degrees, at the least."""
        further = min(abs(self._lat) + math.radians(away_deg), math.pi / 2)
        return math.radians(away_deg) * math.cos(further) * SPHERE_M * CAREFULLY

    def to_m(self, lon: float, lat: float) -> float:
        """Metres to another point (degrees).

        Source: PostGIS 3, liblwgeom/lwgeodetic.c, `sphere_distance`.
        """
        own, other = math.pi * lat / 180.0, math.pi * lon / 180.0
        if abs(own - self._lat) <= SAME_RAD and abs(other - self._lon) <= SAME_RAD:
            return 0.0
        turn = self._lon - other
        cos_turn, cos, sin = math.cos(turn), math.cos(own), math.sin(own)
        east = self._cos * math.sin(turn)
        north = cos * self._sin - sin * self._cos * cos_turn
        across = math.sqrt(east * east + north * north)
        along = sin * self._sin + cos * self._cos * cos_turn
        metres = SPHERE_M * math.atan2(across, along)
        return math.floor(metres * NANOMETRES + 0.5) / NANOMETRES


def apart_deg(one: Point, other: Point) -> float:
    """How far two points lie apart on the plane of degrees."""
    east, north = one[0] - other[0], one[1] - other[1]
    return math.sqrt(east * east + north * north)


def nearest_on(lon: float, lat: float, lines: Sequence[Line]) -> tuple[float, float, float]:
    """The point of some lines nearest to another on the plane of degrees: distance, lon, lat.

    Of several equally near the first counts.

    Source: PostGIS 3, liblwgeom/measures.c, `lw_dist2d_pt_seg`.
    """
    point = lon, lat
    best, found = math.inf, point
    for line in lines:
        away = apart_deg(line[0], point)
        if away < best:
            best, found = away, line[0]
        for start, end in pairwise(line):
            near = _foot(point, start, end)
            away = apart_deg(near, point)
            if away < best:
                best, found = away, near
    return best, *found


def _foot(point: Point, start: Point, end: Point) -> Point:
    (x, y), (ax, ay) = point, start
    dx, dy = end[0] - ax, end[1] - ay
    if dx == 0.0 and dy == 0.0:
        return start
    share = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
    if share < 0.0:
        return start
    if share >= 1.0:
        return end
    if (ay - y) * dx == (ax - x) * dy:
        return point
    return ax + share * dx, ay + share * dy
