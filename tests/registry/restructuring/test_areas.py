"""Area is conserved to the square metre over every act with territories, on real polygons too."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon, box, shape

from geo.area import area_m2
from registry.changes.timeline import at
from registry.divisions.model import DivisionKind
from registry.restructuring.cutting import areal
from registry.restructuring.plan import Plan
from tests.ledgers import ON, Land, id_of

REAL = Path(__file__).parents[4] / "shared" / "data"
"""Real polygons that are tested with and not shipped; without them the made land stands alone."""
SWISS = REAL / "foreign_boundaries"
FUJIAN = REAL / "cn_boundaries"


@dataclass(frozen=True)
class Merging:
    """A land before, and which of its units each unit after is made of."""

    before: dict[str, MultiPolygon]
    heirs: dict[str, list[str]]
    repaired: tuple[str, ...] = ()


def made_land() -> Merging:
    """Slanted strips, of which neighbours merge by twos, threes and fours."""
    strips = {
        str(place): MultiPolygon(
            [
                Polygon(
                    [
                        (8 + place / 97, 46),
                        (8 + (place + 1) / 97, 46),
                        (8.1 + (place + 1) / 97, 46.3),
                        (8.1 + place / 97, 46.3),
                    ]
                )
            ]
        )
        for place in range(40)
    }
    heirs: dict[str, list[str]] = {}
    for place in range(40):
        heirs.setdefault(f"g{place // (2 + place % 3)}", []).append(str(place))
    return Merging(strips, heirs)


def swiss() -> Merging:
    """Municipalities of 2014, and those of 2017 they became."""
    before, first = read(SWISS / "ch_municipalities_2014.geojson.gz", "id")
    after, second = read(SWISS / "ch_municipalities_2017.geojson.gz", "id")
    names = list(after)
    tree = shapely.STRtree([after[name] for name in names])
    heirs: dict[str, list[str]] = {}
    for name, ground in before.items():
        found = name
        if name not in after:
            hits = tree.query(ground, predicate="intersects")
            best = max(hits, key=lambda hit: after[names[hit]].intersection(ground).area)
            found = names[best]
        heirs.setdefault(found, []).append(name)
    return Merging(before, heirs, first + second)


def read(file: Path, key: str) -> tuple[dict[str, MultiPolygon], tuple[str, ...]]:
    """Territories by key; what was invalid is repaired, and said."""
    found: dict[str, MultiPolygon] = {}
    repaired = []
    with gzip.open(file) as stream:
        for one in json.load(stream)["features"]:
            name, ground = str(one["properties"][key]), shape(one["geometry"])
            if not ground.is_valid:
                repaired.append(str(one["properties"].get("name", name)))
                ground = shapely.make_valid(ground)
            whole = areal(ground)
            found[name] = areal(shapely.union_all([found[name], whole])) if name in found else whole
    return found, tuple(repaired)


@cache
def merged_land(land: Callable[[], Merging]) -> tuple[Merging, Plan]:
    """A land, and one act that makes every unit after out of its units before."""
    found = land()
    return found, merge_all(found)


def merge_all(land: Merging) -> Plan:
    made = Land()
    made.unit("10", DivisionKind.PROVINCE)
    made.unit("1001", DivisionKind.PREFECTURE, "10")
    for name, ground in land.before.items():
        made.unit(f"m{name}", DivisionKind.DISTRICT, "1001", name=name, ground=ground)
    operations: list[dict[str, Any]] = []
    for heir, parts in land.heirs.items():
        if parts == [heir]:
            continue
        if heir in parts:
            gone = [f"m{part}" for part in parts if part != heir]
            operations.append({"absorb": {"divisions": gone, "into": f"m{heir}"}})
        else:
            new = {"name": heir, "kind": "district"}
            operations.append({"merge": {"divisions": [f"m{part}" for part in parts], "into": new}})
    return made.plan(*operations)


def ground_after(plan: Plan) -> dict[str, float]:
    """Square metres of every unit whose territory the plan rewrites, by name."""
    return {
        plan.after.name(effect.key): float(version.value("area_m2"))
        for effect in plan.effects
        if effect.table.name == "territory_version"
        and effect.key in plan.after.units
        and (version := at(effect.after, ON)) is not None
    }


def lands() -> Iterator[Any]:
    yield pytest.param(made_land, id="made")
    if (SWISS / "ch_municipalities_2014.geojson.gz").exists():
        yield pytest.param(swiss, id="Switzerland 2014 to 2017")


class WhenUnitsMerge:
    @pytest.mark.parametrize("land", list(lands()))
    def test_every_heir_has_to_the_square_metre_what_it_was_made_of(self, land: Any) -> None:
        found, plan = merged_land(land)

        assert plan.breaches == ()
        after = ground_after(plan)
        merged = {heir: parts for heir, parts in found.heirs.items() if parts != [heir]}
        assert len(merged) > 10 and set(merged) <= set(after)
        for heir, parts in merged.items():
            made_of = sum(area_m2(found.before[part]) for part in parts)
            assert after[heir] == pytest.approx(made_of, abs=1), heir

    @pytest.mark.parametrize("land", list(lands()))
    def test_the_shares_of_every_unit_that_ended_make_one(self, land: Any) -> None:
        _found, plan = merged_land(land)

        ended = set(plan.before.units) - set(plan.after.units)
        shares: dict[Any, float] = {}
        for edge in plan.edges:
            if edge.predecessor_id in ended:
                key = edge.predecessor_id
                shares[key] = shares.get(key, 0.0) + (edge.share_area or 0.0)
        assert set(shares) == ended
        assert all(total == pytest.approx(1) for total in shares.values())


FUJIAN_2021 = (
    # merged or retyped in 2021, with the polygon of the next edition
    (["350402", "350403"], "350404", "三元区"),
    (["350427"], "350405", "沙县区"),
    (["350681"], "350604", "龙海区"),
    (["350625"], "350605", "长泰区"),
)


def counties() -> Iterator[Any]:
    yield pytest.param(None, id="made")
    if (FUJIAN / "fujian_counties_datav_2020_gcj02.geojson.gz").exists():
        yield pytest.param(FUJIAN / "fujian_counties_datav_2020_gcj02.geojson.gz", id="Fujian 2021")


class WhenCountiesBecomeDistricts:
    @pytest.mark.parametrize("file", list(counties()))
    def test_no_square_metre_is_lost(self, file: Path | None) -> None:
        before, repaired = (
            read(file, "code")
            if file
            else (
                {
                    code: MultiPolygon([box(117 + place / 7, 26, 117 + (place + 1) / 7, 26.3)])
                    for place, code in enumerate(("350402", "350403", "350427", "350681", "350625"))
                },
                (),
            )
        )
        land = Land()
        land.unit("35", DivisionKind.PROVINCE, name="福建省")
        for city in sorted({code[:4] for code in before}):
            land.unit(city, DivisionKind.PREFECTURE, "35", name=city)
        for code, ground in before.items():
            land.unit(code, DivisionKind.COUNTY, code[:4], name=code, ground=ground)

        plan = land.plan(
            {
                "merge": {
                    "divisions": ["350402", "350403"],
                    "into": {"name": "三元区", "kind": "district", "code": "350404"},
                }
            },
            *(
                {"retype": {"division": old, "kind": "district", "name": name, "code": new}}
                for (old,), new, name in (row for row in FUJIAN_2021 if len(row[0]) == 1)
            ),
        )

        assert plan.breaches == ()
        # The real lines of the two cover some 24,000 m² twice; joined, that ground counts once.
        made_of = area_m2(areal(before["350402"].union(before["350403"])))
        assert ground_after(plan)["三元区"] == pytest.approx(made_of, abs=1)
        assert {effect.key for effect in plan.effects if effect.table.name == "territory_version"}
        assert id_of("350427") in plan.after.units, "a conversion keeps the identity"
        assert set(repaired) == ({"长乐区", "福清市", "古田县"} if file else set())

    @pytest.mark.parametrize("file", [one for one in counties() if one.values[0]])
    def test_the_result_is_what_the_next_edition_draws(self, file: Path) -> None:
        before, _repaired = read(file, "code")
        after, _again = read(FUJIAN / "fujian_amap_gcj02.geojson.gz", "code")
        for olds, new, _name in FUJIAN_2021:
            mine = shapely.union_all([before[old] for old in olds])
            theirs = next(ground for code, ground in after.items() if code.startswith(new))
            assert mine.intersection(theirs).area / mine.union(theirs).area > 0.99
