"""Units divided on the ground: by a line, by a territory, by places, by doors."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from shapely.geometry import Point
from sqlalchemy import Engine, select, text

from registry.addresses.store import AddressStore
from registry.addresses.tables import address, address_version, position_version
from registry.changes.period import Period
from registry.changes.rows import lines_of
from registry.changes.timeline import at
from registry.divisions.tables import territory_version
from registry.errors import GeometryIsInvalid, PlanBreaksRules, PlanIsMalformed, RegistryError
from registry.restructuring import commands
from registry.restructuring.doors import EdgeReason
from registry.restructuring.paper import read_paper
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.refusals import DoorIsElsewhere, LineDoesNotCut, TerritoryIsUnknown
from registry.restructuring.store import RestructuringStore
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2021, 1, 6)
VILLAGE = "350213102201"
NEIGHBOUR = "350213102202"
MIDDLE = {"type": "LineString", "coordinates": [[118.015, 23.99], [118.015, 24.02]]}
"""Northwards through the middle of 琼头村, which is the second square: left is west."""
WEST = {
    "type": "Polygon",
    "coordinates": [
        [[118.01, 24.0], [118.015, 24.0], [118.015, 24.01], [118.01, 24.01], [118.01, 24.0]]
    ],
}


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", VILLAGE, NEIGHBOUR, "350213103201")
    return made


def doors(
    builder: RegistryBuilder, *places: tuple[float, float] | None, carrier: UUID | None = None
) -> list[str]:
    """Doors of 琼头村 at these positions, numbered from 1; returns their codes."""
    codes = builder.doors(VILLAGE, len(places), carrier)
    with builder.work() as work:
        rows = {
            row.code: row.object_id
            for row in work.connection.execute(select(address.c.code, address.c.object_id))
        }
        ids = [rows[code] for code in codes]
        lines = work.believed(position_version, ids)
        for object_id, place in zip(ids, places, strict=True):
            before = lines[object_id]
            after = (
                ()
                if place is None
                else (
                    type(before[0])(
                        Period(), {**before[0].values, "position": Point(*place)}, "correct"
                    ),
                )
            )
            work.rewrite(position_version, object_id, before, after)
    return codes


def paper(*operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "划分", "effective_on": "2021-01-06", "operations": list(operations), **more}


def split(**more: Any) -> dict[str, Any]:
    part = {"name": "西社区", "kind": "community", "as": "西", "side": "left"}
    part |= more.pop("part", {})
    return {"split": {"division": VILLAGE, "keeps": True, "line": MIDDLE, "into": [part], **more}}


def drawn(builder: RegistryBuilder, raw: dict[str, Any]) -> Plan:
    with builder.engine.connect() as connection:
        read = read_paper(raw)
        return draw_up(read, RestructuringStore(connection).ledger(read))


def homes(builder: RegistryBuilder, codes: list[str], on: date = ON) -> list[str]:
    """The village each door lies in on a day."""
    with builder.engine.connect() as connection:
        found = AddressStore(connection).many(codes, builder.as_of(connection, on))
    names = {one.code: one.chain[0].name for one in found}
    return [names[code] for code in codes]


def areas(builder: RegistryBuilder, on: date) -> float:
    with builder.engine.connect() as connection:
        ids = list(connection.scalars(select(territory_version.c.division_id).distinct()))
        found = lines_of(connection, territory_version, ids)
        villages = set(
            connection.scalars(
                text(
                    "SELECT division_id FROM division_version"
                    " WHERE kind IN ('village', 'community')"
                )
            )
        )
    return sum(
        version.value("area_m2")
        for unit, line in found.items()
        if unit in villages and (version := at(line, on)) is not None
    )


class WhenALineDividesAVillage:
    def test_each_door_goes_to_the_side_it_stands_on(self, builder: RegistryBuilder) -> None:
        codes = doors(builder, (118.012, 24.005), (118.018, 24.005))

        with builder.work() as work:
            commands.commit_paper(work, read_paper(paper(split())))

        assert homes(builder, codes) == ["西社区", "琼头村"]
        assert homes(builder, codes, date(2021, 1, 5)) == ["琼头村", "琼头村"]

    def test_no_square_metre_is_lost_and_the_shares_make_one(
        self, builder: RegistryBuilder
    ) -> None:
        doors(builder, (118.012, 24.005), (118.018, 24.005), (118.019, 24.005))
        before = areas(builder, ON)

        with builder.work() as work:
            plan = commands.commit_paper(work, read_paper(paper(split())))

        assert areas(builder, ON) == pytest.approx(before, abs=1)
        edges = [one for one in plan.edges if one.predecessor_id == builder.ids[VILLAGE]]
        assert sorted(one.kind for one in edges) == ["continue", "split"]
        assert sum(one.share_area or 0 for one in edges) == pytest.approx(1)
        assert sorted(one.share_addresses or 0 for one in edges) == pytest.approx([1 / 3, 2 / 3])

    def test_a_door_near_the_line_waits_for_a_person(self, builder: RegistryBuilder) -> None:
        near, _far = doors(builder, (118.01501, 24.005), (118.018, 24.005))

        plan = drawn(builder, paper(split()))

        assert [(one.code, one.reason) for one in plan.edge_doors] == [(near, EdgeReason.NEAR_LINE)]
        found = [one for one in plan.findings if near in one.addresses]
        assert len(found) == 1 and "doors" in found[0].en and near in str(found[0])

    def test_how_near_is_stated_in_the_paper(self, builder: RegistryBuilder) -> None:
        doors(builder, (118.01501, 24.005))

        assert drawn(builder, paper(split(edge_m=0.5))).edge_doors == ()
        assert len(drawn(builder, paper(split(edge_m=2.0))).edge_doors) == 1

    def test_a_door_without_position_waits_for_a_person(self, builder: RegistryBuilder) -> None:
        code, _placed = doors(builder, None, (118.018, 24.005))

        plan = drawn(builder, paper(split()))

        assert [(one.code, one.reason) for one in plan.edge_doors] == [
            (code, EdgeReason.NO_POSITION)
        ]

    def test_a_door_away_from_its_street_waits_for_a_person(self, builder: RegistryBuilder) -> None:
        street = builder.carrier("琼头中里", VILLAGE)
        together = [(118.018, 24.001 + row * 0.0005) for row in range(10)]
        *_rest, stray = doors(builder, *together, (118.012, 24.005), carrier=street)

        plan = drawn(builder, paper(split()))

        assert [(one.code, one.reason) for one in plan.edge_doors] == [
            (stray, EdgeReason.CARRIER_DISAGREES)
        ]

    def test_settled_doors_go_where_the_paper_says(self, builder: RegistryBuilder) -> None:
        near, lost = doors(builder, (118.01501, 24.005), None)
        settled = {near: "西", lost: VILLAGE}

        with builder.work() as work:
            commands.commit_paper(work, read_paper(paper(split(doors=settled))))

        assert homes(builder, [near, lost]) == ["西社区", "琼头村"]

    def test_an_unsettled_plan_is_refused_with_the_list(self, builder: RegistryBuilder) -> None:
        (near,) = doors(builder, (118.01501, 24.005))

        with pytest.raises(PlanBreaksRules, match=near), builder.work() as work:
            commands.commit_paper(work, read_paper(paper(split())))

    def test_both_sides_may_be_new_units_of_an_ended_one(self, builder: RegistryBuilder) -> None:
        codes = doors(builder, (118.012, 24.005), (118.018, 24.005))
        both = {
            "split": {
                "division": VILLAGE,
                "keeps": False,
                "line": MIDDLE,
                "into": [
                    {"name": "西社区", "kind": "community", "side": "left", "code": "auto"},
                    {"name": "东社区", "kind": "community", "side": "right", "code": "auto"},
                ],
            }
        }
        with builder.work() as work:
            plan = commands.commit_paper(work, read_paper(paper(both)))

        assert homes(builder, codes) == ["西社区", "东社区"]
        assert sorted(plan.allocated.values()) == ["350213102002", "350213102003"]

    def test_the_line_must_run_from_edge_to_edge(self, builder: RegistryBuilder) -> None:
        short = {"type": "LineString", "coordinates": [[118.015, 24.005], [118.015, 24.02]]}

        with pytest.raises(LineDoesNotCut):
            drawn(builder, paper(split(line=short)))

    def test_doors_that_changed_make_an_approved_plan_stale(self, builder: RegistryBuilder) -> None:
        doors(builder, (118.012, 24.005))
        approved = drawn(builder, paper(split()))
        doors(builder, (118.013, 24.006))

        assert drawn(builder, paper(split())).digest != approved.digest


class WhenAPartMovesToANeighbour:
    def test_land_and_doors_move_and_the_neighbour_grows(self, builder: RegistryBuilder) -> None:
        codes = doors(builder, (118.012, 24.005), (118.018, 24.005))
        raw = paper(
            {
                "transfer": {
                    "part_of": VILLAGE,
                    "to": NEIGHBOUR,
                    "territory": {
                        "type": "Polygon",
                        "coordinates": [
                            [
                                [118.015, 24.0],
                                [118.02, 24.0],
                                [118.02, 24.01],
                                [118.015, 24.01],
                                [118.015, 24.0],
                            ]
                        ],
                    },
                }
            }
        )
        before = areas(builder, ON)
        with builder.work() as work:
            plan = commands.commit_paper(work, read_paper(raw))

        assert homes(builder, codes) == ["琼头村", "后亭村"]
        assert areas(builder, ON) == pytest.approx(before, abs=1)
        assert {one.kind for one in plan.edges} == {"continue", "transfer"}

    def test_a_part_that_changes_town_moves_the_line_of_both(
        self, builder: RegistryBuilder
    ) -> None:
        raw = paper(
            {
                "transfer": {
                    "part_of": NEIGHBOUR,
                    "to": "350213103201",
                    "line": EAST,
                    "side": "right",
                }
            }
        )
        with builder.work() as work:
            commands.commit_paper(
                work, read_paper(paper({"retype": {"division": "350213102", "kind": "town"}}))
            )
        plan = drawn(builder, raw)

        assert plan.breaches == ()
        assert plan.after.parent(builder.ids[NEIGHBOUR]) == builder.ids["350213102"]

    def test_a_natural_village_moves_with_its_doors_where_no_territory_is_known(
        self, engine: Engine
    ) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        place = builder.carrier("曾厝社", VILLAGE)
        moving = builder.doors(VILLAGE, 2, place)
        staying = builder.doors(VILLAGE, 1, builder.carrier("琼头中里", VILLAGE))
        raw = paper({"transfer": {"part_of": VILLAGE, "to": NEIGHBOUR, "places": ["曾厝社"]}})

        with builder.work() as work:
            commands.commit_paper(work, read_paper(raw))

        assert homes(builder, [*moving, *staying]) == ["后亭村", "后亭村", "琼头村"]

    def test_a_claimed_street_whose_door_stands_elsewhere_is_on_the_edge(
        self, builder: RegistryBuilder
    ) -> None:
        place = builder.carrier("曾厝社", VILLAGE)
        code, _other = doors(builder, (118.018, 24.005), (118.012, 24.005), carrier=place)

        plan = drawn(builder, paper(split(part={"places": ["曾厝社"]})))

        assert [(one.code, one.reason) for one in plan.edge_doors] == [
            (code, EdgeReason.CARRIER_DISAGREES)
        ]


EAST = {"type": "LineString", "coordinates": [[118.025, 23.99], [118.025, 24.02]]}


class WhenALineDividesATown:
    def town(self, **more: Any) -> dict[str, Any]:
        part = {"name": "凤翔街道", "kind": "subdistrict", "side": "left", "code": "auto"}
        part |= more.pop("part", {})
        return {
            "split": {
                "division": "350213102",
                "keeps": True,
                "line": MIDDLE,
                "into": [part],
                **more,
            }
        }

    def test_members_go_with_the_side_they_lie_on(self, builder: RegistryBuilder) -> None:
        line = {"type": "LineString", "coordinates": [[118.01, 23.99], [118.01, 24.02]]}
        self.know_the_town(builder)

        plan = drawn(builder, paper(self.town(line=line, part={"codes": "auto"})))

        assert plan.breaches == ()
        parts = {
            plan.after.name(one): plan.after.name(parent)
            for one in plan.after.units
            if (parent := plan.after.parent(one)) is not None
        }
        assert (parts["五星社区"], parts["琼头村"]) == ("凤翔街道", "马巷镇")
        assert plan.allocated[builder.ids["350213102001"]] == "350213001001"

    def test_a_member_that_is_cut_must_be_named(self, builder: RegistryBuilder) -> None:
        self.know_the_town(builder)

        plan = drawn(builder, paper(self.town()))

        assert any("cuts 琼头村" in one for one in plan.breaches)
        named = drawn(builder, paper(self.town(part={"members": [VILLAGE]})))
        assert named.breaches == ()

    def know_the_town(self, builder: RegistryBuilder) -> None:
        """Let the town have the territory its villages cover."""
        with builder.work() as work:
            lines = work.believed(territory_version, [builder.ids[v] for v in VILLAGES])
            whole = lines[builder.ids[VILLAGES[0]]][0]
            from registry.divisions.territory import joined

            territory = joined([line[0].value("territory") for line in lines.values()])
            total = sum(line[0].value("area_m2") for line in lines.values())
            work.rewrite(
                territory_version,
                builder.ids["350213102"],
                (),
                (
                    type(whole)(
                        Period(),
                        {**whole.values, "territory": territory, "area_m2": total},
                        "import",
                    ),
                ),
            )


VILLAGES = ("350213102001", VILLAGE, NEIGHBOUR)

BAD: dict[str, tuple[dict[str, Any], type[RegistryError], str]] = {
    "has a side without a line": (
        {"split": {"division": VILLAGE, "keeps": True, "into": [
            {"name": "西社区", "kind": "community", "side": "left"}]}},
        PlanIsMalformed,
        "line",
    ),
    "has a line without sides": (split(part={"side": None}), PlanIsMalformed, "side"),
    "gives both parts one side": (
        {"split": {"division": VILLAGE, "keeps": True, "line": MIDDLE, "into": [
            {"name": "西社区", "kind": "community", "side": "left"},
            {"name": "东社区", "kind": "community", "side": "left"}]}},
        PlanIsMalformed,
        "one `side`",
    ),
    "draws a line that is a point": (
        split(line={"type": "Point", "coordinates": [118.0, 24.0]}),
        GeometryIsInvalid,
        "not a line",
    ),
    "draws a line that crosses itself": (
        split(line={"type": "LineString", "coordinates": [
            [118.01, 24.0], [118.02, 24.01], [118.01, 24.01], [118.02, 24.0]]}),
        GeometryIsInvalid,
        "crosses itself",
    ),
    "draws a line off the earth": (
        split(line={"type": "LineString", "coordinates": [[300, 24.0], [118.02, 24.01]]}),
        GeometryIsInvalid,
        "longitude",
    ),
    "draws a part that reaches outside": (
        split(line=None, part={"side": None, "territory": {
            "type": "Polygon", "coordinates": [[
                [118.015, 24.0], [118.03, 24.0], [118.03, 24.01], [118.015, 24.01],
                [118.015, 24.0]]]}}),
        PlanBreaksRules,
        "outside",
    ),
    "lets two parts overlap": (
        {"split": {"division": VILLAGE, "keeps": True, "into": [
            {"name": "西社区", "kind": "community", "territory": WEST},
            {"name": "又西社区", "kind": "community", "territory": WEST}]}},
        PlanBreaksRules,
        "draw them apart",
    ),
    "leaves land to nobody": (
        {"split": {"division": VILLAGE, "keeps": False, "into": [
            {"name": "西社区", "kind": "community", "territory": WEST}]}},
        PlanBreaksRules,
        "go to nobody",
    ),
    "keeps nothing": (
        {"split": {"division": VILLAGE, "keeps": True, "line": MIDDLE, "into": [
            {"name": "西社区", "kind": "community", "side": "left"},
            {"name": "东社区", "kind": "community", "side": "right"}]}},
        PlanBreaksRules,
        "keeps: false",
    ),
    "gives part of a village to a town": (
        {"transfer": {"part_of": VILLAGE, "to": "350213103", "line": MIDDLE, "side": "left"}},
        PlanBreaksRules,
        "another level",
    ),
    "settles a door of another village": (
        split(doors={"T99999999999": "西"}), DoorIsElsewhere, "T99999999999"),
    "says nothing of what part moves": (
        {"transfer": {"part_of": VILLAGE, "to": NEIGHBOUR}}, PlanIsMalformed, "which part"),
    "picks a part of nothing": (
        {"transfer": {"to": NEIGHBOUR, "places": ["琼头中里"]}}, PlanIsMalformed, "divisions"),
    "wants an edge of a thousand kilometres": (split(edge_m=1e6), PlanIsMalformed, "edge_m"),
    "divides what has no territory": (
        {"split": {"division": "350213102", "keeps": True, "line": MIDDLE, "into": [
            {"name": "西镇", "kind": "town", "side": "left"}]}},
        TerritoryIsUnknown,
        "马巷镇",
    ),
}  # fmt: skip


class WhenADivisionIsBad:
    @pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
    def test_is_refused_and_changes_nothing(
        self, builder: RegistryBuilder, bad: tuple[dict[str, Any], type[RegistryError], str]
    ) -> None:
        operation, refusal, says = bad
        with builder.engine.connect() as connection:
            before = connection.scalars(select(address_version.c.version_id)).all()

        with pytest.raises(refusal, match=says), builder.work() as work:
            commands.commit_paper(work, read_paper(paper(operation)))

        with builder.engine.connect() as connection:
            assert connection.scalars(select(address_version.c.version_id)).all() == before
