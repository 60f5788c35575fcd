"""Drafts of Fujian against two independent readings: a machine's, and one from the documents."""

import csv
from functools import cache
from itertools import pairwise

import click
import pytest

from data.editions.comparison import Comparison
from data.editions.units import TOWNSHIP, Edition
from tests.data.editions.scoring import Score, table
from tests.data.plans.published import SAMPLE, rows_of
from tests.data.test_draft import CANDIDATES, shipped

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
Link = tuple[str, str]


@cache
def links(before: str, after: str) -> frozenset[Link]:
    """Townships that became others, or gave parts to others."""
    compared = Comparison.between(Edition.of(rows_of(before)), Edition.of(rows_of(after)))
    flowing = {
        (old, new)
        for old in compared.before.level(TOWNSHIP)
        for new in compared.flows.heirs.get(old, {})
    }
    same = set(compared.matches.townships.pairs().items())
    return frozenset((old, new) for old, new in flowing | same if old != new)


class WhatAMachineGuessed:
    def test_is_found_link_by_link_in_every_pair_of_editions(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        score = Score.of("township, other township", (), ())
        for before, after in pairwise(EDITIONS):
            known = {
                (row["old_code9"], row["new_code9"])
                for row in shipped(CANDIDATES, before)
                if row["new_code9"] and row["old_code9"] != row["new_code9"] and row["old_code9"]
            }
            score |= Score.of(
                "",
                {(before, *link) for link in known},
                {(before, *link) for link in links(before, after)},
            )

        with capsys.disabled():
            click.echo(table("Fujian 2016 to 2023, links of townships", [score]))
        assert score.recall >= 0.99
        assert score.precision >= 0.98


class WhatTheDocumentsSay:
    def test_of_xiamen_since_2016_is_found_whole(self, capsys: pytest.CaptureFixture[str]) -> None:
        with (SAMPLE / "xiamen_changes_reference.csv").open(encoding="utf-8", newline="") as text:
            rows = [row for row in csv.DictReader(text) if row["event_id"] in SINCE_2016]
        known: set[Link] = set()
        for row in rows:
            known |= LINKS[row["event_id"]]
            told = set(row["old_codes"].split(";")) | set(row["new_codes"].split(";"))
            assert {code for link in LINKS[row["event_id"]] for code in link} <= told | FORMER

        found = {
            link
            for before, after in pairwise(EDITIONS)
            for link in links(before, after)
            if link[0].startswith("3502")
        }

        score = Score.of("township, other township", known, found)
        with capsys.disabled():
            click.echo(table("Xiamen, links the documents speak of", [score]))
            click.echo(f"besides: {sorted(found - known)}; missed: {sorted(known - found)}")
        assert (score.precision, score.recall) == (1.0, 1.0)


FORMER = {"350213102", "350213104", "350212106", "350212108"}
"""The towns two editions show in place of the subdistricts they had become before they were split."""
LINKS: dict[str, set[Link]] = {
    "xm-2019-zhuba": {("350212403", "350212110")},
    "xm-2021-xindian-maxiang-convert": {("350213104", "350213003"), ("350213102", "350213002")},
    "xm-2021-xiangan-split": {
        ("350213102", "350213005"),
        ("350213102", "350213004"),
        ("350213104", "350213004"),
        ("350213104", "350213006"),
        ("350213104", "350213007"),
    },
    "xm-2021-damaoshan": {("350213404", "350213103")},
    "xm-2022-xinmin-xike-convert": {("350212106", "350212003"), ("350212108", "350212004")},
    "xm-2022-tongan-split": {
        ("350212106", "350212006"),
        ("350212106", "350212007"),
        ("350212106", "350212002"),
        ("350212108", "350212007"),
        ("350212002", "350212005"),
    },
}
SINCE_2016 = LINKS.keys()
