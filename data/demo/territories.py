"""Territories of the demonstration city, from the villages upwards, each the union of its members."""

from collections.abc import Iterator, Mapping
from datetime import date

import shapely
from shapely.geometry import MultiPolygon

from data.demo.city import DISTRICTS, village_groups
from data.demo.outlines import Outlines
from data.demo.partition import joined, partition
from data.demo.units import Unit
from data.editions.loading import CAUSE, Progress, refresh_statistics
from geo.area import area_m2
from registry.changes.work import Work
from registry.divisions.tables import territory_version

SRID = 4490
BASIS = "illustrative"


def village_territories(units: Mapping[str, Unit], outlines: Outlines) -> dict[str, MultiPolygon]:
    """A territory for every village, by code."""
    townships = {unit.division_id: unit.code for unit in units.values()}
    villages = {
        unit.code: townships[unit.parent_id]
        for unit in units.values()
        if len(unit.code) == 12 and unit.parent_id is not None
    }
    return partition(outlines, village_groups(villages))


def load_territories(
    work: Work, units: Mapping[str, Unit], outlines: Outlines, *, source: str, progress: Progress
) -> int:
    """Write the territories of villages, townships, districts and the city; returns how many.

    A territory holds from the day the last of the members it was drawn from joined.
    """
    villages = village_territories(units, outlines)
    drawn = dict(_drawn_upwards(units, villages))
    rows = []
    for number, (code, (territory, since)) in enumerate(drawn.items(), start=1):
        drawn_from = source if code in DISTRICTS else f"illustrative partition of: {source}"
        ewkb = shapely.to_wkb(shapely.set_srid(territory, SRID), hex=True, include_srid=True)
        valid = f"[{since},)" if since else "(,)"
        rows.append((units[code].division_id, ewkb, area_m2(territory), BASIS, drawn_from, valid))
        progress("territories", number, len(drawn))
    columns = ("division_id", "territory", "area_m2", "basis", "source", "valid")
    count = work.copy(territory_version, columns, rows, cause=CAUSE)
    refresh_statistics(work.connection, territory_version.name)
    return count


def _drawn_upwards(
    units: Mapping[str, Unit], villages: Mapping[str, MultiPolygon]
) -> Iterator[tuple[str, tuple[MultiPolygon, date | None]]]:
    code_of = {unit.division_id: unit.code for unit in units.values()}
    level = {code: (drawn, units[code].begun) for code, drawn in villages.items()}
    while level:
        yield from level.items()
        members: dict[str, list[str]] = {}
        for code in level:
            parent = units[code].parent_id
            if parent is not None and parent in code_of:
                members.setdefault(code_of[parent], []).append(code)
        level = {
            code: (
                joined([level[held][0] for held in held_ones]),
                _latest([units[code].begun, *(units[held].joined_on for held in held_ones)]),
            )
            for code, held_ones in members.items()
        }


def _latest(days: list[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)
