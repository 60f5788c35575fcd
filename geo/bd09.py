"""BD-09, the grid of Baidu's maps: GCJ-02 shifted once more; to it and back.

Baidu publishes no formula. The one below is what all open implementations share (first described
by coolypf, 2013; coordtransform); their way back is an approximation good to about half a metre,
so it is taken as a first guess here and refined.
"""

import numpy as np

from geo.gcj02 import MOST_STEPS, TOLERANCE_DEG, Coordinates, from_gcj02, to_gcj02

WAVES = np.pi * 3000.0 / 180.0
EAST_DEG, NORTH_DEG = 0.0065, 0.006
STRETCH_DEG, TURN_RAD = 0.000_02, 0.000_003


def to_bd09(wgs84_deg: Coordinates) -> Coordinates:
    """Shift points onto Baidu's grid.

    Args:
        wgs84_deg: `(n, 2) float64`, longitude and latitude in degrees, WGS 84 (EPSG:4326).

    Returns:
        `(n, 2) float64`, longitude and latitude in degrees, BD-09.
    """
    return _onto_bd09(to_gcj02(wgs84_deg))


def from_bd09(bd09_deg: Coordinates) -> Coordinates:
    """Take both shifts off again, by iteration to 1e-9 degrees.

    Args:
        bd09_deg: `(n, 2) float64`, longitude and latitude in degrees, BD-09.

    Returns:
        `(n, 2) float64`, longitude and latitude in degrees, WGS 84 (EPSG:4326).
    """
    target = np.asarray(bd09_deg, dtype=np.float64)
    found = target - np.array([EAST_DEG, NORTH_DEG])
    for _step in range(MOST_STEPS):
        error = _onto_bd09(found) - target
        found = found - error
        if error.size == 0 or np.abs(error).max() < TOLERANCE_DEG:
            break
    return from_gcj02(found)


def _onto_bd09(gcj02_deg: Coordinates) -> Coordinates:
    longitude, latitude = gcj02_deg[:, 0], gcj02_deg[:, 1]
    length = np.hypot(longitude, latitude) + STRETCH_DEG * np.sin(latitude * WAVES)
    angle = np.arctan2(latitude, longitude) + TURN_RAD * np.cos(longitude * WAVES)
    return np.column_stack((length * np.cos(angle) + EAST_DEG, length * np.sin(angle) + NORTH_DEG))
