"""From a delivered file to the divisions it is of, by what the registry holds of them."""

from pathlib import Path
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from data.survey_files.locating import Box, locate
from data.survey_files.model import Limits
from data.survey_files.reading import read_raw
from registry.boundaries.surroundings import Surroundings
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.errors import SourceIsUnreadable


def take_in(
    connection: Connection,
    path: Path,
    name: str,
    at: AsOf,
    *,
    crs: str | None = None,
    layer: str | None = None,
    code_column: str | None = None,
    limits: Limits | None = None,
) -> dict[UUID, MultiPolygon]:
    """The territories of a file, by division, in EPSG:4490.

    Divisions are named by id or by a code in force; where they are recorded tells whether the
    coordinate system can be right.

    Raises:
        DivisionIsUnknown: the file names one the registry does not know.
        Errors of `read_raw` and `locate`.
    """
    raw = read_raw(path, name, layer=layer, code_column=code_column, limits=limits)
    store = DivisionStore(connection)
    ids = {one.key: store.resolve(one.key, at) for one in raw.shapes}
    if len(set(ids.values())) < len(ids):
        raise SourceIsUnreadable(name, "a division occurs twice, by its id and by its code")
    survey = locate(raw, crs=crs, expected=_recorded(connection, set(ids.values()), at))
    return {ids[key]: territory for key, territory in survey.territories.items()}


def _recorded(connection: Connection, divisions: set[UUID], at: AsOf) -> Box | None:
    """Where divisions lie by what is recorded, or by the units above them."""
    around = Surroundings(connection, at)
    wanted = divisions
    while wanted:
        known = around.territories(wanted)
        if known:
            bounds = shapely.total_bounds(list(known.values()))
            return Box(*map(float, bounds))
        units = around.units(wanted).values()
        wanted = {one.parent_id for one in units if one.parent_id is not None}
    return None
