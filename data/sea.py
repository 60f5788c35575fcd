"""Land and sea around China, for points that lie in no territory of the registry."""

import gzip
from functools import cache
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

LAND = Path(__file__).parent / "sample" / "land_natural_earth_10m.geojson.gz"
SOURCE = "Natural Earth 1:10m land, good to about 1 km"
WEST_DEG, SOUTH_DEG, EAST_DEG, NORTH_DEG = 70.0, 0.0, 140.0, 56.0


def is_sea(lon: float, lat: float) -> bool:
    """Whether a point (degrees, EPSG:4490) lies off the coast; never beyond the window kept."""
    if not (WEST_DEG < lon < EAST_DEG and SOUTH_DEG < lat < NORTH_DEG):
        return False
    return not shapely.contains_xy(_land(), lon, lat)


@cache
def _land() -> BaseGeometry:
    with gzip.open(LAND, "rt", encoding="utf-8") as text:
        land = shapely.from_geojson(text.read())
    shapely.prepare(land)
    return land
