"""Validation of a coverage, against GEOS's bare check of the same areas and against what is promised.

In seconds of the processor: both use one alone, and what others do on the machine is no part of either.
"""

import time
from collections.abc import Callable

import numpy as np
import shapely

from benchmarks.measure import Measured, compared
from geo.coverage.model import Coverage
from geo.coverage.validation import validate
from tests.geo.patchwork import moved_vertex, patchwork

SIZES = ((50, 50, 5.0), (242, 171, 180.0))
"""Columns, rows, and what is promised in seconds: a county's villages, the nation's townships."""
BENDS = 24
DEFECTS = 300
ASTRAY_M = 40.0
ROUNDS_OF_THE_NATION = 1
"""It takes a minute, and its own length evens it out."""


def coverages(repeats: int) -> list[Measured]:
    """Seconds of finding every defect in a county and in a nation."""
    found: list[Measured] = []
    for columns, rows, promised_s in SIZES:
        pieces = columns * rows
        name = f"coverage of {pieces:,} territories"
        rounds = repeats if pieces < 10_000 else ROUNDS_OF_THE_NATION
        found += _of(name, broken(columns, rows), rounds, promised_s)
    return found


def broken(columns: int, rows: int) -> Coverage:
    """A patchwork in which some hundred vertices stand where they should not."""
    made = patchwork(columns, rows, bends=BENDS, seed=1)
    pieces = list(made.pieces)
    step = max(columns * rows // DEFECTS, 1)
    for which in range(columns + 3, columns * rows - columns, step):
        moved = moved_vertex(Coverage(tuple(pieces), made.parent), which, ASTRAY_M)
        pieces = list(moved.coverage.pieces)
    return Coverage(tuple(pieces), made.parent)


def _processor_s(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def _of(name: str, coverage: Coverage, rounds: int, promised_s: float) -> list[Measured]:
    areas = np.array([one.territory for one in coverage.pieces], dtype=object)
    whole: list[float] = []
    bare: list[float] = []
    defects: list[float] = []
    for _round in range(rounds):
        whole.append(_processor_s(lambda: defects.append(len(validate(coverage)))))
        bare.append(_processor_s(lambda: shapely.coverage_invalid_edges(areas)))
    vertices = float(shapely.get_num_coordinates(areas).sum())
    limit = Measured(name, "coverage_invalid_edges, bare", "s", tuple(bare))
    promised = Measured(name, "promised", "s", tuple(promised_s for _ in whole))
    return [
        compared(Measured(name, "every defect found", "s", tuple(whole)), limit),
        compared(
            Measured(name, "every defect found, of what is promised", "s", tuple(whole)), promised
        ),
        limit,
        Measured(name, "defects", "", tuple(defects)),
        Measured(name, "vertices", "", (vertices,)),
    ]
