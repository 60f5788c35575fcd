"""Measuring and taking apart pieces of ground, in degrees (EPSG:4490)."""

from collections.abc import Iterator

import shapely
from shapely.geometry import LinearRing, LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.area import area_m2
from geo.coverage.model import scale_at
from geo.measures import perimeter_m


def polygons_of(geometry: BaseGeometry) -> Iterator[Polygon]:
    """The areas of any geometry; points and lines are dropped."""
    for part in shapely.get_parts(geometry):
        if isinstance(part, Polygon):
            if not part.is_empty:
                yield part
        elif hasattr(part, "geoms"):
            yield from polygons_of(part)


def areal(geometry: BaseGeometry) -> MultiPolygon:
    """The same as one territory."""
    return MultiPolygon(list(polygons_of(geometry)))


def sound(geometry: BaseGeometry) -> MultiPolygon:
    """A territory as it covers ground, put in order where its rings are not."""
    if geometry.is_valid:
        return areal(geometry)
    return areal(shapely.make_valid(geometry))


def ground_m2(geometry: BaseGeometry) -> float:
    """Square metres of the areas of a geometry; a hair's width is put in order first."""
    return sum(area_m2(one) for one in polygons_of(sound(geometry)))


def roughly_m2(geometry: BaseGeometry) -> float:
    """Square metres to some per cent, quickly."""
    if geometry.is_empty:
        return 0.0
    east, north = scale_at(geometry)
    return float(geometry.area) * east * north


def width_m(polygon: Polygon) -> float:
    """Mean width: that of a strip with the same area and outline."""
    around = perimeter_m(polygon)
    return 2 * ground_m2(polygon) / around if around else 0.0


def edge_of(territory: BaseGeometry) -> BaseGeometry:
    """All rings of a territory as lines."""
    return MultiLineString([LineString(ring) for ring in rings_of(territory)])


def rings_of(territory: BaseGeometry) -> list[LinearRing]:
    """All rings of a territory."""
    return list(shapely.get_rings(shapely.get_parts(territory)))
