"""Where the doors of a carrier lie: along a road, odd and even apart, or in a settlement."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.carriers import Carrier, Land
from data.demo.doors import Door, Random

SIDE_DEG = 0.00014
"""About 15 m from the middle of the road."""
TRIED_ALONG = 61

Points = NDArray[np.float64]
"""`(n, 2) float64`: longitude and latitude in degrees, EPSG:4490."""


def mark(
    carrier: Carrier, doors: Sequence[Door], land: Land, random: Random, *, told: int
) -> tuple[Points, list[str]]:
    """Positions of doors, and the code of the village each lies in.

    Args:
        doors: those that have a position.
        told: how many of them, from the first, must lie in the carrier's own district.
    """
    if isinstance(carrier.extent, shapely.Polygon):
        points = _in_disc(carrier.extent, len(doors), random)
        return points, [carrier.villages[0]] * len(doors)
    line = _Course(carrier.extent)
    numbers = np.array([door.number or 0 for door in doors], dtype=np.float64)
    along = numbers / (numbers.max(initial=0) + 1)
    middle = line.at(along)
    odd = numbers % 2 == 1
    points = middle + line.side * np.where(odd, SIDE_DEG, -SIDE_DEG)[:, None]
    points += random.uniform(-SIDE_DEG / 4, SIDE_DEG / 4, points.shape)
    villages = villages_at(points, land)
    for number, village in enumerate(villages):
        if village is None:
            points[number] = middle[number]
            villages[number] = _village_on(middle[number], carrier, land)
        if number < told and not str(villages[number]).startswith(carrier.district):
            points[number], villages[number] = _in_own_district(line, carrier, land)
    return points, [village for village in villages if village is not None]


def villages_at(points: Points, land: Land) -> list[str | None]:
    """Code of the village around each point; None where there is none."""
    found: list[str | None] = [None] * len(points)
    at, territory = land.tree.query(shapely.points(points), predicate="within")
    for number, place in zip(at, territory, strict=True):
        found[number] = land.codes[place]
    return found


class _Course:
    """The straight pieces of a road, as if they lay end to end."""

    def __init__(self, extent: shapely.Geometry) -> None:
        pieces = [shapely.get_coordinates(part) for part in shapely.get_parts(extent)]
        self._starts = np.array([piece[0] for piece in pieces])
        self._steps = np.array([piece[-1] - piece[0] for piece in pieces])
        lengths = np.hypot(self._steps[:, 0], self._steps[:, 1])
        self._ends = np.cumsum(lengths) / lengths.sum()
        east_west = abs(self._steps[:, 0]).sum() >= abs(self._steps[:, 1]).sum()
        self.side = np.array([0.0, 1.0] if east_west else [1.0, 0.0])
        """Unit vector across the road."""

    def at(self, along: NDArray[np.float64]) -> Points:
        """Points at shares of the whole length, `(n,) float64` from 0 to 1."""
        piece = np.minimum(np.searchsorted(self._ends, along), len(self._ends) - 1)
        begins = np.concatenate(([0.0], self._ends[:-1]))
        share = (along - begins[piece]) / (self._ends[piece] - begins[piece])
        points: Points = self._starts[piece] + self._steps[piece] * share[:, None]
        return points


def _in_own_district(line: _Course, carrier: Carrier, land: Land) -> tuple[Points, str]:
    tried = line.at(np.linspace(0.02, 0.98, TRIED_ALONG))
    for point, village in zip(tried, villages_at(tried, land), strict=True):
        if village is not None and village.startswith(carrier.district):
            return point, village
    return tried[0], carrier.villages[0]


def _village_on(point: Points, carrier: Carrier, land: Land) -> str:
    """The village of a point of the road itself, which may lie on the edge of two."""
    touched = land.touched_by(shapely.Point(point).buffer(SIDE_DEG / 100))
    return touched[0] if touched else carrier.villages[0]


def _in_disc(disc: shapely.Polygon, count: int, random: Random) -> Points:
    """Random points inside a disc, never near its edge."""
    west, south, east, _north = disc.bounds
    radius = (east - west) / 2
    centre = (west + radius, south + (_north - south) / 2)
    distance = radius * 0.9 * np.sqrt(random.random(count))
    angle = 2 * np.pi * random.random(count)
    return np.column_stack(
        (centre[0] + distance * np.cos(angle), centre[1] + distance * np.sin(angle))
    )
