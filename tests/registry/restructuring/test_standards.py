"""Published standards: dated, per province, never harsher or kinder than what was checked."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from registry.restructuring.impact import Verdict
from registry.restructuring.standards import Candidate, Standard, judge, standards

ON = date(2026, 1, 1)
COUNTY = Candidate(
    province_code="43",
    county_kind="county",
    county="某县",
    kind="subdistrict",
    population=60_000,
    area_km2=25.0,
    growth_boundary_share=0.2,
    community_share=0.4,
    urbanisation=None,
)


def verdicts(one: Candidate, on: date = ON) -> dict[str, Verdict]:
    return {each.criterion: each.verdict for each in judge(one, on, standards())}


class TheTable:
    def test_gives_every_rule_set_its_source_and_day(self) -> None:
        assert {one.province for one in standards()} == {"43", "11", "33", "37", "35"}
        assert all(one.source and one.rule_set and one.in_force_on for one in standards())
        assert all(one.demands or one.others for one in standards())

    def test_judges_what_is_known_against_what_was_checked(self) -> None:
        assert verdicts(COUNTY) == {
            "min_population": Verdict.MET,
            "min_area_km2": Verdict.NOT_MET,
            "min_growth_boundary_share": Verdict.MET,
            "min_community_share": Verdict.MET,
            "乡级单位总数不净增": Verdict.CANNOT_BE_JUDGED,
            "名称全省不重名": Verdict.CANNOT_BE_JUDGED,
        }

    def test_judges_a_district_against_each_scope_that_may_be_meant(self) -> None:
        found = judge(replace(COUNTY, county_kind="district", county="某区"), ON, standards())

        people = {
            one.scope: (one.required, one.verdict)
            for one in found
            if one.criterion == "min_population"
        }
        assert people == {
            "市辖区（部分在城区以外）": (60_000, Verdict.MET),
            "市辖区（全部在城区）": (70_000, Verdict.NOT_MET),
        }

    def test_goes_by_the_district_where_a_scope_names_it(self) -> None:
        inner = replace(COUNTY, province_code="11", county_kind="district", county="东城区")
        outer = replace(inner, county="昌平区")

        assert {one.scope for one in judge(inner, ON, standards())} == {"东城区、西城区"}
        assert {one.scope for one in judge(outer, ON, standards())} == {"其他区"}

    def test_never_presents_an_unverified_figure_as_law(self) -> None:
        found = judge(replace(COUNTY, province_code="35"), ON, standards())

        assert found
        assert {one.verdict for one in found} == {Verdict.CANNOT_BE_JUDGED}
        assert {one.reason for one in found} == {"not_verified"}
        assert {one.required for one in found} == {None}

    def test_does_not_reach_back_before_its_day(self) -> None:
        assert judge(COUNTY, date(2020, 1, 1), standards()) == ()

    def test_says_nothing_of_villages_and_of_other_provinces(self) -> None:
        assert judge(replace(COUNTY, kind="village"), ON, standards()) == ()
        assert judge(replace(COUNTY, province_code="99"), ON, standards()) == ()

    def test_says_what_is_not_known(self) -> None:
        found = judge(replace(COUNTY, population=None), ON, standards())

        (people,) = [one for one in found if one.criterion == "min_population"]
        assert (people.verdict, people.reason) == (Verdict.CANNOT_BE_JUDGED, "not_known")


class WhenAFigureIsCompared:
    @given(st.floats(0, 1e6), st.floats(0, 1e6), st.booleans())
    def test_the_bound_itself_is_kept(self, required: float, actual: float, most: bool) -> None:
        criterion = "max_population" if most else "min_population"
        table = [_standard(criterion, required)]

        (found,) = judge(replace(COUNTY, population=actual), ON, table)

        kept = actual <= required if most else actual >= required
        assert (found.verdict is Verdict.MET) == kept


def _standard(criterion: str, required: float) -> Standard:
    return Standard(
        rule_set="试",
        province="43",
        in_force_on=date(2024, 1, 1),
        kind="subdistrict",
        scope="全省",
        county_kinds=frozenset({"county"}),
        counties=frozenset(),
        except_counties=frozenset(),
        demands=((criterion, required),),
        others=(),
        source="试",
    )
