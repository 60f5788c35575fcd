"""On which side of a road a point lies: left or right towards rising numbers, odd or even."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from geo.geocode.locate import EARTH_M

ON_THE_LINE_M = 0.5
"""Nearer than this, a point is on the line itself."""

NumberedPoint = tuple[int, float, float]
"""Number, longitude, latitude; degrees, EPSG:4490."""
_Vector = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Side:
    """Where a point lies, seen by one who walks towards rising numbers."""

    hand: Literal["left", "right", "on the line"]
    parity: Literal["odd", "even"] | None
    """Whose numbers stand on that side; None: both, or nobody's that are known."""
    derived_from: Literal["course", "doors"]
    """`course`: the road's drawn course. `doors`: the line between its odd and even doors, or the
    row of doors itself when only one side has any nearby."""


def side_of(
    lon: float, lat: float, doors: Sequence[NumberedPoint], course: Sequence[_Vector] | None = None
) -> Side | None:
    """Tell the side from doors nearby and, if there is one, the course (degrees, EPSG:4490).

    None when the doors do not tell which way the numbers rise.
    """
    shrunk = math.cos(math.radians(lat))
    plane = [(number, _metres(x - lon, y - lat, shrunk)) for number, x, y in doors]
    rising = _rising(plane)
    if rising is None:
        return None
    if course and len(course) > 1:
        drawn = [_metres(x - lon, y - lat, shrunk) for x, y in course]
        start, way = _nearest_stretch(drawn)
        way = way if _dot(way, rising) >= 0 else (-way[0], -way[1])
        return _told(start, way, plane, "course")
    rows = [row for row in (_row(plane, odd=True), _row(plane, odd=False)) if row]
    return _told(_mean([_mean(row) for row in rows]), rising, plane, "doors")


def _told(
    start: _Vector,
    way: _Vector,
    plane: Sequence[tuple[int, _Vector]],
    derived_from: Literal["course", "doors"],
) -> Side:
    """Judge the origin, where the point lies, against a line; metres."""

    def offset(point: _Vector) -> float:
        return _cross(way, (point[0] - start[0], point[1] - start[1])) / math.hypot(*way)

    own = offset((0.0, 0.0))
    if abs(own) < ON_THE_LINE_M:
        return Side("on the line", None, derived_from)
    odd, even = ([offset(one) for one in _row(plane, odd=odd)] for odd in (True, False))
    return Side("left" if own > 0 else "right", _parity(own, odd, even), derived_from)


def _parity(
    own: float, odd: Sequence[float], even: Sequence[float]
) -> Literal["odd", "even"] | None:
    """The parity whose doors all stand on the side of `own`, when no other one stands there."""
    on_odd = [one * own > 0 for one in odd if abs(one) >= ON_THE_LINE_M]
    on_even = [one * own > 0 for one in even if abs(one) >= ON_THE_LINE_M]
    if on_odd and all(on_odd) and not any(on_even):
        return "odd"
    if on_even and all(on_even) and not any(on_odd):
        return "even"
    return None


def _rising(plane: Sequence[tuple[int, _Vector]]) -> _Vector | None:
    """The way the numbers rise: the slope of places over numbers, each parity for itself."""
    east = north = 0.0
    for odd in (True, False):
        row = [(number, point) for number, point in plane if bool(number % 2) == odd]
        if not row:
            continue
        middle = sum(number for number, _point in row) / len(row)
        east += sum((number - middle) * point[0] for number, point in row)
        north += sum((number - middle) * point[1] for number, point in row)
    if math.hypot(east, north) < ON_THE_LINE_M:
        return _across(plane)
    return east, north


def _across(plane: Sequence[tuple[int, _Vector]]) -> _Vector | None:
    """The same when no parity has two doors: from the lowest number to the highest."""
    if not plane:
        return None
    (_low, first), (_high, last) = min(plane), max(plane)
    way = (last[0] - first[0], last[1] - first[1])
    return way if math.hypot(*way) >= ON_THE_LINE_M else None


def _row(plane: Sequence[tuple[int, _Vector]], *, odd: bool) -> list[_Vector]:
    return [point for number, point in plane if bool(number % 2) == odd]


def _nearest_stretch(course: Sequence[_Vector]) -> tuple[_Vector, _Vector]:
    """Start and direction of the straight stretch that comes nearest to the origin."""
    stretches = [
        (one, (other[0] - one[0], other[1] - one[1]))
        for one, other in pairwise(course)
        if one != other
    ]
    return min(stretches, key=_apart, default=(course[0], (1.0, 0.0)))


def _apart(stretch: tuple[_Vector, _Vector]) -> float:
    start, way = stretch
    share = -_dot(start, way) / _dot(way, way)
    share = min(1.0, max(0.0, share))
    return math.hypot(start[0] + share * way[0], start[1] + share * way[1])


def _metres(east_deg: float, north_deg: float, shrunk: float) -> _Vector:
    """A point on the plane that touches the sphere where the asked point lies.

    Args:
        shrunk: the cosine of its latitude.
    """
    return math.radians(east_deg) * shrunk * EARTH_M, math.radians(north_deg) * EARTH_M


def _mean(points: Sequence[_Vector]) -> _Vector:
    return sum(x for x, _y in points) / len(points), sum(y for _x, y in points) / len(points)


def _dot(one: _Vector, other: _Vector) -> float:
    return one[0] * other[0] + one[1] * other[1]


def _cross(one: _Vector, other: _Vector) -> float:
    return one[0] * other[1] - one[1] * other[0]
