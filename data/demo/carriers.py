"""Roads and settlements of the demonstration city: real road names, made-up settlement names."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from data.demo.city import SAMPLE, rows_of
from data.demo.seeds import generator

ROADS = SAMPLE / "xiamen_road_names_wgs84.csv.gz"
SPELLINGS = Path(__file__).parent / "road_spellings.csv"
STORIES = Path(__file__).parent / "stories.csv"
GENERICS = ("大道", "路", "街", "道", "巷", "里", "社", "区")
AREA_GENERICS = frozenset({"里", "社", "区"})
VILLAGE_ITSELF = ""
"""Text of the stand-in for a village (村) whose doors are numbered as one, without a carrier."""
VILLAGE_BLOCK = "2"
SHORTEST_ROAD_DEG = 0.0006
WIDEST_AREA_DEG = 0.0012
"""About 120 m; half as wide again from north to south."""
CLEARANCE = 0.8
"""Share of the distance to the village's edge that a settlement fills."""
TRIED_PLACES = 96
MOST_AREAS = 3
ENDINGS = ("里", "一里", "二里", "东里", "西里", "北里", "南里", "社", "后社", "前社")
NO_PLACE = "虚拟"
SUFFIXES = ("社区", "村")

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A thoroughfare (街路巷) or area (里, 社) that carries door numbers."""

    text: str
    generic: str
    district: str
    villages: Names
    """Codes of the villages it touches; the first is the one it lies in when it is an area."""
    extent: BaseGeometry
    """EPSG:4490: the line of a road, the disc of an area."""
    real_name: bool
    variants: Names = ()

    @property
    def specific(self) -> str:
        """专名."""
        return self.text.removesuffix(self.generic)

    @property
    def is_area(self) -> bool:
        """Whether it is a 里, 社 or 区 rather than a road."""
        return self.generic in AREA_GENERICS

    @property
    def is_village(self) -> bool:
        """Whether it stands for a village whose doors have no carrier."""
        return self.text == VILLAGE_ITSELF

    @property
    def key(self) -> str:
        """Tells it apart from all others."""
        return self.text or self.villages[0]


@dataclass(frozen=True, slots=True)
class Land:
    """The villages of the city and their territories, by code, for looking places up."""

    codes: Names
    territories: tuple[MultiPolygon, ...]
    names: Mapping[str, str]
    tree: shapely.STRtree

    @classmethod
    def of(cls, villages: Mapping[str, MultiPolygon], names: Mapping[str, str]) -> "Land":
        """Index the villages."""
        codes = tuple(sorted(villages))
        territories = tuple(villages[code] for code in codes)
        return cls(codes, territories, names, shapely.STRtree(territories))

    def touched_by(self, place: BaseGeometry) -> Names:
        """Codes of the villages a place touches, in order."""
        found = self.tree.query(place, predicate="intersects")
        return tuple(self.codes[number] for number in sorted(found))


def city_carriers(land: Land) -> list[Carrier]:
    """All carriers of the demonstration, always the same and in the same order."""
    stories = _story_carriers(land)
    told = {carrier.text for carrier in stories}
    roads = [road for road in _roads(land) if road.text not in told]
    taken = told | {road.text for road in roads}
    return [*stories, *roads, *_settlements(land, taken)]


def _roads(land: Land) -> Iterator[Carrier]:
    """Roads with a real name, where their bays were counted."""
    spellings = {row["found"]: row["standard"] for row in rows_of(SPELLINGS)}
    variants: dict[str, list[str]] = {}
    for row in rows_of(SPELLINGS):
        if row["why"] == "variant in use":
            variants.setdefault(row["standard"], []).append(row["found"])
    for row in rows_of(ROADS):
        name = row["road_name"]
        generic = generic_of(name)
        if name in spellings or generic is None:
            continue
        line = _line(row)
        inside = [land.territories[number] for number in land.tree.query(line, "intersects")]
        on_land = shapely.intersection(line, shapely.union_all(inside))
        if on_land.is_empty or on_land.length == 0:
            continue
        if generic in AREA_GENERICS:
            village = land.touched_by(on_land.representative_point())[0]
            yield _area(land, village, name, real_name=True)
            continue
        villages = land.touched_by(on_land)
        others = tuple(variants.get(name, ()))
        district = _most(code[:6] for code in villages)
        yield Carrier(name, generic, district, villages, on_land, real_name=True, variants=others)


def _story_carriers(land: Land) -> list[Carrier]:
    """Carriers the examples of the documentation speak of and the road list does not hold."""
    found: dict[str, Carrier] = {}
    for row in rows_of(STORIES):
        name, village = row["carrier"], row["village"]
        if not village or name in found:
            continue
        area = _area(land, village, name, generic=row["generic"])
        if row["generic"] not in AREA_GENERICS:
            west, _south, east, _north = area.extent.bounds
            middle = area.extent.centroid
            line = LineString([(west, middle.y), (east, middle.y)])
            area = Carrier(name, row["generic"], village[:6], (village,), line, real_name=False)
        found[name] = area
    return list(found.values())


def _settlements(land: Land, taken: set[str]) -> Iterator[Carrier]:
    """Made-up settlements with the name of their village."""
    for code in land.codes:
        name = land.names[code]
        if NO_PLACE in name or int(code[-3:]) >= 400:
            continue
        base = _base_of(name)
        random = generator(f"settlements:{code}")
        wanted = int(random.integers(1, MOST_AREAS + 1))
        chosen = random.permutation(len(ENDINGS))
        free = [f"{base}{ENDINGS[number]}" for number in chosen]
        if code[9] == VILLAGE_BLOCK:
            yield _area(land, code, VILLAGE_ITSELF, place=MOST_AREAS - 1)
        for place, text in enumerate([text for text in free if text not in taken][:wanted]):
            taken.add(text)
            yield _area(land, code, text, place=place)


def _area(
    land: Land,
    village: str,
    text: str,
    *,
    place: int = 0,
    generic: str | None = None,
    real_name: bool = False,
) -> Carrier:
    """An area as a disc well inside its village; `place` tells those of one village apart."""
    territory = land.territories[bisect_left(land.codes, village)]
    centre, radius_deg = _roomy_places(territory, village)[place]
    disc = Point(centre).buffer(radius_deg, quad_segs=4)
    ending = generic or generic_of(text) or ""
    return Carrier(text, ending, village[:6], (village,), disc, real_name)


def _roomy_places(territory: MultiPolygon, village: str) -> list[tuple[tuple[float, float], float]]:
    """Centres and radii in degrees of discs inside a territory, roomiest first, apart from each other."""
    random = generator(f"places:{village}")
    main = max(territory.geoms, key=lambda part: part.area)
    west, south, east, north = main.bounds
    points = random.uniform((west, south), (east, north), (TRIED_PLACES, 2))
    circle = shapely.maximum_inscribed_circle(main, tolerance=0.0001)
    points = np.vstack([shapely.get_coordinates(circle)[:1], points])
    inside = shapely.contains_xy(main, points[:, 0], points[:, 1])
    points = points[inside]
    distances = np.atleast_1d(shapely.distance(shapely.points(points), main.boundary))
    found: list[tuple[tuple[float, float], float]] = []
    for number in np.argsort(-distances, kind="stable"):
        x, y = (float(value) for value in points[number])
        radius = min(CLEARANCE * float(distances[number]), WIDEST_AREA_DEG)
        apart = all(math.dist((x, y), centre) > radius + other for centre, other in found)
        if apart or len(found) == 0:
            found.append(((x, y), radius))
        if len(found) == MOST_AREAS:
            return found
    while len(found) < MOST_AREAS:
        found.append(found[0])
    return found


def _line(row: Mapping[str, str]) -> LineString:
    """A straight line through the middle of a road's bays, along its longer extent."""
    west, east = float(row["lng_min"]), float(row["lng_max"])
    south, north = float(row["lat_min"]), float(row["lat_max"])
    x, y = float(row["lng_mean"]), float(row["lat_mean"])
    half = SHORTEST_ROAD_DEG / 2
    if (east - west) * math.cos(math.radians(y)) >= north - south:
        return LineString([(min(west, x - half), y), (max(east, x + half), y)])
    return LineString([(x, max(north, y + half)), (x, min(south, y - half))])


def generic_of(name: str) -> str | None:
    """The generic part (通名) a name ends in; None when it ends in none or is nothing else."""
    return next(
        (generic for generic in GENERICS if name.endswith(generic) and name != generic),
        None,
    )


def _base_of(village: str) -> str:
    for suffix in SUFFIXES:
        if village.endswith(suffix) and len(village) > len(suffix) + 1:
            return village.removesuffix(suffix)
    return village


def _most(codes: Iterator[str]) -> str:
    held = sorted(codes)
    return max(sorted(set(held)), key=held.count)
