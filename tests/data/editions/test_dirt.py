"""Matching across what lists do to names and codes, and what is left for a person."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.editions.assignment import best_pairs, groups
from data.editions.comparison import Comparison, gaps
from data.editions.draft import DraftPaper, draft_papers
from data.editions.reader import EditionRow, to_codeless_row, to_row
from data.editions.spelling import SAME_STEM, likeness
from data.editions.units import TOWNSHIP, VILLAGE, Edition

UPPER = {"11": "甲省", "1101": "乙市", "110101": "丙区"}
TOWN = {**UPPER, "110101101": "丁镇"}


def rows(lines: dict[str, str]) -> list[EditionRow]:
    return [to_row("test", 1, code, name, None) for code, name in lines.items()]


def drafted(before: dict[str, str], after: dict[str, str]) -> list[DraftPaper]:
    return draft_papers(
        rows(before), rows(after), from_edition=date(2020, 1, 1), to_edition=date(2021, 1, 1)
    )


def operations(papers: list[DraftPaper]) -> list[dict[str, Any]]:
    return [one for paper in papers for one in paper["operations"]]


def verbs(papers: list[DraftPaper]) -> set[str]:
    return {verb for one in operations(papers) for verb in one}


class WhatListsDoToNames:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("麦?镇", "麦㙦镇"),
            ("麦\ue003镇", "麦㙦镇"),
            ("麦\U0002a3f8镇", "麦?镇"),
            ("马巷镇", "马巷街道"),
            ("西溪畲族乡", "西溪畲族乡"),
        ],
    )
    def test_leaves_a_township_the_same(self, one: str, other: str) -> None:
        assert likeness(one, other, TOWNSHIP) >= SAME_STEM

    @pytest.mark.parametrize(
        ("one", "other"), [("马垄社区", "马垅社区"), ("马龙村", "马垅社区"), ("东山村", "东山社区")]
    )
    def test_leaves_a_village_alike(self, one: str, other: str) -> None:
        assert likeness(one, other, VILLAGE) >= 0.85

    @pytest.mark.parametrize(("one", "other"), [("东山村", "西溪村"), ("麦?镇", "灌口镇")])
    def test_makes_no_two_the_same(self, one: str, other: str) -> None:
        assert likeness(one, other, VILLAGE) < 0.5

    @given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
    def test_never_makes_a_name_unlike_itself(self, name: str) -> None:
        assert likeness(name, name, VILLAGE) == 1.0

    @given(st.text(min_size=1, max_size=6), st.text(min_size=1, max_size=6))
    def test_is_the_same_from_both_sides(self, one: str, other: str) -> None:
        assert likeness(one, other, VILLAGE) == pytest.approx(likeness(other, one, VILLAGE))
        assert 0.0 <= likeness(one, other, VILLAGE) <= 1.0


class WhenACharacterCouldNotBePrinted:
    def test_the_township_is_the_same_and_only_written_otherwise(self) -> None:
        before = {**UPPER, "110101101": "麦?镇", "110101101201": "子村委会"}
        after = {**UPPER, "110101101": "麦㙦镇", "110101101201": "子村委会"}

        assert operations(drafted(before, after)) == [
            {"rename": {"division": "110101101", "name": "麦㙦镇"}}
        ]


class WhenACountyGetsAnotherCode:
    def test_everything_in_it_is_recoded_and_nothing_ends(self) -> None:
        before = {**UPPER, "110181": "戊市", "110181101": "己镇", "110181101201": "子村委会"}
        after = {**UPPER, "110104": "戊区", "110104101": "己镇", "110104101201": "子村委会"}

        papers = drafted(before, after)

        assert verbs(papers) == {"retype", "recode"}
        assert not [lost for paper in papers for lost in paper["unplaced"]]
        recoded = [one["recode"]["codes"] for one in operations(papers) if "recode" in one]
        assert {"110181101": "110104101"} in recoded


class WhenTwoVillagesCouldBeOne:
    def test_neither_is_chosen_and_the_candidates_are_listed(self) -> None:
        before = {**TOWN, "110101101201": "东山村委会"}
        after = {**TOWN, "110101101203": "东山前村委会", "110101101204": "东山后村委会"}

        papers = drafted(before, after)

        (lost,) = [one for paper in papers for one in paper["unplaced"]]
        assert lost["code"] == "110101101201"
        assert {one["name"] for one in lost["candidates"]} == {"东山前村", "东山后村"}
        assert verbs(papers) == {"establish"}


class WhenOnlyTheCodeIsTheSame:
    def test_a_rename_is_proposed_with_little_confidence_and_a_question(self) -> None:
        (paper,) = drafted(
            {**TOWN, "110101101201": "子村委会"}, {**TOWN, "110101101201": "辰巳午村委会"}
        )

        (reviewed,) = paper["review"]["operations"]
        assert reviewed["confidence"] == 0.5
        assert reviewed["why"] == ["same code only"]
        assert any("更名，还是撤一设一" in question for question in paper["to_decide"])


class WhenAnEditionDoesNotSpeakOfSomething:
    def test_farms_and_zones_it_lists_none_of_are_not_abolished(self) -> None:
        farm = {"110101401": "红旗农场", "110101401401": "一队"}
        before = {**TOWN, "110101101201": "子村委会", **farm}

        assert drafted(before, {**TOWN, "110101101201": "子村委会"}) == []

    def test_villages_are_not_abolished_by_a_list_of_townships(self) -> None:
        assert drafted({**TOWN, "110101101201": "子村委会"}, TOWN) == []

    def test_a_county_without_a_township_is_a_gap_and_is_named(self) -> None:
        more = {"110102": "戊县"}
        before = {**TOWN, **more, "110102101": "己镇"}

        assert drafted(before, {**TOWN, **more}) == []
        assert gaps(Edition.of(rows({**TOWN, **more}))) == ["110102"]

    def test_a_province_it_leaves_out_is_left_out(self) -> None:
        assert drafted({**TOWN, "12": "庚省"}, TOWN) == []


class WhenAListGivesVillagesNoCodes:
    def test_they_are_told_by_township_and_name_and_called_by_their_path(self) -> None:
        before = [
            *rows(TOWN),
            *(to_codeless_row("test", 1, "110101101", name, None) for name in ("子村委会", "丑村")),
        ]
        after = rows({**TOWN, "110101101201": "丑村委会", "110101101202": "子村委会"})

        papers = draft_papers(
            before, after, from_edition=date(2009, 1, 1), to_edition=date(2016, 1, 1)
        )

        codes = {
            name: code
            for one in operations(papers)
            for name, code in one.get("recode", {}).get("codes", {}).items()
        }
        assert codes == {
            "name:甲省/乙市/丙区/丁镇/子村": "110101101202",
            "name:甲省/乙市/丙区/丁镇/丑村": "110101101201",
        }


class WhenCodesAreHandedOn:
    def test_a_code_that_comes_again_waits_for_a_reason(self) -> None:
        before = {**TOWN, "110101101201": "子村委会", "110101101202": "丑村委会"}
        after = {**TOWN, "110101101201": "丑村委会", "110101101202": "子村委会"}

        (paper,) = drafted(before, after)

        (recode,) = paper["operations"]
        assert recode["recode"]["codes"] == {
            "110101101201": "110101101202",
            "110101101202": "110101101201",
        }
        assert "reuse" not in recode["recode"]
        assert sum("reuse" in question for question in paper["to_decide"]) == 2


class TheBestPairing:
    def test_is_the_best_as_a_whole_not_pair_by_pair(self) -> None:
        scores = {("a", "x"): 0.9, ("a", "y"): 0.8, ("b", "x"): 0.8, ("b", "y"): 0.1}

        found = best_pairs(["a", "b"], ["x", "y"], lambda one, other: scores[one, other])

        assert {(pair.old, pair.new) for pair in found} == {("a", "y"), ("b", "x")}

    def test_says_how_clear_it_is(self) -> None:
        (pair,) = best_pairs(["a"], ["x", "y"], lambda _one, other: {"x": 0.9, "y": 0.85}[other])

        assert pair.margin == pytest.approx(0.05)

    @given(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz"))))
    def test_keeps_apart_what_does_not_hang_together(self, pairs: set[tuple[str, str]]) -> None:
        found = groups(sorted(pairs))

        assert {one for old, _new in found for one in old} == {one for one, _other in pairs}
        for one, other in pairs:
            assert sum(one in old and other in new for old, new in found) == 1


class EveryMatch:
    def test_says_why_and_how_sure_it_is(self) -> None:
        before = Edition.of(rows({**TOWN, "110101101201": "东山村委会"}))
        after = Edition.of(rows({**TOWN, "110101101001": "东山社区居委会"}))

        match = Comparison.between(before, after).matches.match_of("110101101201")

        assert match is not None
        assert match.new == "110101101001"
        assert 0.9 <= match.confidence < 1.0
        assert match.evidence == ("same name in the same township, other type of committee",)
