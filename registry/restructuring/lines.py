"""Boundary lines (界线) and triple points that a plan creates or ends, read off the territories.

A line of a level runs where two divisions of that level meet. Only ground near a changed territory
is looked at; everywhere else the lines are the same before and after.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import shapely
from shapely import STRtree
from shapely.geometry import LineString, MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.measures import length_m
from registry.restructuring.impact import LineEffect, LineStatus, MarkerEffect
from registry.restructuring.situation import Situation

GRID_DEG = 1e-9
"""About a tenth of a millimetre: edges that are one line in the record fall on each other."""
SHORTEST_M = 0.05
"""Less is rounding, not a line."""
PLACES = 9
TRIPLE = 3

Pair = tuple[UUID, UUID]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Side:
    """Divisions of one level with their territories, before or after."""

    names: Mapping[UUID, str]
    territories: Mapping[UUID, MultiPolygon]


def line_effects(before: Situation, after: Situation) -> tuple[LineEffect, ...]:
    """Stretches that appear, disappear or come to part other divisions, longest first by level."""
    found: list[LineEffect] = []
    for level, (old, new), (was, now) in _levels(before, after):
        ended = _union(was.values())
        begun = _union(now.values())
        for pair, line in now.items():
            found += _stretches(level, pair, line, new, known=ended, before=was.get(pair))
        for pair, line in was.items():
            gone = _rest(line, begun)
            if length_m(gone) >= SHORTEST_M:
                found.append(_effect(level, LineStatus.ENDED, pair, old, gone))
    return tuple(
        sorted(found, key=lambda one: (one.level, one.status, -one.length_m, one.left, one.right))
    )


def marker_effects(before: Situation, after: Situation) -> tuple[MarkerEffect, ...]:
    """Triple points that appear or disappear."""
    found: list[MarkerEffect] = []
    for level, (old, new), (was, now) in _levels(before, after):
        ended, begun = _triple_points(was), _triple_points(now)
        for point in begun.keys() - ended.keys():
            names = _names(begun[point], new)
            found.append(MarkerEffect(level, LineStatus.CREATED, point, names))
        for point in ended.keys() - begun.keys():
            names = _names(ended[point], old)
            found.append(MarkerEffect(level, LineStatus.ENDED, point, names))
    return tuple(sorted(found, key=lambda one: (one.level, one.status, one.point)))


def _levels(
    before: Situation, after: Situation
) -> Iterator[
    tuple[int, tuple[_Side, _Side], tuple[dict[Pair, BaseGeometry], dict[Pair, BaseGeometry]]]
]:
    for level in sorted({before.level(unit) for unit in before.territories}):
        sides = _side(before, level), _side(after, level)
        old, new = sides
        units = old.territories.keys() | new.territories.keys()
        changed = {one for one in units if not _same(old.territories, new.territories, one)}
        if changed:
            yield level, sides, (_lines(old, changed), _lines(new, changed))


def _side(situation: Situation, level: int) -> _Side:
    units = {
        unit: territory
        for unit, territory in situation.territories.items()
        if situation.level(unit) == level
    }
    return _Side({unit: situation.name(unit) for unit in units}, units)


def _same(old: Mapping[UUID, MultiPolygon], new: Mapping[UUID, MultiPolygon], unit: UUID) -> bool:
    was, now = old.get(unit), new.get(unit)
    return was is now or (was is not None and now is not None and bool(was.equals(now)))


def _lines(side: _Side, changed: set[UUID]) -> dict[Pair, BaseGeometry]:
    """The line of every two divisions that meet, one of them changed."""
    units = list(side.territories)
    tree = STRtree([side.territories[unit] for unit in units])
    edges: dict[UUID, BaseGeometry] = {}

    def edge(unit: UUID) -> BaseGeometry:
        if unit not in edges:
            edges[unit] = side.territories[unit].boundary
        return edges[unit]

    found: dict[Pair, BaseGeometry] = {}
    for unit in sorted(changed & side.territories.keys(), key=lambda one: one.bytes):
        for place in sorted(tree.query(side.territories[unit])):
            other = units[place]
            pair = (min(unit, other), max(unit, other))
            if other == unit or pair in found:
                continue
            shared = _linear(shapely.intersection(edge(unit), edge(other), grid_size=GRID_DEG))
            if not shared.is_empty:
                found[pair] = shared
    return found


def _stretches(
    level: int,
    pair: Pair,
    line: BaseGeometry,
    side: _Side,
    *,
    known: BaseGeometry,
    before: BaseGeometry | None,
) -> Iterator[LineEffect]:
    fresh = _rest(line, known)
    if length_m(fresh) >= SHORTEST_M:
        yield _effect(level, LineStatus.CREATED, pair, side, fresh)
    inherited = _rest(line, fresh)
    others = inherited if before is None else _rest(inherited, before)
    if length_m(others) >= SHORTEST_M:
        yield _effect(level, LineStatus.OTHER_SIDES, pair, side, others)


def _effect(
    level: int, status: LineStatus, pair: Pair, side: _Side, line: BaseGeometry
) -> LineEffect:
    left, right = sorted(side.names[unit] for unit in pair)
    return LineEffect(level, status, left, right, round(length_m(line), 1))


def _triple_points(lines: Mapping[Pair, BaseGeometry]) -> dict[Point, frozenset[UUID]]:
    meeting: dict[Point, set[UUID]] = defaultdict(set)
    for pair, line in lines.items():
        for part in shapely.get_parts(shapely.line_merge(line)):
            if part.is_closed:
                continue
            for end in (part.coords[0], part.coords[-1]):
                meeting[round(end[0], PLACES), round(end[1], PLACES)] |= set(pair)
    return {point: frozenset(units) for point, units in meeting.items() if len(units) >= TRIPLE}


def _names(units: frozenset[UUID], side: _Side) -> tuple[str, ...]:
    return tuple(sorted(side.names[unit] for unit in units))


def _union(lines: Iterable[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all(list(lines), grid_size=GRID_DEG)


def _rest(line: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    if other.is_empty or line.is_empty:
        return line
    return _linear(shapely.difference(line, other, grid_size=GRID_DEG))


def _linear(geometry: BaseGeometry) -> BaseGeometry:
    parts = [
        part
        for part in shapely.get_parts(shapely.get_parts(geometry))
        if isinstance(part, LineString) and not part.is_empty
    ]
    merged = shapely.line_merge(MultiLineString(parts))
    return MultiLineString(list(shapely.get_parts(merged)))
