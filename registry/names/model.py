"""Named places (地理实体) and their names (地名) as values."""

from dataclasses import dataclass
from uuid import UUID

from shapely.geometry.base import BaseGeometry

PLACE_CATEGORIES = ("thoroughfare", "area")
"""街路巷; 里社小区. What else is named comes with its own rules."""


@dataclass(frozen=True, slots=True)
class PlaceExtent:
    """A named place where it lies, with its standard name; EPSG:4490, degrees."""

    named_place_id: UUID
    category: str
    """thoroughfare, area, …"""
    text: str
    extent: BaseGeometry
    basis: str
