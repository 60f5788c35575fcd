"""Coverages for tiles: the territories of a moment, with as much detail as a zoom shows.

At small zooms all territories are simplified together, once a zoom, day and change. The smallest
units shown make the coverage; what lies above them is their union, so that the outline of a district
runs along the outlines of its villages. At large zooms nothing is simplified and a tile reads what it
shows.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    LargeBinary,
    Select,
    Text,
    any_,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
)

from geo.tiling import BUFFER, EXTENT, in_tile, onto_world, shared_edges, simplified, tile_bounds
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import LAYERS_OF_THE_STATE, LEVELS, STATISTICAL
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    territory_version,
)
from registry.features.operands import stored_wkb
from registry.hot import HotStatement, Rows

LEVELS_SHOWN = ((5, 2), (8, 3), (11, 4))
"""Up to a zoom, down to a level; beyond, everything."""
SIMPLIFIED_UP_TO = 11
DEEPEST_LEVEL = 6
MOST_KEPT = 24
SAME_AREA = 1e-6
"""A unit whose members make up its area to this share is drawn as their union."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A division as tiles show it."""

    division_id: UUID
    name: str
    code: str | None
    kind: str
    level: int
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Units and their territories in units of the zoom, longitude to the east, y to the south."""

    units: tuple[Unit, ...]
    shapes: Any
    """`(n,)` geometries."""
    index: shapely.STRtree


class Coverages:
    """Coverages of moments, the latest kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Coverage] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, rows: Rows, at: AsOf, zoom: int, key: tuple[object, ...]) -> Coverage:
        """The coverage of a zoom.

        Args:
            key: what tells one state of the territories from another.
        """
        whole = (*key, zoom)
        with self._lock:
            found = self._kept.get(whole)
            if found is None:
                found = self._kept[whole] = _generalised(rows, at, zoom)
            self._kept.move_to_end(whole)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def drawn_features(
    name: str,
    rows: Rows,
    at: AsOf,
    tile: tuple[int, int, int],
    *,
    kept: Coverages,
    key: tuple[object, ...],
) -> list[dict[str, object]]:
    """Divisions or boundary lines of a tile, in its units, as `tiles.drawn_statement` takes them."""
    zoom, x, y = tile
    if zoom <= SIMPLIFIED_UP_TO:
        coverage = kept.of(rows, at, zoom, key)
        units, shapes = _near(coverage, tile)
    else:
        region = stored_wkb(box(*tile_bounds(zoom, x, y, margin=BUFFER)))
        units, raw = _read(rows, TERRITORIES_IN, at, down_to=DEEPEST_LEVEL, region=region)
        shapes = list(onto_world(raw, zoom))
    if name == "divisions":
        return _polygons(units, shapes, x, y)
    return _lines(units, shapes, x, y)


def levels_shown(zoom: int) -> int:
    """The smallest units a zoom shows."""
    return next((level for last, level in LEVELS_SHOWN if zoom <= last), DEEPEST_LEVEL)


def _polygons(
    units: Sequence[Unit], shapes: Sequence[BaseGeometry], x: int, y: int
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for unit, shape in zip(units, shapes, strict=True):
        cut = in_tile(shape, x, y)
        if cut is not None:
            found.append(
                {
                    "id": str(unit.division_id),
                    "name": unit.name,
                    "code": unit.code,
                    "kind": unit.kind,
                    "level": unit.level,
                    "shapes": cut.wkb,
                }
            )
    return found


def _lines(
    units: Sequence[Unit], shapes: Sequence[BaseGeometry], x: int, y: int
) -> list[dict[str, object]]:
    """Shared edges of units of one level, found on the grid: they run where the polygons end."""
    found: list[dict[str, object]] = []
    cuts = [in_tile(shape, x, y) for shape in shapes]
    for level in sorted({unit.level for unit in units}):
        members = [
            (unit, cut)
            for unit, cut in zip(units, cuts, strict=True)
            if unit.level == level and cut is not None
        ]
        for one, other, line in shared_edges([cut for _unit, cut in members]):
            found.append(
                {
                    "left": str(members[one][0].division_id),
                    "right": str(members[other][0].division_id),
                    "level": level,
                    "shapes": line.wkb,
                }
            )
    return found


def _near(coverage: Coverage, tile: tuple[int, int, int]) -> tuple[list[Unit], list[BaseGeometry]]:
    _zoom, x, y = tile
    west, north = x * EXTENT - BUFFER, y * EXTENT - BUFFER
    side = EXTENT + 2 * BUFFER
    places = np.sort(coverage.index.query(box(west, north, west + side, north + side)))
    return [coverage.units[place] for place in places], [coverage.shapes[place] for place in places]


def _generalised(rows: Rows, at: AsOf, zoom: int) -> Coverage:
    units, raw = _read(rows, TERRITORIES, at, down_to=levels_shown(zoom))
    shapes = onto_world(raw, zoom)
    if len(units):
        shapes = _simplified_together(units, shapes)
    return Coverage(tuple(units), shapes, shapely.STRtree(shapes))


def _simplified_together(units: Sequence[Unit], shapes: Any) -> Any:
    """All shapes with less detail: the smallest units as one coverage, the others as their unions."""
    places = {unit.division_id: place for place, unit in enumerate(units)}
    members: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        above = places.get(unit.parent_id) if unit.parent_id else None
        if above is not None:
            members.setdefault(above, []).append(place)
    areas = shapely.area(shapes)
    made_up = {
        place: below
        for place, below in members.items()
        if abs(areas[below].sum() - areas[place]) <= SAME_AREA * areas[place]
    }
    found = shapes.copy()
    # Units that their members do not make up are drawn on their own, each level as a coverage.
    own = sorted(
        {unit.level for place, unit in enumerate(units) if place in members.keys() - made_up.keys()}
    )
    leaves = [place for place in range(len(units)) if place not in members]
    groups = [leaves] + [
        [p for p in members.keys() - made_up.keys() if units[p].level == level] for level in own
    ]
    for group in groups:
        found[group] = simplified(shapes[group])
    for place in sorted(made_up, key=lambda each: -units[each].level):
        found[place] = shapely.coverage_union_all(found[made_up[place]])
    return found


def _read(
    rows: Rows, statement: HotStatement, at: AsOf, *, down_to: int, **more: object
) -> tuple[list[Unit], Any]:
    kinds = [kind.value for kind, level in LEVELS.items() if level <= down_to]
    found = rows(statement, on=at.valid_on, known=at.known, kinds=kinds, **more)
    units = [Unit(row[0], row[1], row[2], row[3], LEVELS_BY_NAME[row[3]], row[4]) for row in found]
    shapes = shapely.from_wkb(np.array([bytes(row[5]) for row in found], dtype=object))
    return units, shapes


LEVELS_BY_NAME: Mapping[str, int] = {kind.value: level for kind, level in LEVELS.items()}


def _territories(*, within: bool) -> Select[Any]:
    at = AsOf(
        cast(Any, bindparam("on", type_=Date)), cast(Any, bindparam("known", type_=BigInteger))
    )
    version, land, codes = division_version, territory_version, division_code_version
    kinds = bindparam("kinds", type_=ARRAY(Text))
    statement = (
        select(
            version.c.division_id,
            version.c.name,
            codes.c.code,
            version.c.kind,
            version.c.parent_id,
            type_coerce(func.ST_AsBinary(land.c.territory), LargeBinary()),
        )
        .select_from(
            land.join(version, version.c.division_id == land.c.division_id)
            .join(division, division.c.division_id == version.c.division_id)
            .outerjoin(
                codes,
                (codes.c.division_id == version.c.division_id)
                & (codes.c.scheme == STATISTICAL)
                & seen_at(codes, at),
            )
        )
        .where(
            seen_at(land, at),
            seen_at(version, at),
            or_(*(division.c.layer == layer for layer in sorted(LAYERS_OF_THE_STATE))),
            version.c.kind == any_(kinds),
        )
        .order_by(version.c.division_id)
    )
    if within:
        region = func.geometry(bindparam("region", type_=LargeBinary))
        statement = statement.where(land.c.territory.op("&&")(region))
    return statement


TERRITORIES = HotStatement.of(_territories(within=False))
TERRITORIES_IN = HotStatement.of(_territories(within=True))
