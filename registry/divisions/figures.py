"""Figures of divisions (统计数据): population, households, areas; dated, sourced, never guessed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from registry.changes.period import AsOf, Period
from registry.changes.rows import seen_at
from registry.changes.timeline import at, begin, correct
from registry.changes.work import Work
from registry.divisions.tables import division_statistics_version

ILLUSTRATIVE = "illustrative"
BASES = ("census", "published", "estimated", ILLUSTRATIVE)
TABLE = division_statistics_version


@dataclass(frozen=True, slots=True)
class DivisionFigures:
    """Figures of one division as one source gives them; None: the source does not say."""

    counted_on: date
    """The day the figures speak of; they hold until later ones are known."""
    basis: str
    """census, published, estimated or illustrative."""
    source: str
    resident_population: int | None = None
    registered_population: int | None = None
    households: int | None = None
    published_area_m2: float | None = None
    built_up_area_m2: float | None = None
    growth_boundary_area_m2: float | None = None
    urban_population: int | None = None
    revenue_yuan: float | None = None


COUNTS = ("resident_population", "registered_population", "households", "urban_population")
AREAS = ("published_area_m2", "built_up_area_m2", "growth_boundary_area_m2")
SUMMED = (*COUNTS, *AREAS, "revenue_yuan")
"""Figures of a whole that are the sums of its parts'."""
_LINES = select(TABLE.c.division_id, *(TABLE.c[one.name] for one in fields(DivisionFigures)))


def read_figures(
    connection: Connection, division_ids: Collection[UUID], as_of: AsOf
) -> dict[UUID, DivisionFigures]:
    """The latest figures of each division on a day; divisions without any are left out."""
    return _figures(
        connection,
        _LINES.where(TABLE.c.division_id.in_(list(division_ids)), seen_at(TABLE, as_of)),
    )


def figures_at(connection: Connection, as_of: AsOf) -> dict[UUID, DivisionFigures]:
    """The latest figures on a day of every division that has any."""
    return _figures(connection, _LINES.where(seen_at(TABLE, as_of)))


def _figures(connection: Connection, lines: Select[Any]) -> dict[UUID, DivisionFigures]:
    return {
        row["division_id"]: DivisionFigures(
            **{name: value for name, value in row.items() if name != "division_id"}
        )
        for row in connection.execute(lines).mappings()
    }


def record_figures(work: Work, figures: Mapping[UUID, DivisionFigures]) -> int:
    """Take figures in; each holds from the day it speaks of until the next that is known.

    Figures for a day that has some already are a correction of these. Returns the facts written.
    """
    known = work.believed(TABLE, figures)
    for division_id, one in figures.items():
        before = known.get(division_id, ())
        values: dict[str, Any] = {each.name: getattr(one, each.name) for each in fields(one)}
        held = at(before, one.counted_on)
        if held is None:
            starts = (version.valid.start for version in before)
            later = [day for day in starts if day is not None and day > one.counted_on]
            period = Period(one.counted_on, min(later, default=None))
            after = begin(before, period, values, "import")
        else:
            after = correct(before, Period(one.counted_on, held.valid.end), values, "import")
        work.rewrite(TABLE, division_id, before, after)
    return len(figures)
