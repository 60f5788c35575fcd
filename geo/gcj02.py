"""GCJ-02, the shifted grid of Chinese web maps: to it and back, so that it never has to be stored.

The shift was published nowhere; the series below is the one all open implementations share
(eviltransform, 2013). Outside its own rectangle around China the grid is not shifted.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

SEMI_MAJOR_M = 6_378_245.0
"""Krasovsky 1940."""
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
WEST_DEG, EAST_DEG, SOUTH_DEG, NORTH_DEG = 72.004, 137.8347, 0.8293, 55.8271
TOLERANCE_DEG = 1e-9
"""About 0.1 mm."""
MOST_STEPS = 20

Coordinates = NDArray[np.float64]


def to_gcj02(wgs84_deg: Coordinates) -> Coordinates:
    """Shift points onto the grid.

    Args:
        wgs84_deg: `(n, 2) float64`, longitude and latitude in degrees, WGS 84 (EPSG:4326).

    Returns:
        `(n, 2) float64`, longitude and latitude in degrees, GCJ-02.
    """
    points = np.asarray(wgs84_deg, dtype=np.float64)
    return points + _shift_deg(points)


def from_gcj02(gcj02_deg: Coordinates) -> Coordinates:
    """Take the shift off again, by iteration to 1e-9 degrees.

    Args:
        gcj02_deg: `(n, 2) float64`, longitude and latitude in degrees, GCJ-02.

    Returns:
        `(n, 2) float64`, longitude and latitude in degrees, WGS 84 (EPSG:4326).
    """
    target = np.asarray(gcj02_deg, dtype=np.float64)
    found = target - _shift_deg(target)
    for _step in range(MOST_STEPS):
        error = to_gcj02(found) - target
        found = found - error
        if error.size == 0 or np.abs(error).max() < TOLERANCE_DEG:
            break
    return found


def geometry_from_gcj02(geometry: BaseGeometry) -> BaseGeometry:
    """The same geometry in WGS 84, vertex by vertex; equal vertices stay equal."""

    def back(points: Any) -> Coordinates:
        return from_gcj02(points)

    return shapely.transform(geometry, back)


def _shift_deg(points: Coordinates) -> Coordinates:
    longitude, latitude = points[:, 0], points[:, 1]
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + waves
    north_m += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north_m += (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + waves
    east_m += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east_m += (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    radians = np.radians(latitude)
    magic = 1 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / magic**1.5
    parallel_m = SEMI_MAJOR_M / np.sqrt(magic) * np.cos(radians)
    shift = np.column_stack((np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)))
    shift[~_on_the_grid(longitude, latitude)] = 0.0
    return shift


def _on_the_grid(longitude: Coordinates, latitude: Coordinates) -> NDArray[np.bool_]:
    return (
        (longitude > WEST_DEG)
        & (longitude < EAST_DEG)
        & (latitude > SOUTH_DEG)
        & (latitude < NORTH_DEG)
    )
