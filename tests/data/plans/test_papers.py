"""The papers of Xiamen, carried out by an independent simulator, against the published editions."""

import re
from pathlib import Path

import pytest
import yaml

from data.history import baseline_rows, history_papers, restructuring_papers
from registry.restructuring.paper import Precision, read_paper_text
from tests.data.plans.published import XIAMEN, members, rows_of
from tests.data.plans.simulator import Simulator

EDITIONS = (
    "2016-07-31",
    "2017-10-31",
    "2018-10-31",
    "2019-10-31",
    "2020-06-30",
    "2021-10-31",
    "2022-10-31",
    "2023-06-30",
)
PAPERS = [*history_papers(), *restructuring_papers()]


def enacted_until(day: str) -> Simulator:
    """Xiamen after every act up to a day."""
    simulator = Simulator(baseline_rows())
    for paper in PAPERS:
        if paper.name[:10] <= day:
            simulator.enact_file(paper)
    return simulator


class TheBaseline:
    def test_every_division_has_a_parent_above_it_and_a_name_of_its_own(self) -> None:
        rows = list(baseline_rows())
        seen = {""}
        for row in rows:
            assert row.parent_key in seen, row.key
            assert row.key not in seen, row.key
            seen.add(row.key)

    def test_every_division_says_what_it_rests_on(self) -> None:
        assert all(row.evidence for row in baseline_rows())

    def test_has_the_seven_districts_of_before_2003(self) -> None:
        districts = {row.name for row in baseline_rows() if row.kind == "district"}

        assert districts == {
            "鼓浪屿区",
            "思明区",
            "开元区",
            "杏林区",
            "湖里区",
            "集美区",
            "同安区",
        }

    def test_gives_no_village_a_code_because_no_source_does(self) -> None:
        assert not [row for row in baseline_rows() if len(row.code) == 12]


class TheActs:
    @pytest.mark.parametrize("edition", EDITIONS)
    def test_lead_to_every_edition_to_the_last_village(self, edition: str) -> None:
        simulator = enacted_until(edition)

        for length in (6, 9, 12):
            expected = members(rows_of(edition), length, XIAMEN)
            if length == 6:
                expected = {code: (name, XIAMEN) for code, (name, _above) in expected.items()}
            assert simulator.members_at(length) == expected

    def test_leave_no_division_without_a_code_in_the_end(self) -> None:
        assert not [unit for unit in enacted_until("2023-06-30").units.values() if not unit.code]

    def test_use_a_code_again_only_where_the_list_did(self) -> None:
        reusing = {paper.name for paper in PAPERS if "reuse:" in paper.read_text(encoding="utf-8")}

        assert reusing == {"2022-10-31-3-tongan-codes.yaml"}

    def test_keep_the_identity_of_the_two_communities_whose_codes_were_exchanged(self) -> None:
        before, after = enacted_until("2021-10-31"), enacted_until("2022-10-31")

        assert before.by_code()["350212110002"] == after.by_code()["350212110003"]
        assert before.by_code()["350212110003"] == after.by_code()["350212110002"]

    def test_keep_the_identity_of_350205_through_its_rename(self) -> None:
        before, after = enacted_until("2003-04-25"), enacted_until("2003-04-26")
        number = before.by_code()["350205"]

        assert before.units[number].name == "杏林区"
        assert after.units[number].name == "海沧区"

    @pytest.mark.parametrize(
        ("day", "township", "count"),
        [
            ("2021-01-06", "350213002", 36),
            ("2021-01-06", "350213003", 41),
            ("2022-02-16", "350212003", 19),
            ("2022-02-16", "350212004", 17),
        ],
    )
    def test_turn_a_town_into_a_subdistrict_with_all_its_villages(
        self, day: str, township: str, count: int
    ) -> None:
        simulator = enacted_until(day)
        number = simulator.by_code()[township]

        assert simulator.units[number].kind == "subdistrict"
        assert sum(unit.parent == number for unit in simulator.units.values()) == count


class EveryPaper:
    @pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.stem)
    def test_is_read_strictly(self, paper: Path) -> None:
        read = read_paper_text(paper.read_text(encoding="utf-8"))

        assert str(read.effective_on) == paper.name[:10]
        assert read.evidence

    def test_that_rests_on_an_edition_says_so_and_names_no_day_of_its_own(self) -> None:
        for paper in PAPERS:
            read = read_paper_text(paper.read_text(encoding="utf-8"))
            if read.effective_precision is Precision.BY_EDITION:
                assert read.decree is None or read.decree.approved_on is None
                assert "名录" in (read.evidence or "")

    def test_has_a_decree_with_an_authority_or_none(self) -> None:
        for paper in PAPERS:
            raw = yaml.safe_load(paper.read_text(encoding="utf-8"))
            if "decree" in raw:
                assert raw["decree"]["authority"] in {
                    "国务院",
                    "福建省人民政府",
                    "厦门市人民政府",
                }

    def test_is_named_by_its_day_so_that_names_sort_by_date(self) -> None:
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9-]+", paper.stem) for paper in PAPERS)
        assert [paper.name for paper in PAPERS] == sorted(paper.name for paper in PAPERS)
