"""What the registry holds of the city on the baseline's day: where generated things can lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from geoalchemy2.shape import to_shape
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection, select

from data.demo.carriers import Land
from data.demo.city import BASELINE_EDITION
from data.demo.units import Unit, units_on
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.divisions.tables import territory_version


@dataclass(frozen=True, slots=True)
class Ground:
    """Divisions by code, and the land of the villages."""

    units: Mapping[str, Unit]
    land: Land


def baseline_day(connection: Connection) -> AsOf:
    """The baseline's day, as known now."""
    return AsOf(date.fromisoformat(BASELINE_EDITION), ChangeStore(connection).head())


def ground_of(connection: Connection) -> Ground:
    """Read the divisions and the territories of the villages."""
    at = baseline_day(connection)
    units = units_on(connection, at)
    code_of = {unit.division_id: code for code, unit in units.items() if len(code) == 12}
    table = territory_version
    rows = connection.execute(
        select(table.c.division_id, table.c.territory)
        .where(table.c.division_id.in_(list(code_of)), seen_at(table, at))
        .order_by(table.c.division_id)
    )
    villages = {}
    for division_id, territory in rows:
        shape = to_shape(territory)
        assert isinstance(shape, MultiPolygon)  # the column holds nothing else
        villages[code_of[division_id]] = shape
    names = {code: units[code].name for code in villages}
    return Ground(units, Land.of(villages, names))
