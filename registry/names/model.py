"""Named places (地理实体) and their names (地名) as values."""

from dataclasses import dataclass
from uuid import UUID

from shapely.geometry.base import BaseGeometry

PLACE_CATEGORIES = ("thoroughfare", "area")
"""街路巷; 里社小区. What else is named comes with its own rules."""


LANGUAGE = "zh"
WRITTEN_WITH = {4: "zh-x-township", 5: "zh-x-village"}
"""Language tags (RFC 5646, private use) of names that are written with a division in front where
it would otherwise be left out, because the built-up area holds the name twice; by level."""


def written_with(language: str | None) -> int | None:
    """The level down to which divisions are written before a name also in the legal text."""
    return next((level for level, tag in WRITTEN_WITH.items() if tag == language), None)


@dataclass(frozen=True, slots=True)
class PlaceExtent:
    """A named place where it lies, with its standard name; EPSG:4490, degrees."""

    named_place_id: UUID
    category: str
    """thoroughfare, area, …"""
    text: str
    extent: BaseGeometry
    basis: str
