"""Drafts from the difference of two editions, measured on the whole of Fujian."""

import copy
import csv
import gzip
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.editions.draft import (
    ONLY_IN_DRAFTS,
    TO_DECIDE,
    DraftPaper,
    as_paper,
    draft_papers,
    to_yaml,
)
from data.editions.reader import edition_rows, to_row
from registry.errors import PlanIsMalformed
from registry.restructuring.paper import read_paper_text
from tests.data.plans.published import SAMPLE, as_baseline, members, rows_of
from tests.data.plans.simulator import Simulator

CANDIDATES = Path(__file__).parent / "fujian_change_candidates.csv.gz"
MOVES = SAMPLE / "fujian_village_moves.csv.gz"
PAIRS = [("2020-06-30", "2021-10-31"), ("2021-10-31", "2022-10-31"), ("2022-10-31", "2023-06-30")]


@cache
def drafts(before: str, after: str, within: str | None = None) -> tuple[DraftPaper, ...]:
    return tuple(
        draft_papers(
            rows_of(before),
            rows_of(after),
            from_edition=date.fromisoformat(before),
            to_edition=date.fromisoformat(after),
            within=within,
        )
    )


def operations(papers: tuple[DraftPaper, ...], verb: str) -> list[dict[str, Any]]:
    return [
        fields
        for paper in papers
        for operation in paper["operations"]
        for found, fields in operation.items()
        if found == verb
    ]


def proposed_moves(papers: tuple[DraftPaper, ...]) -> set[tuple[str, str]]:
    """Villages with another township code: old code, new code."""
    coded = [*operations(papers, "transfer"), *operations(papers, "recode")]
    pairs = {pair for fields in coded for pair in fields["codes"].items()}
    return {(old, new) for old, new in pairs if len(old) == 12 and old[:9] != new[:9]}


def decided(paper: DraftPaper) -> list[dict[str, Any]]:
    """What a person might make of a draft: every open end closed in the plainest way."""
    raw = copy.deepcopy(paper)
    for operation in raw["operations"]:
        operation.get("recode", {}).setdefault("reuse", "the list gives the code again")
    gone = [
        {"abolish": {"division": one["code"], "no_successor": "not in the list any more"}}
        for one in raw["unplaced"]
    ]
    return [*raw["operations"], *gone]


def shipped(path: Path, before: str) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return [row for row in csv.DictReader(text) if row["edition_from"] == before]


class WhenATownBecameASubdistrictAndWasSplitBetweenTwoEditions:
    def papers(self) -> tuple[DraftPaper, ...]:
        return drafts("2020-06-30", "2021-10-31", "350213")

    def test_two_papers_are_drafted_because_the_law_made_two_acts(self) -> None:
        first, second, *others = self.papers()

        assert [set(one) for one in first["operations"]] == [{"retype"}, {"retype"}]
        assert not [one for one in operations((second,), "retype") if one["kind"] == "subdistrict"]
        assert any("先实施本方案" in question for question in first[TO_DECIDE])
        assert any("撤镇设街之后" in question for question in second[TO_DECIDE])
        assert first["review"]["case"] == second["review"]["case"]
        assert [first["review"]["step"], second["review"]["step"]] == ["1/2", "2/2"]
        assert first["review"]["case"] not in {one["review"]["case"] for one in others}

    def test_the_villages_go_where_the_enacted_plan_sends_them(self) -> None:
        moved = {
            fields["to"]: len(fields["codes"]) for fields in operations(self.papers(), "transfer")
        }

        assert moved == {
            "350213004": 16,
            "350213005": 12,
            "350213006": 9,
            "350213007": 11,
            "350213103": 1,
        }

    def test_no_village_is_forgotten(self) -> None:
        assert not [lost for paper in self.papers() for lost in paper["unplaced"]]


class WhenADraftIsGivenAsAPlan:
    def test_it_is_refused_for_being_a_draft(self) -> None:
        for paper in drafts("2021-10-31", "2022-10-31", "350212"):
            with pytest.raises(PlanIsMalformed, match="draft"):
                read_paper_text(to_yaml(paper))

    def test_it_is_refused_without_a_date_even_when_the_mark_is_gone(self) -> None:
        for paper in drafts("2021-10-31", "2022-10-31", "350212"):
            unmarked = {key: value for key, value in paper.items() if key not in ONLY_IN_DRAFTS}
            with pytest.raises(PlanIsMalformed, match="effective_on"):
                read_paper_text(to_yaml(unmarked))

    def test_it_is_read_once_a_person_has_decided(self) -> None:
        for paper in drafts("2020-06-30", "2021-10-31"):
            raw = as_paper(yaml.safe_load(to_yaml(paper)))
            raw["effective_on"] = date(2021, 10, 31)
            if raw["operations"]:
                assert (
                    read_paper_text(yaml.safe_dump(raw, allow_unicode=True)).title == raw["title"]
                )


class WhatAPersonMustDecide:
    def test_stands_as_comments_on_top_of_the_file(self) -> None:
        text = to_yaml(drafts("2021-10-31", "2022-10-31", "350212")[0])

        assert text.startswith("# 待定：生效日")
        assert TO_DECIDE not in yaml.safe_load(text)

    def test_names_the_two_communities_whose_codes_were_exchanged(self) -> None:
        questions = "\n".join(
            question
            for paper in drafts("2021-10-31", "2022-10-31", "350212")
            for question in paper[TO_DECIDE]
        )

        assert "侨安社区改用 350212110002" in questions
        assert "竹坝社区改用 350212110003" in questions

    def test_lists_a_community_that_vanished_instead_of_guessing(self) -> None:
        gone = [
            one["code"]
            for paper in drafts("2020-06-30", "2021-10-31", "350212")
            for one in paper["unplaced"]
        ]

        assert gone == ["350212002013"]


class TheDraftsOfAllFujian:
    @pytest.mark.parametrize(("before", "after"), PAIRS)
    def test_lead_to_the_next_edition_once_what_they_leave_open_is_decided(
        self, before: str, after: str
    ) -> None:
        simulator = Simulator(as_baseline(rows_of(before)))
        for paper in drafts(before, after):
            simulator.enact(decided(paper))

        assert simulator.members_at(12) == members(rows_of(after), 12)
        assert simulator.members_at(9).keys() == members(rows_of(after), 9).keys()

    @pytest.mark.parametrize(("before", "after"), PAIRS)
    def test_move_the_villages_that_an_independent_comparison_found_moved(
        self, before: str, after: str
    ) -> None:
        known = {(row["old_code12"], row["new_code12"]) for row in shipped(MOVES, before)}

        found = proposed_moves(drafts(before, after))

        assert len(known & found) >= 0.995 * len(known)

    def test_link_the_townships_that_an_independent_comparison_linked(self) -> None:
        known = {
            (row["old_code9"], row["new_code9"]): int(row["villages_moved"])
            for row in shipped(CANDIDATES, "2020-06-30")
            if row["new_code9"] and int(row["villages_moved"])
        }

        moved = proposed_moves(drafts(*PAIRS[0]))
        found = Counter((old[:9], new[:9]) for old, new in moved)

        missed = {link for link, count in known.items() if found[link] < count}
        assert len(known) == 87
        assert not missed


class WhatIsReadFromTheFiles:
    def test_is_one_edition_of_them_within_a_division(self) -> None:
        files = [SAMPLE / "nbs_townships_fujian.csv.gz", SAMPLE / "nbs_villages_fujian.csv.gz"]

        rows = edition_rows(files, date(2021, 10, 31), "350213")

        assert {row.edition for row in rows} == {"2021-10-31"}
        assert {row.code[:6] for row in rows} == {"350213"}
        assert {len(row.code) for row in rows} == {9, 12}


class WhenATownshipGetsAnotherNameAndAnotherCode:
    def test_both_are_drafted(self) -> None:
        names = {"110101101": "丁镇", "110101102": "戊镇"}
        villages = {"110101101201": "子村委会", "110101102201": "子村委会"}
        lines = {**names, **villages}

        (paper,) = draft_papers(
            [to_row("test", 1, code, lines[code], None) for code in lines if "101101" in code],
            [to_row("test", 1, code, lines[code], None) for code in lines if "101102" in code],
            from_edition=date(2020, 1, 1),
            to_edition=date(2021, 1, 1),
        )

        assert paper["operations"] == [
            {"rename": {"division": "110101101", "name": "戊镇"}},
            {"recode": {"codes": {"110101101": "110101102"}}},
            {"recode": {"codes": {"110101101201": "110101102201"}}},
        ]


class WhenNothingChanged:
    def test_nothing_is_drafted(self) -> None:
        assert drafts("2020-06-30", "2020-06-30") == ()


class WhenTwoCountiesBecameOne:
    def test_a_merger_is_drafted(self) -> None:
        mergers = operations(drafts("2020-06-30", "2021-10-31"), "merge")
        (merger,) = [one for one in mergers if len(one["divisions"][0]) == 6]

        assert merger["divisions"] == ["350402", "350403"]
        assert merger["into"]["name"] == "三元区"


class WhenOneTownshipTookAnotherOver:
    def test_its_end_and_its_members_are_drafted_as_one_operation(self) -> None:
        before = ["11", "1101", "110101", "110101101", "110101101201", "110101102", "110101102201"]
        after = ["11", "1101", "110101", "110101101", "110101101201", "110101101202"]
        names = {
            "11": "甲省",
            "1101": "乙市",
            "110101": "丙区",
            "110101101": "丁镇",
            "110101101201": "子村委会",
            "110101102": "戊镇",
            "110101102201": "丑村委会",
            "110101101202": "丑村委会",
        }

        (paper,) = draft_papers(
            [to_row("test", 1, code, names[code], None) for code in before],
            [to_row("test", 1, code, names[code], None) for code in after],
            from_edition=date(2020, 1, 1),
            to_edition=date(2021, 1, 1),
        )

        assert paper["operations"] == [
            {"recode": {"codes": {"110101102201": "110101101202"}}},
            {"absorb": {"divisions": ["110101102"], "into": "110101101"}},
        ]
