"""Regroupings: contiguous, within their bounds, the same from the same seed, or plainly refused."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
import shapely
from shapely.geometry import MultiPolygon, box

from registry.divisions.model import DivisionKind
from registry.restructuring.regroup import (
    Bounds,
    BoundsCannotBeMet,
    Effort,
    FiguresAreMissing,
    Regrouping,
    Village,
    regroup,
)

SIDE = 6
WEST, SOUTH, STEP = 118.0, 24.0, 0.01


def grid(people: int = 1000) -> list[Village]:
    """Six by six villages; those in the south-west are twice as populous."""
    return [
        Village(
            division_id=UUID(int=row * SIDE + column + 1),
            name=f"第{row * SIDE + column + 1}村",
            kind=DivisionKind.VILLAGE,
            code=f"350213102{200 + row * SIDE + column:03}",
            township_id=UUID(int=1000 + row // 3),
            population=people * (2 if row < 2 and column < 3 else 1),
            territory=_square(row, column),
        )
        for row in range(SIDE)
        for column in range(SIDE)
    ]


def _square(row: int, column: int) -> MultiPolygon:
    west, south = round(WEST + STEP * column, 6), round(SOUTH + STEP * row, 6)
    return MultiPolygon([box(west, south, round(west + STEP, 6), round(south + STEP, 6))])


def partition(found: Regrouping) -> set[frozenset[str]]:
    return {frozenset(one.name for one in group.villages) for group in found.groups}


def whole(villages: Sequence[Village], found: Regrouping) -> bool:
    """Every village once, every unit of one piece."""
    names = sorted(one.name for group in found.groups for one in group.villages)
    pieces = [
        shapely.union_all([one.territory for one in group.villages]) for group in found.groups
    ]
    return names == sorted(one.name for one in villages) and all(
        piece.geom_type == "Polygon" for piece in pieces
    )


class EveryRegrouping:
    @pytest.mark.parametrize(
        ("k", "bounds"),
        [
            (1, Bounds()),
            (4, Bounds()),
            (4, Bounds(min_population=9_000, max_population=12_000)),
            (3, Bounds(min_area_km2=10, max_area_km2=17)),
            (5, Bounds(min_population=7_000, max_population=10_000, max_area_km2=11)),
        ],
    )
    def test_is_whole_contiguous_and_within_its_bounds(self, k: int, bounds: Bounds) -> None:
        found = regroup(grid(), k, bounds, Effort(seed=3, count=1, starts=12))

        assert found
        for one in found:
            assert len(one.groups) == k
            assert whole(grid(), one)
            for group in one.groups:
                area_km2 = group.area_m2 / 1e6
                assert group.population is not None
                assert group.population >= (bounds.min_population or 0)
                assert group.population <= (bounds.max_population or 1e9)
                assert (bounds.min_area_km2 or 0) <= area_km2 <= (bounds.max_area_km2 or 1e9)

    def test_comes_again_from_the_same_seed(self) -> None:
        bounds, effort = Bounds(min_population=9_000), Effort(seed=11, count=2, starts=4)

        first = regroup(grid(), 4, bounds, effort)
        again = regroup(list(reversed(grid())), 4, bounds, effort)

        assert first == again
        assert len({frozenset(partition(one)) for one in first}) == len(first)

    def test_may_lie_on_islands(self) -> None:
        villages = [one for one in grid() if one.name not in {f"第{n}村" for n in range(13, 19)}]

        for k in (2, 4):
            (found, *_more) = regroup(villages, k, Bounds(), Effort(count=1))
            assert len(found.groups) == k
            assert whole(villages, found)

    def test_needs_no_population_where_no_bound_asks_for_it(self) -> None:
        villages = [replace(one, population=None) for one in grid()]

        (found,) = regroup(villages, 3, Bounds(), Effort(count=1))

        assert whole(villages, found)
        assert {group.population for group in found.groups} == {None}


class WhatCannotBe:
    @pytest.mark.parametrize(
        ("k", "bounds", "reason"),
        [
            (0, Bounds(), "36 villages do not make 0 units"),
            (37, Bounds(), "36 villages do not make 37 units"),
            (4, Bounds(min_population=11_000), "less than 4 times 11,000"),
            (4, Bounds(max_population=10_000), "more than 4 times 10,000"),
            (36, Bounds(max_population=1_500), "第1村 alone has 2,000 people"),
            (4, Bounds(min_area_km2=12), "less than 4 times 12"),
            (
                20,
                Bounds(min_population=2_000, max_population=2_100),
                "2 starts from seed 1 found none",
            ),
        ],
    )
    def test_is_said_plainly(self, k: int, bounds: Bounds, reason: str) -> None:
        with pytest.raises(BoundsCannotBeMet, match=reason) as refused:
            regroup(grid(), k, bounds, Effort(starts=2))

        assert any(letter >= "\u4e00" for letter in str(refused.value.facts["reason_zh"]))

    def test_parts_that_do_not_touch_cannot_be_one_unit(self) -> None:
        villages = [one for one in grid() if one.name not in {f"第{n}村" for n in range(13, 19)}]

        with pytest.raises(BoundsCannotBeMet, match="2 parts that do not touch"):
            regroup(villages, 1, Bounds(), Effort())

    def test_a_bound_on_people_needs_people_counted(self) -> None:
        villages = grid()
        villages[5] = replace(villages[5], population=None)

        with pytest.raises(FiguresAreMissing, match="population is known of 1 villages"):
            regroup(villages, 3, Bounds(min_population=1), Effort())

    def test_a_village_without_territory_cannot_be_placed(self) -> None:
        villages = grid()
        villages[0] = replace(villages[0], territory=None)

        with pytest.raises(FiguresAreMissing, match="no territory is known of 1"):
            regroup(villages, 3, Bounds(), Effort())

    def test_nothing_cannot_be_grouped(self) -> None:
        with pytest.raises(BoundsCannotBeMet, match="no village"):
            regroup([], 1, Bounds(), Effort())
