"""Two editions with territories: the Swiss ones where they are at hand, and a made-up country."""

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPoint, mapping
from shapely.geometry.base import BaseGeometry

from tests.data.editions.shared import SHARED

SWISS = [
    SHARED / "foreign_boundaries" / f"ch_municipalities_{year}.geojson.gz" for year in (2014, 2017)
]
MUNICIPALITIES, MERGERS, TAKEN_OVER = 400, 25, 25
WOBBLE = 0.002
"""Of a side of a hundredth: lines are drawn anew between editions."""


def write_country(folder: Path, seed: int = 7) -> tuple[Path, Path]:
    """A country of cells, some of which merge into new ones and some into a neighbour."""
    random = Random(seed)
    points = MultiPoint([(random.random(), random.random()) for _ in range(MUNICIPALITIES)])
    frame = shapely.box(0, 0, 1, 1)
    cells = [
        cell.intersection(frame) for cell in shapely.voronoi_polygons(points, extend_to=frame).geoms
    ]
    old = {str(number): cell for number, cell in enumerate(cells, start=1)}
    new, used = dict(old), set[str]()
    for number in range(MERGERS + TAKEN_OVER):
        pair = _neighbours(old, used, random)
        used |= set(pair)
        code = str(5000 + number) if number < MERGERS else pair[0]
        land = shapely.union_all([new.pop(one) for one in pair])
        new[code] = land
    drawn = {code: shapely.simplify(land, WOBBLE) for code, land in new.items()}
    return _write(folder / "before.geojson", old), _write(folder / "after.geojson", drawn)


def _neighbours(cells: dict[str, BaseGeometry], used: set[str], random: Random) -> tuple[str, str]:
    free = sorted(set(cells) - used)
    while True:
        one = random.choice(free)
        beside = [
            other
            for other in free
            if other != one and cells[one].intersection(cells[other]).length > 0.01
        ]
        if beside:
            return one, random.choice(beside)


def _write(path: Path, cells: dict[str, BaseGeometry]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"Ort {code}"},
            "geometry": mapping(land),
        }
        for code, land in sorted(cells.items())
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}) + "\n")
    return path


def heirs_by_points(
    before: dict[str, BaseGeometry], after: dict[str, BaseGeometry], seed: int = 1
) -> dict[str, str]:
    """Of every old territory the new one most of its points lie in, by throwing points at it.

    Another way to the same answer than measuring common areas.
    """
    codes = sorted(after)
    tree = shapely.STRtree([after[code] for code in codes])
    draw = np.random.default_rng(seed)
    found = {}
    for code, land in before.items():
        hits: dict[str, int] = {}
        points = _points_in(land, draw)
        for _point, place in zip(*tree.query(points, predicate="within"), strict=True):
            hits[codes[int(place)]] = hits.get(codes[int(place)], 0) + 1
        if hits:
            found[code] = max(sorted(hits), key=lambda one: hits[one])
    return found


def _points_in(land: BaseGeometry, draw: np.random.Generator) -> Any:
    west, south, east, north = land.bounds
    thrown = shapely.points(
        draw.uniform(west, east, size=400), draw.uniform(south, north, size=400)
    )
    return thrown[shapely.contains(land, thrown)]
