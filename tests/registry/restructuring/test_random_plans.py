"""Whatever random plan passes, the laws of lineage hold; nothing here needs a database."""

from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from registry.changes.timeline import at
from registry.divisions.model import DivisionKind, in_block
from registry.errors import RegistryError
from registry.restructuring.doors import Doors
from registry.restructuring.ledger import code_on
from registry.restructuring.plan import Plan
from tests.ledgers import ON, Land, doors_at, id_of

WEST, SOUTH, STEP = 118.0, 24.0, 0.01
TOWNS = ("350213101", "350213102", "350213103")
VILLAGES = tuple(f"{town}20{place}" for town in TOWNS for place in (1, 2, 3))


def land() -> Land:
    """One district of three towns; three villages each, squares in rows, doors in all."""
    made = Land()
    made.unit("35", DivisionKind.PROVINCE)
    made.unit("3502", DivisionKind.PREFECTURE, "35")
    made.unit(
        "350213",
        DivisionKind.DISTRICT,
        "3502",
        ground=box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP),
    )
    for row, town in enumerate(TOWNS):
        south = SOUTH + row * STEP
        made.unit(
            town,
            DivisionKind.TOWN,
            "350213",
            ground=box(WEST, south, WEST + 3 * STEP, south + STEP),
        )
        for place in range(3):
            code = VILLAGES[row * 3 + place]
            west = WEST + place * STEP
            made.unit(
                code, DivisionKind.VILLAGE, town, ground=box(west, south, west + STEP, south + STEP)
            )
            inside = [
                (west + STEP * x / 5, south + STEP * y / 5)
                for x in range(1, 5)
                for y in range(1, 5)
            ]
            made.doors[id_of(code)] = doors_at(code, list(inside))
    return made  # fmt: skip


LAND = land()

village = st.sampled_from(VILLAGES)
pair = st.lists(village, min_size=2, max_size=2, unique=True)
town = st.sampled_from([*TOWNS, "新"])
fraction = st.floats(0.07, 0.93)


@st.composite
def operations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to six operations of every kind, in any order."""
    made: list[dict[str, Any]] = [
        {
            "establish": {
                "name": "新街道",
                "kind": "subdistrict",
                "parent": "350213",
                "as": "新",
                "code": "auto",
            }
        }
    ]
    for place in range(draw(st.integers(1, 6))):
        made.append(draw(st.sampled_from(KINDS))(draw, place))
    return made


def moved(draw: st.DrawFn, _place: int) -> dict[str, Any]:
    codes = draw(st.sampled_from(["auto", {}]))
    return {"transfer": {"divisions": [draw(village)], "to": draw(town), "codes": codes}}


def cut(draw: st.DrawFn, place: int) -> dict[str, Any]:
    """A village cut by a slanted line; one side becomes a community, or goes to another village."""
    code = draw(village)
    row, column = divmod(VILLAGES.index(code), 3)
    west, south = WEST + column * STEP, SOUTH + row * STEP
    line = {
        "type": "LineString",
        "coordinates": [
            [west + STEP * draw(fraction), south - STEP / 10],
            [west + STEP * draw(fraction), south + STEP * 1.1],
        ],
    }
    side = draw(st.sampled_from(["left", "right"]))
    taker = draw(village)
    if taker != code and draw(st.booleans()):
        return {
            "transfer": {
                "part_of": code,
                "to": taker,
                "line": line,
                "side": side,
                "edge_m": 0,
            }
        }
    part = {"name": f"分{place}社区", "kind": "community", "side": side, "code": "auto"}
    return {"split": {"division": code, "keeps": True, "line": line, "into": [part], "edge_m": 0}}


def carved(draw: st.DrawFn, place: int) -> dict[str, Any]:
    """A box uploaded as the territory of a part; it may reach outside."""
    code = draw(village)
    row, column = divmod(VILLAGES.index(code), 3)
    west, south = WEST + column * STEP, SOUTH + row * STEP
    x, y = west + STEP * draw(fraction), south + STEP * draw(fraction)
    ring = [[west, south], [x, south], [x, y], [west, y], [west, south]]
    part = {
        "name": f"块{place}社区",
        "kind": "community",
        "territory": {"type": "Polygon", "coordinates": [ring]},
        "code": "auto",
    }
    return {"split": {"division": code, "keeps": True, "into": [part], "edge_m": 0}}


def joined(draw: st.DrawFn, _place: int) -> dict[str, Any]:
    one, other = draw(pair)
    return {"absorb": {"divisions": [one], "into": other}}


def merged(draw: st.DrawFn, place: int) -> dict[str, Any]:
    two = draw(pair)
    new = {"name": f"合{place}村", "kind": "village", "code": "auto"}
    return {"merge": {"divisions": two, "into": new}}


def ended(draw: st.DrawFn, _place: int) -> dict[str, Any]:
    return {"abolish": {"division": draw(st.sampled_from(TOWNS)), "successors": [draw(town)]}}


def retyped(draw: st.DrawFn, place: int) -> dict[str, Any]:
    return {
        "retype": {
            "division": draw(st.sampled_from(TOWNS)),
            "kind": "subdistrict",
            "name": f"改{place}街道",
            "code": "auto",
            "codes": "auto",
        }
    }


def seated(draw: st.DrawFn, _place: int) -> dict[str, Any]:
    row = draw(st.integers(0, 2))
    seat = [WEST + 3 * STEP * draw(fraction), SOUTH + STEP * (row + draw(fraction))]
    return {"set_seat": {"division": TOWNS[row], "seat": seat}}


KINDS = (moved, cut, cut, carved, joined, merged, ended, retyped, seated)


def passing(made: list[dict[str, Any]]) -> Plan | None:
    """The plan, unless something refuses it."""
    try:
        plan = LAND.plan(*made)
    except RegistryError:
        return None
    return None if plan.breaches else plan


def area_of(plan: Plan, unit: UUID, *, after: bool) -> float | None:
    rewritten = {
        effect.key: effect for effect in plan.effects if effect.table.name == "territory_version"
    }
    effect = rewritten.get(unit)
    timeline = LAND.territories.get(unit, ())
    if effect is not None:
        timeline = effect.after if after else effect.before
    version = at(timeline, ON)
    return None if version is None else float(version.value("area_m2"))


class WhateverPasses:
    @settings(max_examples=150, deadline=None)
    @given(operations())
    def test_covers_the_same_ground_at_every_level(self, made: list[dict[str, Any]]) -> None:
        plan = passing(made)
        if plan is None:
            return
        for level in (3, 4, 5):
            before, after = (
                [
                    area_of(plan, unit, after=later)
                    for unit in census.units
                    if census.level(unit) == level
                ]
                for later, census in ((False, plan.before), (True, plan.after))
            )
            known = [one for one in after if one is not None]
            if len(known) == len(after):
                assert sum(known) == pytest.approx(sum(one or 0 for one in before), abs=1)

    @settings(max_examples=150, deadline=None)
    @given(operations())
    def test_leaves_no_cycle_no_orphan_and_no_lost_unit(self, made: list[dict[str, Any]]) -> None:
        plan = passing(made)
        if plan is None:
            return
        for unit, version in plan.after.units.items():
            parent = version.value("parent_id")
            assert parent is None or parent in plan.after.units
            assert sum(1 for one in plan.after.ancestors(unit) if one == unit) == 1
        gone = set(plan.before.units) - set(plan.after.units)
        assert {edge.predecessor_id for edge in plan.edges} >= gone
        for basis in ("share_members", "share_area", "share_addresses"):
            sums: dict[UUID, float] = {}
            for edge in plan.edges:
                share = getattr(edge, basis)
                if edge.predecessor_id is not None and share is not None:
                    sums[edge.predecessor_id] = sums.get(edge.predecessor_id, 0.0) + share
            assert all(total == pytest.approx(1) for total in sums.values())

    @settings(max_examples=150, deadline=None)
    @given(operations())
    def test_gives_every_door_one_home_that_holds_its_position(
        self, made: list[dict[str, Any]]
    ) -> None:
        plan = passing(made)
        if plan is None:
            return
        moved_to = {door: move.to_division for move in plan.door_moves for door in move.address_ids}
        ground = {
            effect.key: version.value("territory")
            for effect in plan.effects
            if effect.table.name == "territory_version"
            and (version := at(effect.after, ON)) is not None
        }
        for unit, doors in LAND.doors.items():
            for door, (x, y) in zip(doors.ids, doors.positions, strict=True):
                home = moved_to.get(door, plan.rehomed.get(unit, unit))
                assert home in plan.after.units
                if home in ground:
                    assert ground[home].buffer(1e-9).contains(box(x, y, x, y))

    @settings(max_examples=150, deadline=None)
    @given(operations())
    def test_gives_codes_that_are_new_unique_and_in_their_block(
        self, made: list[dict[str, Any]]
    ) -> None:
        plan = passing(made)
        if plan is None:
            return
        given_codes = list(plan.allocated.values())
        assert len(set(given_codes)) == len(given_codes)
        for unit, code in plan.allocated.items():
            assert code not in LAND.ledger().used_codes
            assert in_block(code, DivisionKind(plan.after.units[unit].value("kind")))
            parent = plan.after.parent(unit)
            assert parent is not None
            above = code_on(plan.codes_after, parent, plan.paper.code_scheme, ON)
            assert above is not None and code.startswith(above)

    @settings(max_examples=40, deadline=None)
    @given(operations())
    def test_is_the_same_plan_when_drawn_twice(self, made: list[dict[str, Any]]) -> None:
        plan = passing(made)
        if plan is not None:
            again = passing(made)
            assert again is not None and again.digest == plan.digest


class TheRandomPlans:
    def test_pass_and_fail_often_enough_to_mean_something(self) -> None:
        found: list[bool] = []

        @settings(max_examples=120, deadline=None, database=None)
        @given(operations())
        def tried(made: list[dict[str, Any]]) -> None:
            found.append(passing(made) is not None)

        tried()
        assert 10 < sum(found) < len(found) - 10


class WhenManyDoorsAreDivided:
    def test_each_goes_to_its_side_and_those_near_the_line_are_listed(self) -> None:
        rng = np.random.default_rng(7)
        made = land()
        code = VILLAGES[4]
        west, south = WEST + STEP, SOUTH + STEP
        spots = rng.uniform((west, south), (west + STEP, south + STEP), (20_000, 2))
        made.doors[id_of(code)] = Doors(
            tuple(id_of(str(row)) for row in range(len(spots))),
            tuple(f"{row:012d}" for row in range(len(spots))),
            (None,) * len(spots),
            spots,
        )
        middle = west + STEP / 2
        line = {
            "type": "LineString",
            "coordinates": [[middle, south - STEP], [middle, south + 2 * STEP]],
        }
        part = {"name": "西社区", "kind": "community", "side": "left"}
        plan = made.plan({"split": {"division": code, "keeps": True, "line": line, "into": [part]}})

        metres = 111_320.0 * np.cos(np.radians(south))
        near = np.abs(spots[:, 0] - middle) * metres <= 5.0
        assert {door.code for door in plan.edge_doors} == {
            f"{row:012d}" for row in np.flatnonzero(near)
        }
        (move,) = plan.door_moves
        clearly = set(map(id_of, map(str, np.flatnonzero((spots[:, 0] < middle) & ~near))))
        assert clearly <= set(move.address_ids)
