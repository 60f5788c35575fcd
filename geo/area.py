"""Areas on the ellipsoid."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import is_valid_reason
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import LinearRing

from geo.errors import GeometryIsInvalid

SEMI_MAJOR_M, FLATTENING = 6378137.0, 1 / 298.257222101
"""CGCS2000."""
_ECCENTRICITY = np.sqrt(FLATTENING * (2 - FLATTENING))
_SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
_PLACES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def area_m2(territory: Polygon | MultiPolygon) -> float:
    """Measure a territory on the ellipsoid, in square metres.

    Edges are straight in longitude and latitude, as every overlay treats them: a point put on an
    edge changes nothing, so the pieces of a territory measure together what the whole measures.
    (Edges taken as geodesics differ from it by some square metres for an edge of a kilometre.)

    Args:
        territory: (longitude, latitude) in degrees, CGCS2000 (EPSG:4490). Rings may
            run either way; holes are subtracted.

    Returns:
        A value >= 0, good to a square centimetre for anything province-sized.

    Raises:
        GeometryIsInvalid: a ring crosses itself; the message says where.

    Source: area under an edge is the integral of the authalic height over longitude, Snyder,
        Map Projections (USGS PP 1395), eq. 3-12; Gauss-Legendre quadrature with eight points.
    """
    if not territory.is_valid:
        raise GeometryIsInvalid(is_valid_reason(territory))
    parts = territory.geoms if isinstance(territory, MultiPolygon) else (territory,)
    return float(sum(_polygon_area_m2(part) for part in parts))


def _polygon_area_m2(polygon: Polygon) -> float:
    return _ring_area_m2(polygon.exterior) - sum(map(_ring_area_m2, polygon.interiors))


def _ring_area_m2(ring: LinearRing) -> float:
    corners = np.radians(shapely.get_coordinates(ring))
    if not len(corners):
        return 0.0
    longitude, latitude = corners[:, 0], corners[:, 1]
    middle = (latitude[1:] + latitude[:-1]) / 2
    half = (latitude[1:] - latitude[:-1]) / 2
    along = middle[:, None] + half[:, None] * _PLACES
    # Heights above one parallel: the sum then holds no large numbers that cancel.
    heights = _authalic_m2(along) - _authalic_m2(latitude[:1])
    return abs(float(np.sum(np.diff(longitude) * (heights @ _WEIGHTS) / 2)))


def _authalic_m2(latitude_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area between the equator and a parallel, per radian of longitude."""
    sine = np.sin(latitude_rad)
    stretched = _ECCENTRICITY * sine
    found: NDArray[np.float64] = (
        _SEMI_MINOR_M**2 / 2 * (sine / (1 - stretched**2) + np.arctanh(stretched) / _ECCENTRICITY)
    )
    return found
