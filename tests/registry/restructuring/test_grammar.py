"""Seats, codes, names, corrections and other trees: what the verbs do, without a database."""

from typing import Any

import pytest
from shapely.geometry import Point, box

from registry.changes.timeline import at
from registry.divisions.model import STATISTICAL, DivisionKind
from registry.errors import CodeOutsideBlock, CodeWasUsed, NotInForce, PlanIsMalformed
from registry.restructuring.findings import Severity
from registry.restructuring.ledger import code_on
from registry.restructuring.plan import Plan
from registry.restructuring.refusals import ParentHasNoCode, PlaceIsUnknown, PlanMixesVerbs
from tests.ledgers import CONVERT, ON, Land, corner, id_of, units_after


@pytest.fixture
def land() -> Land:
    return corner()


def code_of(plan: Plan, code: str) -> str | None:
    """The code afterwards of a unit called by its old one."""
    return code_on(plan.codes_after, id_of(code), STATISTICAL, ON)


def rules(plan: Plan, severity: Severity = Severity.ERROR) -> set[str]:
    return {one.rule for one in plan.findings if one.severity is severity}


class WhenCodesAreLeftToTheRegistry:
    def test_a_converted_town_takes_the_next_number_and_its_members_keep_theirs(
        self, land: Land
    ) -> None:
        plan = land.plan(CONVERT)

        assert code_of(plan, "350213102") == "350213002"
        assert code_of(plan, "350213102201") == "350213002201"
        assert code_of(plan, "350213102001") == "350213002001"
        assert plan.breaches == ()

    def test_they_are_provisional(self, land: Land) -> None:
        plan = land.plan(CONVERT)

        given = [
            at(effect.after, ON)
            for effect in plan.effects
            if effect.table.name == "division_code_version"
        ]
        assert given and all(one is not None and one.value("provisional") for one in given)

    def test_members_of_a_new_unit_are_counted_from_the_beginning_in_order(
        self, land: Land
    ) -> None:
        part = {
            "name": "凤翔街道",
            "kind": "subdistrict",
            "code": "auto",
            "codes": "auto",
            "members": ["350213102202", "350213102201", "350213102001"],
        }
        stay = {"split": {"division": "350213102", "keeps": True, "into": [part]}}
        plan = land.plan(stay)

        assert code_of(plan, "350213102001") == "350213002001"
        assert code_of(plan, "350213102201") == "350213002201"
        assert code_of(plan, "350213102202") == "350213002202"

    def test_one_that_joins_others_is_counted_on(self, land: Land) -> None:
        plan = land.plan(
            {"transfer": {"divisions": ["350213102201"], "to": "350213103", "codes": "auto"}}
        )
        assert code_of(plan, "350213102201") == "350213103202"

    def test_a_number_once_used_is_never_given_again(self, land: Land) -> None:
        land.retired |= {"350213002", "350213007"}

        plan = land.plan(CONVERT)

        assert code_of(plan, "350213102") == "350213008"

    def test_districts_are_numbered_in_their_own_block(self, land: Land) -> None:
        land.unit("350281", DivisionKind.COUNTY_CITY, "3502", name="南市")
        plan = land.plan(
            {"retype": {"division": "350281", "kind": "district", "name": "南区", "code": "auto"}}
        )
        assert code_of(plan, "350281") == "350214"

    def test_codes_kept_by_another_plan_are_passed_over(self, land: Land) -> None:
        land.reserved["350213002"] = id_of("another")

        assert code_of(land.plan(CONVERT), "350213102") == "350213003"

    def test_codes_kept_for_this_plan_stay_with_it(self, land: Land) -> None:
        land.reserved["350213009"] = id_of("350213102")

        assert code_of(land.plan(CONVERT), "350213102") == "350213009"

    def test_a_full_block_is_said(self, land: Land) -> None:
        land.retired |= {f"350213{number:03d}" for number in range(1, 100)}

        with pytest.raises(CodeOutsideBlock, match="no free number"):
            land.plan(CONVERT)

    def test_a_parent_without_code_is_said(self, land: Land) -> None:
        new = {"name": "无码镇", "kind": "town", "parent": "350213", "as": "新"}
        village = {"name": "新村", "kind": "village", "parent": "新", "code": "auto"}

        with pytest.raises(ParentHasNoCode, match="无码镇"):
            land.plan({"establish": new}, {"establish": village})

    def test_a_code_kept_by_another_plan_cannot_be_stated(self, land: Land) -> None:
        land.reserved["350213002"] = id_of("another")
        stated = {**CONVERT["retype"], "code": "350213002"}

        with pytest.raises(CodeWasUsed, match="reserved"):
            land.plan({"retype": stated})

    def test_a_stated_code_out_of_order_is_remarked(self, land: Land) -> None:
        plan = land.plan({"retype": {**CONVERT["retype"], "code": "350213050"}})

        assert "V13" in rules(plan, Severity.WARNING)
        assert any("350213002" in one for one in plan.warnings)


class WhenASeatIsSet:
    def test_it_moves_on_the_day(self, land: Land) -> None:
        plan = land.plan({"set_seat": {"division": "350213102201", "seat": [118.015, 24.005]}})

        (effect,) = plan.effects
        version = at(effect.after, ON)
        assert version is not None and version.value("seat") == Point(118.015, 24.005)
        assert plan.breaches == ()

    def test_it_must_lie_in_the_territory(self, land: Land) -> None:
        plan = land.plan({"set_seat": {"division": "350213102201", "seat": [118.5, 24.005]}})

        assert rules(plan) == {"V03"} and "move it" in plan.breaches[0]

    def test_a_subdistrict_seated_in_a_village_is_remarked(self, land: Land) -> None:
        plan = land.plan({"retype": {**CONVERT["retype"], "seat": [118.015, 24.005]}})

        assert any("no residents' community" in one for one in plan.warnings)


class WhenTownsMerge:
    MERGE: dict[str, Any] = {
        "absorb": {"divisions": ["350213103"], "into": "350213102", "codes": "auto"}
    }

    def test_streets_of_one_name_must_be_told_apart(self, land: Land) -> None:
        land.street("中山路", "350213102201")
        land.street("中山路", "350213103201")

        plan = land.plan(self.MERGE)

        assert rules(plan) == {"N09"}
        assert "中山路" in plan.breaches[0] and "rename" in plan.breaches[0]
        assert "琼头村" in plan.breaches[0] and "古宅村" in plan.breaches[0]

    def test_renaming_one_settles_it(self, land: Land) -> None:
        land.street("中山路", "350213102201")
        other = land.street("中山路", "350213103201")

        plan = land.plan(self.MERGE, {"rename": {"place": str(other), "name": "新圩中山路"}})

        assert plan.breaches == ()
        names = [one for one in plan.effects if one.table.name == "place_name_version"]
        after = {
            version.value("text"): version.value("status")
            for one in names
            if (version := at(one.after, ON)) is not None
        }
        assert after == {"中山路": "former", "新圩中山路": "standard"}

    def test_writing_it_with_its_village_settles_it(self, land: Land) -> None:
        land.street("中山路", "350213102201")
        other = land.street("中山路", "350213103201")

        plan = land.plan(self.MERGE, {"rename": {"place": str(other), "written_with": "village"}})
        township = land.plan(
            self.MERGE, {"rename": {"place": str(other), "written_with": "township"}}
        )

        assert plan.breaches == ()
        assert rules(township) == {"N09"}, "both lie in one township afterwards"

    def test_a_rename_into_a_taken_name_is_a_double_too(self, land: Land) -> None:
        land.street("中山路", "350213102201")
        other = land.street("民生路", "350213102202")

        plan = land.plan({"rename": {"place": str(other), "name": "中山路"}})

        assert rules(plan) == {"N09"}

    def test_streets_that_sound_alike_are_remarked(self, land: Land) -> None:
        land.street("民生路", "350213102201")
        land.street("民声路", "350213103201")

        plan = land.plan(self.MERGE)

        assert plan.breaches == () and any("sound alike" in one for one in plan.warnings)

    def test_doubles_that_were_there_before_are_legacy(self, land: Land) -> None:
        land.street("中山路", "350213102201")
        land.street("中山路", "350213102202")

        assert land.plan(self.MERGE).breaches == ()

    def test_villages_of_one_name_in_a_county_are_refused_after_the_rule(self, land: Land) -> None:
        rename = {"rename": {"division": "350213103201", "name": "琼头村"}}

        assert rules(land.plan(rename)) == {"N09"}
        assert land.plan(rename, effective_on="2021-01-06").breaches == ()
        told = land.plan(rename, effective_precision="by_edition")
        assert told.breaches == () and rules(told, Severity.WARNING) >= {"N09"}, "others did it"

    def test_a_name_nobody_bears_is_unknown(self, land: Land) -> None:
        with pytest.raises(PlaceIsUnknown):
            land.plan({"rename": {"place": "无名路", "name": "有名路"}})


class WhenThePaperCorrects:
    def test_the_period_alone_is_rewritten_and_nothing_succeeds(self, land: Land) -> None:
        during = {"from": "2019-01-01", "to": "2021-01-01"}
        plan = land.plan(
            {"correct": {"division": "350213102201", "name": "琼头社区", "during": during}}
        )

        (effect,) = plan.effects
        assert [version.value("name") for version in effect.after] == [
            "琼头村",
            "琼头社区",
            "琼头村",
        ]
        assert plan.edges == () and plan.paper.verb.value == "correct"

    def test_a_corrected_membership_moves_the_land_of_both_parents(self, land: Land) -> None:
        for town, villages in (("350213102", (0, 3)), ("350213103", (3, 4))):
            west, east = (118 + place / 100 for place in villages)
            land.territories |= ground(town, box(west, 24, east, 24.01))

        plan = land.plan({"correct": {"division": "350213102202", "parent": "350213103"}})

        rewritten = {one.key: one.after for one in plan.effects if "territory" in one.table.name}
        areas = [at(rewritten[id_of(town)], ON) for town in ("350213102", "350213103")]
        assert all(one is not None and one.cause == "correct" for one in areas)
        assert plan.breaches == ()

    def test_code_and_kind_and_territory_can_be_corrected_together(self, land: Land) -> None:
        plan = land.plan(
            {
                "correct": {
                    "division": "350213102202",
                    "kind": "community",
                    "code": "350213102009",
                    "territory": {
                        "type": "Polygon",
                        "coordinates": [
                            [[118.02, 24], [118.03, 24], [118.03, 24.01], [118.02, 24]]
                        ],
                    },
                }
            },
            area_changes="原图有误",
        )
        assert code_of(plan, "350213102202") == "350213102009"
        assert plan.breaches == ()

    def test_changes_and_corrections_do_not_mix(self, land: Land) -> None:
        with pytest.raises(PlanMixesVerbs, match="paper of their own"):
            land.plan(CONVERT, {"correct": {"division": "350213103", "name": "新墟镇"}})

    def test_nothing_is_corrected_where_nothing_was(self, land: Land) -> None:
        land.plan(CONVERT)
        with pytest.raises(PlanIsMalformed, match="say what"):
            land.plan({"correct": {"division": "350213103"}})
        with pytest.raises(PlanIsMalformed, match="after"):
            land.plan(
                {
                    "correct": {
                        "division": "350213103",
                        "name": "x",
                        "during": {"from": "2021-01-01", "to": "2020-01-01"},
                    }
                }
            )

    def test_a_code_of_somebody_else_is_refused(self, land: Land) -> None:
        with pytest.raises(CodeWasUsed):
            land.plan({"correct": {"division": "350213103", "code": "350213102"}})

    def test_a_unit_that_never_was_has_nothing_to_correct(self, land: Land) -> None:
        unit = id_of("350213103")
        land.divisions[unit] = tuple(
            type(one)(type(one.valid)(ON, None), one.values, one.cause)
            for one in land.divisions[unit]
        )
        with pytest.raises(NotInForce):
            land.plan(
                {"correct": {"division": str(unit), "name": "x", "during": {"to": "2020-01-01"}}}
            )


class WhenATreeIsNotTheStates:
    @pytest.fixture
    def grids(self, land: Land) -> Land:
        for place in (1, 2):
            west = 118 + place / 200
            land.unit(
                f"g{place}",
                DivisionKind.GRID,
                "350213102001",
                name=f"第{place}网格",
                layer="网格",
                ground=box(west - 0.005, 24, west, 24.01),
            )
        return land

    def test_its_units_are_no_members_that_make_up_a_community(self, grids: Land) -> None:
        plan = grids.plan({"abolish": {"division": "g1", "no_successor": "撤并网格"}})

        assert plan.breaches == ()
        assert not any(one.key == id_of("350213102001") for one in plan.effects)

    def test_they_must_be_placed_when_their_community_ends(self, grids: Land) -> None:
        ending = {"abolish": {"division": "350213102001", "successors": ["350213102201"]}}

        assert "V18" in rules(grids.plan(ending))
        moved = {"transfer": {"divisions": ["g1", "g2"], "to": "350213102201"}}
        assert grids.plan(ending, moved).breaches == ()

    def test_they_follow_when_communities_merge(self, grids: Land) -> None:
        plan = grids.plan(
            {"absorb": {"divisions": ["350213102001"], "into": "350213102201"}},
        )
        assert units_after(plan)["第1网格"] == "琼头村"
        assert plan.breaches == ()

    def test_they_are_divided_and_merged_like_others(self, grids: Land) -> None:
        line = {"type": "LineString", "coordinates": [[118, 24.004], [118.01, 24.004]]}
        part = {"name": "第3网格", "kind": "grid", "layer": "网格", "side": "left"}
        plan = grids.plan(
            {"split": {"division": "g1", "keeps": True, "line": line, "into": [part]}},
        )
        assert plan.breaches == ()
        assert units_after(plan)["第3网格"] == "五星社区"

    def test_a_division_cannot_lie_in_another_tree(self, grids: Land) -> None:
        plan = grids.plan({"transfer": {"divisions": ["350213102202"], "to": "g1"}})

        assert rules(plan) == {"L12"} and "another tree" in plan.breaches[0]


class TheFindings:
    def test_carry_rule_severity_both_languages_and_whom_they_concern(self, land: Land) -> None:
        plan = land.plan({"abolish": {"division": "350213103", "successors": ["350213102"]}})

        (found,) = [one for one in plan.findings if one.severity is Severity.ERROR]
        facts = found.facts()
        assert (facts["rule"], facts["severity"]) == ("V18", "E")
        assert "transfer or abolish" in facts["en"] and "划转" in facts["zh"]
        assert str(id_of("350213103")) in facts["divisions"]
        assert plan.breaches == (str(found),)

    def test_land_that_vanishes_is_a_breach_unless_the_act_says_why(self, land: Land) -> None:
        smaller = {
            "adjust_territory": {
                "division": "350213102201",
                "territory": {
                    "type": "Polygon",
                    "coordinates": [
                        [[118.01, 24], [118.015, 24], [118.015, 24.01], [118.01, 24.01], [118.01, 24]]
                    ],
                },
            }
        }  # fmt: skip
        assert rules(land.plan(smaller)) == {"V02"}
        assert land.plan(smaller, area_changes="海岸侵蚀").breaches == ()

    def test_a_parent_change_wants_both_sides_heard(self, land: Land) -> None:
        land.unit("350212", DivisionKind.DISTRICT, "3502", name="同安区")
        moved = {"reparent": {"division": "350213103", "to": "350212", "code": "auto"}}

        assert "V21" in rules(land.plan(moved), Severity.WARNING)
        assert "V21" not in rules(land.plan(moved, consulted="已征求意见"), Severity.WARNING)

    def test_a_retired_code_kept_is_remarked(self, land: Land) -> None:
        kept = {"retype": {"division": "350213102", "kind": "subdistrict", "name": "马巷街道"}}

        assert "V12" in rules(land.plan(kept), Severity.WARNING)

    def test_the_dates_that_lack_are_told(self, land: Land) -> None:
        assert "V19" in rules(land.plan(CONVERT), Severity.NOTICE)
        decree = {
            "authority": "福建省人民政府",
            "approved_on": "2024-12-01",
            "announced_on": "2024-12-20",
        }
        full = land.plan(CONVERT, decree=decree, opened_on="2025-02-01")
        assert "V19" not in rules(full, Severity.NOTICE)


def ground(code: str, area: Any) -> dict[Any, Any]:
    """A territory for a unit that is there already."""
    other = Land()
    other.unit(code, DivisionKind.TOWN, ground=area)
    return other.territories
