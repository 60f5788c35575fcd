"""From a file's coordinates to the registry's: the CRS read or demanded, and blunders recognised."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry import MultiPolygon

from data.survey_files.model import RawSurvey, Survey
from geo.coverage.areas import polygons_of
from registry.boundaries.errors import CrsDoesNotFit, CrsIsUnknown
from registry.errors import SourceIsUnreadable

REGISTRY = 4490
ZONES = range(25, 46)
"""Three-degree zones of China, central meridians 75° to 135° E."""
WITHOUT_PREFIX, WITH_PREFIX = 4509, 4488
"""Add the zone: EPSG codes of CGCS2000 three-degree zones, without and with the zone's number
before the easting."""
_ZONE = re.compile(r"(?:zone|带)\s*(\d{2})|(\d{2})\s*带|cm\s*(\d{2,3})\s*e?", re.I)
_EPSG = re.compile(r"(?:epsg:{1,2})?(\d{4,6})", re.I)
LARGEST_PREFIX = 1_000_000.0


class Box(NamedTuple):
    """West, south, east, north in degrees, EPSG:4490."""

    west: float
    south: float
    east: float
    north: float

    def widened(self, degrees: float) -> "Box":
        """With a margin."""
        return Box(
            self.west - degrees, self.south - degrees, self.east + degrees, self.north + degrees
        )

    def holds(self, other: "Box") -> bool:
        """Whether another lies in it."""
        return (
            self.west <= other.west
            and self.south <= other.south
            and other.east <= self.east
            and other.north <= self.north
        )


MARGIN_DEG = 0.3
"""A survey that lies further from what is recorded than this is no survey of it."""


def locate(raw: RawSurvey, *, crs: str | None, expected: Box | None) -> Survey:
    """Bring a survey into EPSG:4490.

    Args:
        crs: what the surveyor says it is in; None: what the file says.
        expected: where the divisions it is of are recorded; None: unknown.

    Raises:
        CrsIsUnknown: neither says, or it is none that exists.
        CrsDoesNotFit: it would lie elsewhere; the error says what it looks like instead.
        SourceIsUnreadable: the file and the surveyor contradict each other, or a division occurs
            twice.
    """
    chosen = _chosen(raw, crs)
    corners = np.vstack([shapely.get_coordinates(one.geometry) for one in raw.shapes])
    found = _box(corners, chosen)
    if found is None or (expected and not expected.widened(MARGIN_DEG).holds(found)):
        target = expected or Box(73.0, 3.0, 136.0, 54.0)
        looks = list(_looks_like(corners, chosen, target.widened(MARGIN_DEG)))
        raise CrsDoesNotFit(given=_name(chosen), looks_like=looks)
    return Survey(raw.format, _name(chosen), _territories(raw, chosen))


def crs_named(text: str) -> CRS:
    """The coordinate system somebody names: EPSG:4548, 4548, zone 39, CM 117.

    Raises:
        CrsIsUnknown: there is none of that name; definitions with files of their own are none.
    """
    named = text.strip()
    code = _EPSG.fullmatch(named)
    zone = _ZONE.fullmatch(named)
    try:
        if code is not None:
            return CRS.from_epsg(int(code[1]))
        if zone is not None:
            number = int(zone[3]) / 3 if zone[3] else int(zone[1] or zone[2])
            if number in ZONES:
                return CRS.from_epsg(WITHOUT_PREFIX + int(number))
        if re.match(r"(PROJ|GEOG)(CS|CRS)\[", named) and "EXTENSION" not in named.upper():
            written = CRS.from_wkt(named)
            known = written.to_epsg(min_confidence=60)
            return written if known is None else CRS.from_epsg(known)
    except CRSError as error:
        raise CrsIsUnknown(given=named[:80]) from error
    raise CrsIsUnknown(given=named[:80])


def _chosen(raw: RawSurvey, crs: str | None) -> CRS:
    declared = None if raw.crs is None else crs_named(raw.crs)
    if crs is None:
        if declared is None:
            raise CrsIsUnknown(given=None)
        return declared
    said = crs_named(crs)
    if declared is not None and not declared.equals(said, ignore_axis_order=True):
        why = f"it says {_name(declared)}, and you say {_name(said)}"
        raise SourceIsUnreadable(raw.format.value, why)
    return said


def _looks_like(corners: NDArray[np.float64], given: CRS, target: Box) -> Iterator[str]:
    """What the coordinates would fit, in words for people."""
    for swapped in (False, True):
        turned = corners[:, ::-1] if swapped else corners
        order = " with easting and northing exchanged" if swapped else ""
        if given.is_geographic and swapped:
            order = " with longitude and latitude exchanged"
        here = _box(turned, given)
        if swapped and here is not None and target.holds(here):
            yield f"looks like {_name(given)}{order}"
            return
        for zone in ZONES:
            for first in (WITHOUT_PREFIX, WITH_PREFIX):
                crs = CRS.from_epsg(first + zone)
                fits = _box(turned, crs)
                if fits is not None and target.holds(fits):
                    yield f"looks like zone {zone} ({_name(crs)}) given as {_said(given)}{order}"
                    break
        degrees = _box(turned, CRS.from_epsg(REGISTRY))
        if degrees is not None and target.holds(degrees) and not given.is_geographic:
            yield f"looks like degrees (EPSG:4490) given as {_said(given)}{order}"


def _said(crs: CRS) -> str:
    code = crs.to_epsg() or 0
    for first in (WITHOUT_PREFIX, WITH_PREFIX):
        if code - first in ZONES:
            return f"{code - first} ({_name(crs)})"
    return _name(crs)


def _name(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def _box(corners: NDArray[np.float64], crs: CRS) -> Box | None:
    """Where coordinates lie in a system; None: nowhere it is made for."""
    if crs.is_geographic and (abs(corners[:, 0]).max() > 180 or abs(corners[:, 1]).max() > 90):
        return None
    try:
        east, north = _to_registry(crs).transform(corners[:, 0], corners[:, 1])
    except ProjError:
        return None
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        return None
    return Box(float(east.min()), float(north.min()), float(east.max()), float(north.max()))


@lru_cache(maxsize=128)
def _to_registry(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, CRS.from_epsg(REGISTRY), always_xy=True)


def _territories(raw: RawSurvey, crs: CRS) -> Mapping[str, MultiPolygon]:
    change = _to_registry(crs)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    found: dict[str, MultiPolygon] = {}
    for shape in raw.shapes:
        if shape.key in found:
            raise SourceIsUnreadable(raw.format.value, f"division {shape.key} occurs twice")
        geometry = shape.geometry
        if crs.to_epsg() != REGISTRY:
            geometry = shapely.transform(geometry, moved)
        found[shape.key] = MultiPolygon(list(polygons_of(geometry)))
    return found
