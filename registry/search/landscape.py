"""Territories and drawn courses of a day, kept in the process: where a point lies, and what road is near.

Only one day and one state of them is kept, the present. What changes touched of it is read anew;
where two roads meet is asked of the database once for each road.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import shapely
from shapely import STRtree

from geo.nearness import Distances, Line, Point, apart_deg, nearest_on
from registry.changes.period import AsOf
from registry.hot import Row
from registry.search.grounds import MEETING_DEG
from registry.search.held_doors import NotAtHand
from registry.search.nearby import FURTHEST_M, NearCrossing, NearRoad
from registry.search.nearby_reads import COURSES

ON_A_BORDER_DEG = 1e-9
"""Nearer to a border than a tenth of a millimetre, a point may lie on it: the database decides."""
NEAR_DEG = 0.002
"""How far courses are looked for first; then twice as far, and so on."""
ALIKE = 1 + 1e-9
"""Distances that differ by less are reckoned again as the database does."""
MOST_NORTHERN_DEG = 85.0
"""Nearer to the poles the database is asked."""
UNIT_CELL_DEG, ROAD_CELL_DEG = 2.0**-10, 2.0**-8
"""What is found for a point of a cell is kept for the others: 100 m and 400 m a side."""
MOST_CELLS = 1 << 14
MOST_DRAWN = 4096
"""Courses whose points are kept as numbers."""
MOST_ROADS = 20_000
"""Roads whose crossings are kept."""
_ROUND = ((0.0, 0.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))


class CrossingsUnknown(NotAtHand):
    """The crossings of a road have to be asked of the database: `Landscape.learn` takes them."""

    def __init__(self, road: UUID, name: str) -> None:
        super().__init__(f"crossings of {road}")
        self.road = road
        self.name = name

    def asked(self, at: AsOf) -> dict[str, object]:
        """The values of the statement `MEETINGS`."""
        return {"road": self.road, "name": self.name, "on": at.valid_on, "known": at.known}


class Territory(NamedTuple):
    """The territory (管辖范围) of a division."""

    level: int
    division_id: UUID
    basis: str
    shape: Any


class Course(NamedTuple):
    """The drawn course of a thoroughfare, river or wall."""

    named_place_id: UUID
    name: str | None
    """None: it is no thoroughfare, or has no standard name."""
    shape: Any


_SEVERAL = Territory(0, UUID(int=0), "", None)
Cell = tuple[int, int]
Close = Sequence[tuple[float, Course, Sequence[Line]]]
"""Courses, nearest to the middle first, and the stretches of them that are near."""
_first_one, _first_two = itemgetter(0), itemgetter(0, 1)


class Landscape:
    """Everything that is drawn, on a day; EPSG:4490."""

    def __init__(
        self,
        territories: dict[UUID, Territory],
        courses: dict[UUID, Course],
        meetings: Mapping[UUID, Sequence[Row]] | None = None,
    ) -> None:
        """Take territories by division, courses by named place, and crossings learnt before."""
        self.territories = territories
        self.courses = courses
        self._units = sorted(territories.values(), key=lambda one: one[:3], reverse=True)
        self._shapes = np.array([one.shape for one in self._units], dtype=object)
        shapely.prepare(self._shapes)
        self._units_near = STRtree(self._shapes)
        self._roads = list(courses.values())
        self._roads_near = STRtree([one.shape for one in self._roads])
        self._drawn: dict[int, Sequence[Line]] = {}
        self._unit_of_cell: dict[Cell, Territory | None] = {}
        self._roads_of_cell: dict[Cell, Close] = {}
        self._meetings = dict(meetings or {})

    def smallest(self, lon: float, lat: float) -> Territory | None:
        """The smallest territory a point (degrees) lies in, its border included.

        Raises:
            NotAtHand: it lies on a border, or all but.
        """
        cell = math.floor(lon / UNIT_CELL_DEG), math.floor(lat / UNIT_CELL_DEG)
        try:
            held: Territory | None = self._unit_of_cell[cell]
        except KeyError:
            held = self._survey(cell)
        if held is not _SEVERAL:
            return held
        near = self._units_near.query(_around(lon, lat, ON_A_BORDER_DEG * 2))
        near.sort()
        x = [lon + east * ON_A_BORDER_DEG for east, _north in _ROUND]
        y = [lat + north * ON_A_BORDER_DEG for _east, north in _ROUND]
        inside = shapely.intersects_xy(self._shapes[near][:, None], x, y)
        for place, count in zip(near.tolist(), inside.sum(axis=1).tolist(), strict=True):
            if count == len(_ROUND):
                smallest: Territory = self._units[place]
                return smallest
            if count:
                raise NotAtHand
        return None

    def _survey(self, cell: Cell) -> Territory | None:
        """The smallest territory of a whole cell; `_SEVERAL`: there is more than one."""
        half = UNIT_CELL_DEG / 2 + ON_A_BORDER_DEG * 2
        box = _around(*_middle(cell, UNIT_CELL_DEG), half)
        near = self._units_near.query(box, predicate="intersects")
        found = None
        if len(near):
            first = int(near.min())
            within = shapely.contains_properly(self._shapes[first], box)
            found = self._units[first] if within else _SEVERAL
        if len(self._unit_of_cell) >= MOST_CELLS:
            self._unit_of_cell.clear()
        self._unit_of_cell[cell] = found
        return found

    def course(self, named_place_id: UUID | None) -> Line | None:
        """The course of a carrier that is drawn as one line."""
        found = None if named_place_id is None else self.courses.get(named_place_id)
        if found is None or found.shape.geom_type != "LineString":
            return None
        (line,) = self._lines(found)
        return line

    def road(self, lon: float, lat: float, distances: Distances) -> NearRoad | None:
        """The nearest thoroughfare of the courses nearest to a point (degrees)."""
        found = [
            (distances.to_m(x, y), one.name, one.named_place_id)
            for one, (x, y) in self._nearest(lon, lat)
            if one.name is not None
        ]
        if not found:
            return None
        metres, name, place = min(found)
        return NearRoad(place, name, metres)

    def crossing(
        self, road: NearRoad, lon: float, lat: float, distances: Distances
    ) -> NearCrossing | None:
        """Where a road meets another, nearest to a point (degrees).

        Raises:
            CrossingsUnknown: they have not been learnt yet.
        """
        met = self._meetings.get(road.named_place_id)
        if met is None:
            raise CrossingsUnknown(road.named_place_id, road.name)
        if not met:
            return None
        # Those with equal distances come in the order of their names.
        other, x, y = min(met, key=lambda one: apart_deg((one[1], one[2]), (lon, lat)))
        return NearCrossing((road.name, other), x, y, distances.to_m(x, y))

    def learn(self, road: UUID, met: Sequence[Row]) -> None:
        """Keep the crossings of a road: the other's name, longitude, latitude; by name."""
        if len(self._meetings) >= MOST_ROADS:
            self._meetings.clear()
        self._meetings[road] = met

    def changed(
        self,
        ids: Collection[UUID],
        territories: dict[UUID, Territory],
        courses: dict[UUID, Course],
    ) -> "Landscape":
        """The same after changes, with what they touched read anew.

        Args:
            ids: divisions and named places that were touched.
            territories: those of them that have one.
            courses: the same.
        """
        was = [held.shape for one, held in self.courses.items() if one in ids]
        stale = self._met_by([*was, *(held.shape for held in courses.values())]) | set(ids)
        return Landscape(
            {one: held for one, held in self.territories.items() if one not in ids} | territories,
            {one: held for one, held in self.courses.items() if one not in ids} | courses,
            {one: met for one, met in list(self._meetings.items()) if one not in stale},
        )

    def _met_by(self, shapes: Sequence[Any]) -> set[UUID]:
        """The courses that come near to others."""
        reach = MEETING_DEG * 2
        found: set[UUID] = set()
        for west, south, east, north in shapely.bounds(np.array(shapes, object)).tolist():
            box = shapely.box(west - reach, south - reach, east + reach, north + reach)
            near = self._roads_near.query(box).tolist()
            found |= {self._roads[one].named_place_id for one in near}
        return found

    def _nearest(self, lon: float, lat: float) -> list[tuple[Course, Point]]:
        """The courses nearest to a point, each with the point of it that is nearest."""
        cell = math.floor(lon / ROAD_CELL_DEG), math.floor(lat / ROAD_CELL_DEG)
        try:
            close = self._roads_of_cell[cell]
        except KeyError:
            close = self._close_to(cell)
        off = apart_deg((lon, lat), _middle(cell, ROAD_CELL_DEG))
        found: list[tuple[float, UUID, Course, Point]] = []
        for least, one, lines in close:
            if len(found) >= COURSES and least - off > found[COURSES - 1][0] * ALIKE:
                break
            away, x, y = nearest_on(lon, lat, lines)
            found.append((away, one.named_place_id, one, (x, y)))
            if len(found) >= COURSES:
                found.sort(key=_first_two)
        return [(one, foot) for _away, _id, one, foot in found[:COURSES]]

    def _close_to(self, cell: Cell) -> Close:
        """The courses that may be among the nearest to a point of a cell: what of them may be."""
        middle = _middle(cell, ROAD_CELL_DEG)
        half = ROAD_CELL_DEG * math.sqrt(0.5)
        near = self._roads_within(*middle, half, furthest_deg(middle[1]) + half)
        found = []
        for course, reach in near:
            kept = [
                stretch
                for line in self._lines(course)
                for stretch in _stretches(line)
                if nearest_on(*middle, (stretch,))[0] <= reach
            ]
            found.append((nearest_on(*middle, kept)[0], course, kept))
        found.sort(key=_first_one)
        if len(self._roads_of_cell) >= MOST_CELLS:
            self._roads_of_cell.clear()
        self._roads_of_cell[cell] = found
        return found

    def _roads_within(
        self, lon: float, lat: float, half: float, furthest: float
    ) -> list[tuple[Course, float]]:
        """Courses that may be among the nearest to some point no further than `half` from another.

        None, when none is nearer than `furthest`. With each: how far from the other it has to be
        to count.
        """
        reach, point = NEAR_DEG, shapely.Point(lon, lat)
        whole = False
        while not whole:
            whole = reach > furthest
            near = self._roads_near.query(_around(lon, lat, reach))
            if whole and not len(near):
                return []
            away = shapely.distance(self._roads_near.geometries[near], point)
            if whole and not (away <= furthest).any():
                return []
            if np.count_nonzero(away <= reach) >= COURSES:
                break
            reach *= 2
        else:
            near = np.arange(len(self._roads))
            away = shapely.distance(self._roads_near.geometries, point)
        last = min(COURSES, len(away)) - 1
        bound = (float(np.partition(away, last)[last]) + 2 * half) * ALIKE
        if bound > reach and not whole:
            near = self._roads_near.query(_around(lon, lat, bound))
            away = shapely.distance(self._roads_near.geometries[near], point)
        return [(self._roads[one], bound) for one in near[away <= bound].tolist()]

    def _lines(self, course: Course) -> Sequence[Line]:
        """Its parts, each with its points."""
        key = id(course.shape)
        found = self._drawn.get(key)
        if found is None:
            parts = shapely.get_parts(course.shape)
            found = [[(x, y) for x, y, *_height in one.coords] for one in parts]
            if len(self._drawn) >= MOST_DRAWN:
                self._drawn.clear()
            self._drawn[key] = found
        return found


def _around(lon: float, lat: float, reach: float) -> Any:
    return shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)


def _middle(cell: Cell, side: float) -> Point:
    return (cell[0] + 0.5) * side, (cell[1] + 0.5) * side


def _stretches(line: Line) -> Sequence[Line]:
    """A line in pieces of two points; one point stays one."""
    return [line] if len(line) < 2 else list(pairwise(line))


def furthest_deg(lat: float) -> float:
    """How many degrees off, at most, something `FURTHEST_M` away from a latitude lies.

    Raises:
        NotAtHand: so near to a pole that it cannot be said.
    """
    up = math.degrees(FURTHEST_M / 6_350_000)
    if abs(lat) + up > MOST_NORTHERN_DEG:
        raise NotAtHand
    return up / math.cos(math.radians(abs(lat) + up)) * 1.01
