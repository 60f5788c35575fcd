"""Whatever is sent: no fault, no certainty that is not deserved, and an end in good time."""

import csv
import gzip
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.nation import national_names
from geo.geocode.gazetteer import Gazetteer, Names
from geo.geocode.match import Match, Outcome, TextIsTooLong, answer
from geo.geocode.normalise import LONGEST_TEXT
from tests.geo.ground import CARRIERS, DIVISIONS, NOW, DoorsInMemory

COMPANIES = Path(__file__).parents[3] / "shared/data/cn_addresses/company_addresses_raw.csv.gz"
"""11,282 addresses as companies wrote them (MIT); read where they lie beside the checkout."""
GAZETTEER = Gazetteer(Names.of(DIVISIONS, CARRIERS), national_names())
OWN = {one.name for one in DIVISIONS if one.level <= 2}
ELSEWHERE = tuple(
    name for name in sorted(national_names()) if name.endswith("省") and name not in OWN
)
PIECES = st.sampled_from(
    [*GAZETTEER.names()[:60], "路", "号", "之", "-", "#", "(", "[", "1", "12号", "之3", "栋", "A座",
     "单元", "层", "室", "附近", "与", "交叉口", "、", "/", " ", "NO.", "ROAD", "hbnl", "廈門", "５", "先生",
     "13812345678", "。", "\u3000", "\x00", "𠮷", "é"]
)  # fmt: skip
HOSTILE = st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=300)).map(
    lambda text: text[:LONGEST_TEXT]
)
SLOW = (
    "路" * LONGEST_TEXT,
    "湖滨南路" * (LONGEST_TEXT // 4),
    "1-" * (LONGEST_TEXT // 2),
    "湖滨南路1号" * (LONGEST_TEXT // 6),
    "号之" * (LONGEST_TEXT // 2),
    "(" * LONGEST_TEXT,
    "一二三四五" * (LONGEST_TEXT // 5),
    "A" * LONGEST_TEXT,
    "hubin " * (LONGEST_TEXT // 6),
    "福建省厦门市" * (LONGEST_TEXT // 6),
    "1号2号" * (LONGEST_TEXT // 4),
)
LONGEST_S = 10.0
"""Far above what a hostile text takes on an idle machine: only endless work is meant to fail."""


def ask(text: str) -> Outcome:
    return answer(text, gazetteer=GAZETTEER, source=DoorsInMemory(), on=NOW)


def certain(text: str) -> list[Match]:
    return [match for match in ask(text).matches if match.grade == "A"]


class WhenAnythingAtAllIsAsked:
    @settings(max_examples=300, deadline=None)
    @given(HOSTILE)
    @example("与交叉口")
    @example("湖滨南路与同安路交叉口北99999米")
    def test_nothing_goes_wrong_and_what_is_found_is_one_of_the_doors(self, text: str) -> None:
        outcome = ask(text)

        assert all(0 <= match.score <= 1 for match in outcome.matches)
        assert len({match.door.address_id for match in outcome.matches}) == len(outcome.matches)
        assert outcome.matches or outcome.missing or outcome.located

    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(ELSEWHERE), st.sampled_from(["湖滨南路388号", "湖滨四里62号之3"]))
    def test_an_address_of_another_province_is_never_certain(self, place: str, text: str) -> None:
        assert certain(f"{place}{text}") == []

    @pytest.mark.parametrize("text", SLOW, ids=lambda text: text[:8])
    def test_the_longest_and_worst_texts_come_to_an_end(self, text: str) -> None:
        began = time.perf_counter()

        ask(text)

        assert time.perf_counter() - began < LONGEST_S

    def test_a_longer_text_is_refused(self) -> None:
        with pytest.raises(TextIsTooLong):
            ask("路" * (LONGEST_TEXT + 1))


def companies() -> list[str]:
    """The addresses of companies outside the own province; none when the file is not there."""
    if not COMPANIES.exists():
        return []
    with gzip.open(COMPANIES, "rt", encoding="utf-8") as lines:
        texts = [row["address"][:LONGEST_TEXT] for row in csv.DictReader(lines)]
    return [text for text in texts if not any(name[:2] in text for name in OWN)]


class WhenCompaniesWriteTheirAddresses:
    def test_none_of_another_province_is_certain(self) -> None:
        assert [text for text in companies()[::20] if certain(text)] == []

    @pytest.mark.drill
    def test_none_of_them_all_is(self) -> None:
        assert [text for text in companies() if certain(text)] == []
