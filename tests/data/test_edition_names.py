"""Published names and the names in use."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.editions.names import (
    KIND_DISAGREES,
    UNREADABLE,
    kind_of_code,
    read_name,
    township_name,
    village_name,
)
from registry.divisions.model import DivisionKind

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.mark.parametrize(
    ("published", "name"),
    [
        ("琼头社区居委会", "琼头社区"),
        ("彭厝村委会", "彭厝村"),
        ("前埔北社区居委会", "前埔北社区"),
        ("大帽山社区居民委员会", "大帽山社区"),
        ("站前社区委员会", "站前社区"),
        ("德苑社区居民会", "德苑社区"),
        ("泉州铁路社区居委", "泉州铁路社区"),
        ("螺洲居委会", "螺洲社区"),
        ("城南居民委员会", "城南社区"),
        ("洋门村村民委员会", "洋门村"),
        ("上梨洋村民委员会", "上梨洋村"),
        ("石榴洋村委", "石榴洋村"),
        ("肖家道村会", "肖家道村"),
        ("西芹社区村委会", "西芹社区"),
        ("中山社区", "中山社区"),
        ("后冠村", "后冠村"),
        ("第二农场虚拟生活区", "第二农场虚拟生活区"),
        ("开发区虚拟居委会", "开发区虚拟居委会"),
        ("琼头　社区 居委会", "琼头社区"),
        ("罗山(畲族)社区居委会", "罗山（畲族）社区"),
        ("二０九社区居委会", "二〇九社区"),
        ("一○一居委会", "一〇一社区"),
        ("２号社区", "2号社区"),
    ],
)
def test_the_place_is_named_not_its_committee(published: str, name: str) -> None:
    assert village_name(published) == name
    assert village_name(name) == name


@pytest.mark.parametrize(
    ("published", "name"),
    [
        ("湖里街道办事处", "湖里街道"),
        ("海防办事处乡", "海防办事处乡"),
        ("八五0农场", "八五〇农场"),
        (" 新圩镇　", "新圩镇"),
    ],
)
def test_the_office_is_left_out_of_a_townships_name(published: str, name: str) -> None:
    assert township_name(published) == name
    assert township_name(name) == name


class WhenAllShippedNamesAreRead:
    def test_villages_come_out_the_same_when_read_again(self) -> None:
        with gzip.open(SAMPLE / "nbs_villages_fujian.csv.gz", "rt", encoding="utf-8") as text:
            published = {row["name"] for row in csv.DictReader(text)}

        names = {village_name(one) for one in published}

        assert len(published) > 10_000
        assert {name for name in names if village_name(name) != name} == set()
        committees = [name for name in names if name.endswith(("居委会", "村委会"))]
        assert all("虚拟" in name for name in committees)

    def test_townships_agree_with_the_column_of_the_source(self) -> None:
        with gzip.open(SAMPLE / "nbs_townships_fujian.csv.gz", "rt", encoding="utf-8") as text:
            rows = list(csv.DictReader(text))

        differing = [row for row in rows if township_name(row["name_as_published"]) != row["name"]]

        assert differing == []


class WhenANameIsOdd:
    def test_a_lost_character_is_flagged_and_not_guessed(self) -> None:
        read = read_name("上?村委会", DivisionKind.VILLAGE)

        assert read.name == "上?村"
        assert read.warnings == (UNREADABLE,)

    def test_a_subdistrict_in_the_block_of_zones_is_flagged(self) -> None:
        kind = kind_of_code("130271450", "新华路街道")

        assert kind is DivisionKind.SPECIAL_AREA
        assert read_name("新华路街道", kind).warnings == (KIND_DISAGREES,)

    @given(st.text(max_size=12))
    def test_reading_twice_is_reading_once(self, published: str) -> None:
        assert village_name(village_name(published)) == village_name(published)
