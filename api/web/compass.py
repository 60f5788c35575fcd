"""Which way something lies, in words."""

from math import atan2, cos, degrees, hypot, radians
from typing import Final

from api.language import Language

METRES_PER_DEGREE: Final = 111_320.0
WINDS: Final[dict[Language, tuple[str, ...]]] = {
    "zh": ("北", "东北", "东", "东南", "南", "西南", "西", "西北"),
    "en": (
        *("north", "north-east", "east", "south-east"),
        *("south", "south-west", "west", "north-west"),
    ),
}
"""Clockwise from north."""


def metres_apart(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[float, float, float]:
    """East and north of the start, and the distance, in metres; good to a few per cent.

    Points are longitude and latitude in degrees, EPSG:4490, near each other.
    """
    east = (end[0] - start[0]) * cos(radians(start[1])) * METRES_PER_DEGREE
    north = (end[1] - start[1]) * METRES_PER_DEGREE
    return east, north, hypot(east, north)


def wind(start: tuple[float, float], end: tuple[float, float]) -> int:
    """Which of the eight `WINDS` the end lies to, seen from the start."""
    east, north, _apart = metres_apart(start, end)
    return round(degrees(atan2(east, north)) / 45) % 8
