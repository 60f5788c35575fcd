"""Coordinates at the rim: what a client sends and wants, and what the inside holds (EPSG:4490)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

import numpy as np
from fastapi import Query

from geo.bd09 import from_bd09, to_bd09
from geo.gcj02 import Coordinates, from_gcj02, to_gcj02
from registry.errors import GeometryIsInvalid

DECIMALS = 8
"""Of a degree, after a shift: about a millimetre."""


class Crs(StrEnum):
    """The systems longitude and latitude are given and answered in."""

    CGCS2000 = "cgcs2000"
    """EPSG:4490; what the registry holds."""
    WGS84 = "wgs84"
    """EPSG:4326; differs from CGCS2000 by far less than a metre and is not converted."""
    GCJ02 = "gcj02"
    BD09 = "bd09"


CRS_ASKED = Query(
    alias="crs",
    description="What coordinates are given and answered in: cgcs2000 (EPSG:4490) or wgs84, "
    "which differ by far less than a metre; gcj02 or bd09 for the shifted grids of web maps.",
)
CrsAsked = Annotated[Crs, CRS_ASKED]

Shift = Callable[[Coordinates], Coordinates]
_ONTO: Mapping[Crs, Shift] = {Crs.GCJ02: to_gcj02, Crs.BD09: to_bd09}
_OFF: Mapping[Crs, Shift] = {Crs.GCJ02: from_gcj02, Crs.BD09: from_bd09}


def taken_in(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """A point a client gave, in EPSG:4490."""
    return _shifted(lon, lat, _OFF.get(crs))


def given_out(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """A point of the registry (EPSG:4490), as the client wants it."""
    return _shifted(lon, lat, _ONTO.get(crs))


def _shifted(lon: float, lat: float, shift: Shift | None) -> tuple[float, float]:
    if shift is None:
        return lon, lat
    found = shift(np.array([[lon, lat]]))
    return round(float(found[0, 0]), DECIMALS), round(float(found[0, 1]), DECIMALS)


def bbox_of(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees.

    Raises:
        GeometryIsInvalid: not four numbers in that order.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise GeometryIsInvalid("bbox must be west,south,east,north in degrees") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise GeometryIsInvalid(
            "bbox must be west,south,east,north in degrees, west < east, south < north"
        )
    return west, south, east, north
