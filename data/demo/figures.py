"""Population and households of the demonstration: generated, and marked so wherever they show."""

from datetime import date

import numpy as np
from sqlalchemy import select

from data.editions.loading import Progress, silent
from registry.changes.work import Work
from registry.divisions.figures import ILLUSTRATIVE, DivisionFigures, record_figures
from registry.divisions.model import STATISTICAL, DivisionKind
from registry.divisions.tables import division_code_version, division_version

SOURCE = "为演示生成，不是统计数字"
VILLAGE_KINDS = (DivisionKind.VILLAGE.value, DivisionKind.COMMUNITY.value)
TYPICAL, SPREAD = 7.6, 0.45
"""Of the logarithm of a village's residents: most have between 1,200 and 3,100."""
PER_HOUSEHOLD = 2.6
URBAN_SHARE = {DivisionKind.VILLAGE.value: 0.25, DivisionKind.COMMUNITY.value: 0.95}


def load_figures(work: Work, on: date, *, progress: Progress = silent) -> int:
    """Figures for every village and community in force on a day, drawn from its code."""
    codes, versions = division_code_version, division_version
    rows = work.connection.execute(
        select(versions.c.division_id, versions.c.kind, codes.c.code)
        .join(codes, codes.c.division_id == versions.c.division_id)
        .where(
            versions.c.kind.in_(VILLAGE_KINDS),
            versions.c.valid.contains(on),
            versions.c.recorded_to.is_(None),
            codes.c.scheme == STATISTICAL,
            codes.c.valid.contains(on),
            codes.c.recorded_to.is_(None),
        )
        .order_by(codes.c.code)
    ).all()
    figures = {row.division_id: _figures(row.code, row.kind, on) for row in rows}
    progress("Figures", len(figures), len(figures))
    return record_figures(work, figures)


def _figures(code: str, kind: str, on: date) -> DivisionFigures:
    chance = np.random.default_rng(int(code))
    residents = int(chance.lognormal(TYPICAL, SPREAD))
    return DivisionFigures(
        counted_on=on,
        basis=ILLUSTRATIVE,
        source=SOURCE,
        resident_population=residents,
        registered_population=int(residents * chance.uniform(0.6, 1.05)),
        households=max(1, int(residents / PER_HOUSEHOLD)),
        urban_population=int(residents * URBAN_SHARE[kind]),
    )
