"""What the map of the door's page is drawn from: small squares of land, each by itself."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from api.time_travel import Reader
from registry.addresses.model import AddressFilter, LifecycleStage
from registry.addresses.store import AddressStore
from registry.divisions.store import DivisionStore
from registry.divisions.values import DivisionFilter
from registry.names.store import NameStore

CELL_DEG = 0.01
"""Side of a square: about 1 km."""
FINE = 1_000_000
"""Coordinates are whole numbers of 1e-6 degrees, about 11 cm, from the square's corner."""
TOLERANCE_DEG = 2e-5
MOST_DOORS = 600
LEVELS = (4, 5)
"""Townships and villages."""


class Cell(msgspec.Struct, frozen=True):
    """One square: EPSG:4490."""

    origin: tuple[float, float]
    """South-west corner, longitude and latitude in degrees."""
    areas: list[tuple[int, str, list[list[int]]]]
    """Level, name, rings; only of villages."""
    edges: list[tuple[int, list[list[int]]]]
    """Level and lines: where territories end, not where the square does."""
    roads: list[tuple[str, list[list[int]]]]
    doors: list[tuple[int, int, str]]
    """Place and number."""


def cell(reading: Reader, x: int, y: int) -> Cell:
    """The square of a column (longitude / 0.01°) and a row (latitude / 0.01°)."""
    origin = (round(x * CELL_DEG, 2), round(y * CELL_DEG, 2))
    square = box(*origin, origin[0] + CELL_DEG, origin[1] + CELL_DEG)
    areas: list[tuple[int, str, list[list[int]]]] = []
    edges: list[tuple[int, list[list[int]]]] = []
    for level, name, territory in _territories(reading, square):
        if level == LEVELS[-1]:
            areas.append((level, name, _rings(territory.intersection(square), origin)))
        edges.append((level, _lines(territory.boundary.intersection(square), origin)))
    roads = NameStore(reading.connection).extents_in(square, reading.at)
    return Cell(
        origin,
        areas,
        [(level, lines) for level, lines in edges if lines],
        [
            (road.text, lines)
            for road in roads
            if (lines := _lines(road.extent.intersection(square.buffer(CELL_DEG / 20)), origin))
        ],
        list(_doors(reading, square, origin)),
    )


def _territories(reading: Reader, square: BaseGeometry) -> Iterator[tuple[int, str, BaseGeometry]]:
    west, south, east, north = square.bounds
    store = DivisionStore(reading.connection)
    for level in LEVELS:
        asked = DivisionFilter(level=level, bbox=(west, south, east, north))
        units = {
            one.division_id: one
            for one in store.page(asked, reading.at, limit=100, cursor=None).divisions
        }
        for unit, found in store.territories(units, reading.at).items():
            yield level, units[unit].name, shapely.simplify(found.territory, TOLERANCE_DEG)


def _doors(
    reading: Reader, square: BaseGeometry, origin: tuple[float, float]
) -> Iterator[tuple[int, int, str]]:
    west, south, east, north = square.bounds
    wanted = AddressFilter(bbox=(west, south, east, north), stage=LifecycleStage.CURRENT)
    store = AddressStore(reading.connection)
    for one in store.page(wanted, reading.at, limit=MOST_DOORS, after=None):
        where, parts = one.position, one.parts
        if where is None or where.inherited or parts.number is None or parts.room is not None:
            continue
        number = str(parts.number) + ("" if parts.sub_number is None else f"-{parts.sub_number}")
        yield (*_point(where.longitude_deg, where.latitude_deg, origin), number)


def _rings(area: BaseGeometry, origin: tuple[float, float]) -> list[list[int]]:
    return [
        _flat(ring.coords, origin)
        for part in shapely.get_parts(area)
        if isinstance(part, Polygon)
        for ring in (part.exterior, *part.interiors)
    ]


def _lines(course: BaseGeometry, origin: tuple[float, float]) -> list[list[int]]:
    return [
        _flat(part.coords, origin)
        for part in shapely.get_parts(course)
        if isinstance(part, LineString)
    ]


def _flat(points: Iterable[Any], origin: tuple[float, float]) -> list[int]:
    return [each for lon, lat, *_height in points for each in _point(lon, lat, origin)]


def _point(lon: float, lat: float, origin: tuple[float, float]) -> tuple[int, int]:
    return round((lon - origin[0]) * FINE), round((lat - origin[1]) * FINE)
