"""Values of survey files: the formats, the limits, what a file holds before and after its CRS."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry


class Format(StrEnum):
    """A format surveyors may deliver."""

    SHAPEFILE = "shapefile"
    GEOPACKAGE = "gpkg"
    GEOJSON = "geojson"
    FLATGEOBUF = "fgb"
    DXF = "dxf"
    KML = "kml"
    POINTS = "csv"


DRIVERS: Mapping[Format, str] = {
    Format.SHAPEFILE: "ESRI Shapefile",
    Format.GEOPACKAGE: "GPKG",
    Format.FLATGEOBUF: "FlatGeobuf",
    Format.DXF: "DXF",
    Format.KML: "KML",
}
"""GDAL's names; the other formats are read without it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a survey may need; more is a mistake or an attack."""

    file_bytes: int = 50 * 2**20
    unpacked_bytes: int = 120 * 2**20
    members: int = 40
    features: int = 5_000
    vertices: int = 1_000_000
    seconds: int = 60
    memory_bytes: int = 3 * 2**30
    """Of address space of the process that reads; GDAL's libraries alone take one."""


@dataclass(frozen=True, slots=True)
class RawShape:
    """One feature of a file in the coordinates it came in."""

    key: str
    """Code or id of the division, as written."""
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class RawSurvey:
    """A file read, its coordinates not yet understood."""

    format: Format
    crs: str | None
    """What the file says: an authority code or WKT; None: nothing."""
    shapes: tuple[RawShape, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Territories of a file in the registry's coordinates, EPSG:4490."""

    format: Format
    crs: str
    territories: Mapping[str, MultiPolygon]
    """By the code or id they are delivered under."""
