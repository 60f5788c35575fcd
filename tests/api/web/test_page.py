"""The pages for people: complete, small, and safe whatever the registry holds."""

from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.web.navigation import app_links
from api.web.page import (
    AddressPage,
    DivisionLine,
    FormerText,
    render_address_page,
    render_error_page,
    render_home,
    split_plate_line,
)
from api.web.plans import render_restructuring
from api.web.words import WORDS
from geo.bd09 import to_bd09
from geo.gcj02 import to_gcj02
from tests.api.web.pages import ACT, ASKED, DOOR, HOME, POOR, RETIRED, RICH, in_english

LARGEST_BYTES = 60_000
VOID = {"meta", "link", "img", "input", "br"}
NASTY = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["<script>alert(1)</script>", '"><img src=x onerror=y>', "</title>", "{{7*7}}"]
    ),
)


class Reader(HTMLParser):
    """Reads a page strictly: every element closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.scripts: list[str] = []
        self.written: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script" and data.strip():
            self.written.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts += [value or "" for name, value in attrs if name == "src"]
        self.seen.append(tag)
        self.attributes += [name for name, _value in attrs]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(page: str) -> Reader:
    assert len(page.encode()) < LARGEST_BYTES
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert all(source.startswith("/assets/") for source in reader.scripts)
    assert reader.written == []
    assert not [name for name in reader.attributes if name.startswith("on")]
    assert reader.headings.count("h1") == 1
    return reader


class WhenAPlateIsScanned:
    def test_the_page_tells_everything_the_registry_knows(self) -> None:
        page = render_address_page(RICH)
        reader = read(page)

        for told in (RICH.text, "闽政文〔2021〕3号", "福建省人民政府", "马巷镇琼头村", "2021年1月6日",
                     "文号未查明", "演示生成", "示意", "Fèngxiáng Jiēdào", "V4SS-TAPX-WRS9"):  # fmt: skip
            assert told in page
        assert 'lang="zh-Hans"' in page
        assert 'role="img"' in page
        assert any(link.startswith("geo:24.652200,118.246100;u=15") for link in reader.links)
        assert f"/qr/{RICH.code}.svg" in reader.links
        assert WORDS["zh"]["as_of_note"] not in page

    def test_the_english_page_speaks_english(self) -> None:
        page = render_address_page(in_english(RICH))

        read(page)
        assert '<html lang="en">' in page
        assert "6 January 2021" in page
        assert "illustrative" in page

    def test_a_page_of_another_day_says_so(self) -> None:
        page = render_address_page(replace(RICH, is_today=False))

        assert "按该日查看" in page
        assert "lang=en&amp;at=2026-11-23" in page

    def test_a_retired_address_names_its_successors(self) -> None:
        page = render_address_page(RETIRED)

        assert "本地址已注销" in page
        assert "/a/GC3BVWVS4BT4?lang=zh" in page

    def test_an_address_with_nothing_known_still_has_a_page(self) -> None:
        page = render_address_page(POOR)

        read(page)
        assert "It has no successor." in page
        assert "No position has been registered yet." in page
        assert "not been called otherwise" in page

    def test_map_apps_are_opened_in_their_own_order_of_coordinates(self) -> None:
        place = (DOOR.x, DOOR.y)
        found = app_links(place, name=RICH.plate_line, accuracy_m=15, language="zh")
        links = {one.label: one.url for one in found}
        gcj02, bd09 = (transform(np.array([place]))[0] for transform in (to_gcj02, to_bd09))

        assert f"position={gcj02[0]:.6f},{gcj02[1]:.6f}&" in links["高德地图"]
        assert "coordinate=gaode" in links["高德地图"]
        assert f"location={bd09[1]:.6f},{bd09[0]:.6f}&" in links["百度地图"]
        assert "coord_type=bd09ll" in links["百度地图"]
        assert f"marker=coord:{gcj02[1]:.6f},{gcj02[0]:.6f};" in links["腾讯地图"]
        assert quote(RICH.plate_line) in links["苹果地图"]
        assert "ll=24.652200,118.246100" in links["苹果地图"]
        assert [one.grid for one in found] == [
            *("WGS 84", "GCJ-02", "BD-09", "GCJ-02", "WGS 84", "WGS 84")
        ]

    @given(NASTY, NASTY, NASTY)
    @settings(max_examples=60, deadline=None)
    def test_no_text_of_the_registry_becomes_markup(self, one: str, two: str, three: str) -> None:
        plain = read(render_address_page(_said(" ", " ", " ")))

        reader = read(render_address_page(_said(one, two, three)))

        allowed = {"small", "span", "p", "br"}
        assert set(reader.seen) - set(plain.seen) <= allowed
        assert reader.seen.count("img") == plain.seen.count("img")
        assert reader.seen.count("a") == plain.seen.count("a")


class WhatAPlateReads:
    @pytest.mark.parametrize(
        ("line", "carrier", "number"),
        [
            ("琼头中里9号", "琼头中里", "9号"),
            ("湖滨四里62号之3", "湖滨四里", "62号之3"),
            ("同集南路41-16号", "同集南路", "41-16号"),
            ("大帽山社区", "大帽山社区", ""),
            ("9号", "9号", ""),
        ],
    )
    def test_the_number_stands_by_itself(self, line: str, carrier: str, number: str) -> None:
        assert split_plate_line(line) == (carrier, number)


class WhenSomebodyLooksAround:
    @pytest.mark.parametrize("page", [HOME, ASKED, in_english(ASKED), replace(ASKED, results=())])
    def test_the_front_page_searches_and_lists_the_acts(self, page: object) -> None:
        html = render_home(page)  # type: ignore[arg-type]  # -- hypothesis builds the values

        read(html)
        assert "马巷镇、新店镇改设街道" in html
        assert "50,000" in html
        assert 'href="/docs"' in html
        assert "翔安区" in html

    def test_a_registry_without_anything_has_a_front_page(self) -> None:
        read(render_home(replace(HOME, picture=None, acts=(), divisions=0, addresses=0)))

    def test_a_result_says_why(self) -> None:
        assert "凤翔街道琼头社区（2021年" in render_home(ASKED)

    @pytest.mark.parametrize("page", [ACT, in_english(ACT)])
    def test_an_act_lists_units_codes_moves_and_addresses(self, page: object) -> None:
        html = render_restructuring(page)  # type: ignore[arg-type]  # -- hypothesis builds the values

        read(html)
        for told in ("凤翔街道", "350213004006", "第39社区", "18,234", RICH.text):
            assert told in html

    @given(NASTY)
    @settings(max_examples=30, deadline=None)
    def test_no_search_becomes_markup(self, text: str) -> None:
        reader = read(render_home(replace(ASKED, query=text or "x", city=text)))

        assert reader.seen.count("img") == 0


class WhenACodeIsMistyped:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_the_code_probably_meant_is_one_tap_away(self, language: str) -> None:
        page = render_error_page("?", "<b>", 404, language, RICH.code)  # type: ignore[arg-type]  # -- hypothesis builds the values

        assert f"/a/{RICH.code}?lang={language}" in read(page).links
        assert "&lt;b&gt;" in page

    def test_without_a_guess_there_is_the_search(self) -> None:
        assert "/?lang=en" in read(render_error_page("Unknown", "…", 404, "en")).links


class TheWords:
    def test_are_the_same_in_both_languages(self) -> None:
        assert WORDS["zh"].keys() == WORDS["en"].keys()


def _said(one: str, two: str, three: str) -> AddressPage:
    return replace(
        RICH,
        text=one,
        plate_line=two,
        romanisation=three,
        former=(FormerText(one, None, None, two, three, one),),
        divisions=(DivisionLine(one, two, three, None, one),),
        method=two,
        picture=None
        if RICH.picture is None
        else replace(RICH.picture, thoroughfares=((one, RICH.picture.thoroughfares[0][1]),)),
        public_url=three,
    )
