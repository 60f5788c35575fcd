"""Taking surveyed or published territories in, in place of illustrative ones."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import geopandas
import shapely
from pyogrio.errors import DataSourceError
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from data.editions.loading import Progress, silent
from geo.area import area_m2
from registry.changes.period import Period
from registry.changes.timeline import begin, correct
from registry.changes.work import Work
from registry.divisions.tables import territory_version
from registry.divisions.territory import as_territory
from registry.errors import DivisionIsUnknown, GeometryIsInvalid, SourceIsUnreadable

CAUSE = "redigitise"
CODE_COLUMNS = ("code", "CODE", "区划代码", "division_code", "adcode")
REGISTRY_CRS = "EPSG:4490"


@dataclass(frozen=True, slots=True)
class DeliveredTerritory:
    """One territory (管辖范围) of a delivery, checked, in EPSG:4490."""

    code: str
    territory: MultiPolygon


def read_boundaries(path: Path, *, code_column: str | None = None) -> list[DeliveredTerritory]:
    """Read GeoJSON, GeoPackage or a zipped shapefile; any declared CRS.

    Raises:
        SourceIsUnreadable: not such a file, no CRS, no code column, or a code occurs twice.
        GeometryIsInvalid: a territory crosses itself or is no area; the message says where.
    """
    source = f"zip://{path}" if path.suffix == ".zip" else str(path)
    try:
        frame = geopandas.read_file(source)
    except (DataSourceError, OSError, ValueError) as error:
        raise SourceIsUnreadable(path.name, f"not a file of territories: {error}") from error
    columns = [str(name) for name in frame.columns if name != "geometry"]
    wanted = (code_column,) if code_column else CODE_COLUMNS
    column = next((name for name in wanted if name in columns), None)
    if column is None:
        raise SourceIsUnreadable(
            path.name, f"no code column: it has {', '.join(columns)}; name one with --code-column"
        )
    if frame.crs is None:
        raise SourceIsUnreadable(path.name, "it does not say its coordinate system")
    for row in frame.itertuples():
        _check(str(getattr(row, column)), row.geometry)
    if str(frame.crs) != REGISTRY_CRS:
        frame = frame.to_crs(REGISTRY_CRS)
    codes = [str(code) for code in frame[column]]
    doubled = next((code for code in codes if codes.count(code) > 1), None)
    if doubled is not None:
        raise SourceIsUnreadable(path.name, f"code {doubled} occurs twice")
    return list(_checked(codes, frame.geometry))


def redigitise(
    work: Work,
    delivered: list[DeliveredTerritory],
    registered: Mapping[str, UUID],
    *,
    basis: str,
    source: str,
    progress: Progress = silent,
) -> int:
    """Replace what is drawn of divisions, on every day it is believed to have held.

    Nothing moved in the world: the same territories are known better. Returns how many.

    Raises:
        DivisionIsUnknown: a code is not in force.
    """
    unknown = [one.code for one in delivered if one.code not in registered]
    if unknown:
        raise DivisionIsUnknown(", ".join(unknown[:5]))
    keys = [registered[one.code] for one in delivered]
    timelines = work.believed(territory_version, keys)
    for number, one in enumerate(delivered, start=1):
        division_id = registered[one.code]
        before = timelines.get(division_id, ())
        values = {
            "territory": one.territory,
            "area_m2": area_m2(one.territory),
            "basis": basis,
            "source": source,
        }
        if before:
            # The drawing in force until further notice is the one that is drawn better.
            after = correct(before, before[-1].valid, values, CAUSE)
        else:
            after = begin(before, Period(), values, CAUSE)
        work.rewrite(territory_version, division_id, before, after)
        progress("Territories", number, len(delivered))
    return len(delivered)


def _check(code: str, geometry: object) -> None:
    if not isinstance(geometry, BaseGeometry):
        raise GeometryIsInvalid(f"{code} has no geometry")
    if not geometry.is_valid:
        raise GeometryIsInvalid(f"{code}: {shapely.is_valid_reason(geometry)}")


def _checked(codes: list[str], geometries: Iterable[BaseGeometry]) -> Iterator[DeliveredTerritory]:
    for code, geometry in zip(codes, geometries, strict=True):
        try:
            yield DeliveredTerritory(code, as_territory(geometry))
        except GeometryIsInvalid as error:
            raise GeometryIsInvalid(f"{code}: {error.facts.get('why')}") from error
