"""Territories (管辖范围): read, checked, joined."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from registry.errors import GeometryIsInvalid


def read_territory(geojson: Mapping[str, Any]) -> MultiPolygon:
    """A GeoJSON geometry (longitude, latitude; EPSG:4490) as a territory.

    Raises:
        GeometryIsInvalid: not an area, empty, not finite, out of range, or crossing itself.
    """
    return as_territory(read_geometry(geojson))


def read_geometry(geojson: Mapping[str, Any]) -> BaseGeometry:
    """A GeoJSON geometry of any kind, not looked at any further.

    Raises:
        GeometryIsInvalid: it is none.
    """
    try:
        return shape(dict(geojson))
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        shapely.GEOSException,
    ) as error:
        raise GeometryIsInvalid(f"not a GeoJSON geometry ({error})") from error


def as_territory(geometry: BaseGeometry) -> MultiPolygon:
    """Any areal geometry as a checked MultiPolygon.

    Raises:
        GeometryIsInvalid: see `read_territory`.
    """
    if isinstance(geometry, Polygon):
        geometry = MultiPolygon([geometry])
    if not isinstance(geometry, MultiPolygon):
        raise GeometryIsInvalid(f"a {geometry.geom_type} is not an area")
    if geometry.is_empty:
        raise GeometryIsInvalid("it is empty")
    west, south, east, north = geometry.bounds
    if not all(map(math.isfinite, (west, south, east, north))):
        raise GeometryIsInvalid("a coordinate is not a number")
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise GeometryIsInvalid("coordinates must be longitude and latitude in degrees")
    if not geometry.is_valid:
        raise GeometryIsInvalid(shapely.is_valid_reason(geometry))
    return geometry


def joined(territories: Sequence[MultiPolygon]) -> MultiPolygon:
    """The union of territories that share their edges exactly; nothing is snapped or filled."""
    union = shapely.union_all(list(territories))
    areas = [part for part in getattr(union, "geoms", [union]) if isinstance(part, Polygon)]
    return MultiPolygon(areas)
