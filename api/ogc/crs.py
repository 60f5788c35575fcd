"""Coordinate systems offered by name, with the axis order their definitions give them.

Source: OGC 18-058r1 (Features, Part 2); axis orders of the EPSG register.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from api.ogc.refusals import invalid

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{code}"
STORAGE = EPSG.format(code=4490)
STORED = 4490
FIRST_ZONE, LAST_ZONE = 4534, 4554
"""CGCS2000, three-degree Gauss-Krüger by central meridian, 75°E to 135°E: northing before easting."""
MERCATOR = 3857
FLAT, SOLID = 4, 6
STEPS = 16
"""Pieces an edge of a projected box is cut into before it is turned into degrees."""
DEGREE_DIGITS, METRE_DIGITS = 9, 4


@dataclass(frozen=True, slots=True)
class Crs:
    """One coordinate system."""

    uri: str
    srid: int
    flipped: bool
    """Latitude or northing comes first."""
    geographic: bool

    @property
    def digits(self) -> int:
        """Decimals that keep a tenth of a millimetre."""
        return DEGREE_DIGITS if self.geographic else METRE_DIGITS

    @property
    def storage_srid(self) -> int:
        """What the database is asked for: degrees of all three systems are the same here."""
        return STORED if self.geographic else self.srid


def _offered() -> dict[str, Crs]:
    zones = (
        Crs(EPSG.format(code=code), code, flipped=True, geographic=False)
        for code in range(FIRST_ZONE, LAST_ZONE + 1)
    )
    found = (
        Crs(CRS84, 4326, flipped=False, geographic=True),
        Crs(STORAGE, STORED, flipped=True, geographic=True),
        Crs(EPSG.format(code=4326), 4326, flipped=True, geographic=True),
        Crs(EPSG.format(code=MERCATOR), MERCATOR, flipped=False, geographic=False),
        *zones,
    )
    return {one.uri: one for one in found}


OFFERED: Mapping[str, Crs] = MappingProxyType(_offered())
DEFAULT = OFFERED[CRS84]


def crs_named(uri: str | None, parameter: str) -> Crs:
    """The system a request names; CRS84 when it names none.

    Raises:
        Refusal: it is not one of those offered.
    """
    if uri is None:
        return DEFAULT
    found = OFFERED.get(uri)
    if found is None:
        raise invalid(f"{parameter}: {uri!r} is none of the coordinate systems of the collection")
    return found


def region_of(text: str, crs: Crs) -> BaseGeometry:
    """What a bbox covers, in EPSG:4490, longitude first.

    Raises:
        Refusal: it is not four or six numbers in order and in range.
    """
    numbers = _numbers(text)
    if crs.flipped:
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    west, south, east, north = numbers
    if south > north or (west > east and not crs.geographic):
        raise invalid(f"bbox {text!r} ends before it begins")
    if crs.geographic:
        return _box_on_earth(text, (west, south, east, north))
    return to_stored(shapely.segmentize(box(west, south, east, north), _longest(numbers)), crs)


def to_stored(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """A geometry, longitude or easting first, in EPSG:4490.

    Raises:
        Refusal: it lies where the system is not defined.
    """
    if crs.geographic:
        west, south, east, north = geometry.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise invalid("coordinates lie outside longitudes -180 to 180 and latitudes -90 to 90")
        return geometry
    turned = shapely.transform(geometry, _into_degrees(crs.srid))
    if not np.isfinite(shapely.get_coordinates(turned)).all():
        raise invalid("coordinates lie where the coordinate system is not defined")
    return turned


def upright(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """A geometry as written in a system, with longitude or easting first."""
    if not crs.flipped:
        return geometry
    return shapely.transform(geometry, lambda points: points[:, ::-1])


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise invalid(f"bbox {text!r} must be four or six numbers") from error
    if len(numbers) not in (FLAT, SOLID) or not all(map(math.isfinite, numbers)):
        raise invalid(f"bbox {text!r} must be four or six numbers")
    return numbers if len(numbers) == FLAT else [numbers[0], numbers[1], numbers[3], numbers[4]]


def _box_on_earth(text: str, bounds: tuple[float, float, float, float]) -> BaseGeometry:
    west, south, east, north = bounds
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise invalid(f"bbox {text!r} lies outside longitudes -180 to 180 and latitudes -90 to 90")
    if west <= east:
        return box(west, south, east, north)
    # It goes over the antimeridian.
    return MultiPolygon([box(west, south, 180, north), box(-180, south, east, north)])


def _longest(numbers: Sequence[float]) -> float:
    span = max(abs(numbers[2] - numbers[0]), abs(numbers[3] - numbers[1]))
    return max(span / STEPS, 1e-6)


@lru_cache(maxsize=64)
def _transformer(srid: int) -> Transformer:
    return Transformer.from_crs(srid, STORED, always_xy=True)


def _into_degrees(srid: int):  # type: ignore[no-untyped-def]  # -- a closure over numpy arrays
    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = _transformer(srid).transform(points[:, 0], points[:, 1])
        return np.column_stack((x, y))

    return turn
