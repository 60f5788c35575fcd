"""Areas on the ellipsoid."""

from pyproj import Geod
from shapely import is_valid_reason
from shapely.geometry import MultiPolygon, Polygon

from geo.errors import GeometryIsInvalid

_CGCS2000 = Geod(a=6378137.0, rf=298.257222101)


def area_m2(territory: Polygon | MultiPolygon) -> float:
    """Measure a territory on the ellipsoid, in square metres.

    Args:
        territory: (longitude, latitude) in degrees, CGCS2000 (EPSG:4490). Rings may
            run either way; holes are subtracted.

    Returns:
        A value >= 0, good to the square metre for anything county-sized.

    Raises:
        GeometryIsInvalid: a ring crosses itself; the message says where.

    Source: Karney 2013, doi:10.1007/s00190-012-0578-z.
    """
    if not territory.is_valid:
        raise GeometryIsInvalid(is_valid_reason(territory))
    parts = territory.geoms if isinstance(territory, MultiPolygon) else (territory,)
    return sum(_polygon_area_m2(part) for part in parts)


def _polygon_area_m2(polygon: Polygon) -> float:
    area, _perimeter = _CGCS2000.geometry_area_perimeter(polygon)
    return abs(float(area))
