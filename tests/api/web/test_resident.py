"""What residents are told: standing of a plate, whereabouts, spellings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.language import Language
from api.web.compass import WINDS, wind
from api.web.latin import english, proposed, romanised
from api.web.page import render_address_page
from api.web.resident_words import RESIDENT_WORDS
from api.web.residents import (
    ExpectedPlate,
    Finding,
    ReportPage,
    VerifyPage,
    render_report_form,
    render_ticket_search,
    render_verify,
)
from api.web.spoken import Crossing, Roadside, Whereabouts, spelled, spoken
from api.web.standing import SAYINGS, TONES, Standing, standing_of
from qr.verification import Finding as Found
from registry.addresses.text import AddressParts
from tests.api.web.pages import SCANNED, in_english
from tests.api.web.test_page import read

UNITS = [
    ("福建省", "province", "Fújiàn Shěng"),
    ("厦门市", "prefecture", "Xiàmén Shì"),
    ("翔安区", "district", None),
]
PLACE = (118.2461, 24.6522)


class WhatIsSaidOfAPlate:
    @pytest.mark.parametrize("finding", list(Found))
    @pytest.mark.parametrize("outdated", [True, False])
    @pytest.mark.parametrize("replaced", [True, False])
    def test_has_a_colour_a_sign_and_words_in_both_languages(
        self, finding: Found, outdated: bool, replaced: bool
    ) -> None:
        standing = standing_of(finding, outdated=outdated, replaced=replaced)

        tone, sign = TONES[standing]
        assert (tone == "good") == (finding is Found.GENUINE)
        assert sign
        assert SAYINGS["zh"][standing] != SAYINGS["en"][standing]

    @pytest.mark.parametrize("standing", list(Standing))
    def test_stands_before_everything_else(self, standing: Standing) -> None:
        assert SCANNED.plate is not None
        page = replace(SCANNED, plate=replace(SCANNED.plate, standing=standing))

        for language in ("zh", "en"):
            html = render_address_page(replace(page, language=language))  # type: ignore[arg-type]  # -- a literal
            read(html)
            title = SAYINGS[language][standing][0]  # type: ignore[index]  # -- a literal
            assert html.index(f">{title}<") < html.index("<h1")

    def test_of_an_old_plate_names_the_address_it_was_issued_for(self) -> None:
        html = render_address_page(SCANNED)

        assert "旧名仍有效" in html
        assert SCANNED.former[0].text in html.partition("<h1")[0]


class WhatIsReadOutInAnEmergency:
    def test_says_address_side_crossing_neighbours_unit_and_position(self) -> None:
        said = spoken(SCANNED.text, "凤翔街道琼头社区", SCANNED.whereabouts, PLACE, "zh")

        assert said == (
            "我在福建省厦门市翔安区凤翔街道琼头社区琼头中里9号之2。"
            "门在琼头路东侧（单号一侧），位于琼头路与民安大道路口东北方向约120米。"
            "旁边是琼头中里7号。属于凤翔街道琼头社区。北纬24.65220度，东经118.24610度。"
        )

    def test_can_be_said_by_somebody_who_reads_no_chinese(self) -> None:
        assert SCANNED.whereabouts is not None
        said = spoken("No. 9", "", spelled(SCANNED.whereabouts), PLACE, "en")

        assert said == (
            "I am at No. 9. The door is on the east side of Qióngtóu Lù (the side with odd numbers), "
            "about 120 metres north-east of the crossing of Qióngtóu Lù and Mín'ān Dàdào. "
            "Next to it are No. 7 Qióngtóu Zhōnglǐ. Latitude 24.65220 north, longitude 118.24610 east."
        )

    @given(
        st.sampled_from(["zh", "en"]),
        st.none() | st.builds(Roadside, st.just("环岛路"), st.none() | st.integers(0, 7), st.sampled_from([None, "odd", "even"]), st.floats(0, 300)),
        st.none() | st.builds(Crossing, st.just(("甲路", "乙路")), st.integers(0, 7), st.floats(0, 1500)),
    )  # fmt: skip
    def test_is_whole_sentences_whatever_is_known(
        self, language: Language, side: Roadside | None, crossing: Crossing | None
    ) -> None:
        said = spoken("某地", "", Whereabouts(side, crossing), PLACE, language)

        assert "{" not in said and "。，" not in said and "  " not in said
        assert said.endswith("。" if language == "zh" else ".")


class TheCompass:
    @pytest.mark.parametrize(
        ("end", "expected"),
        [((0, 1), "北"), ((1, 1), "东北"), ((1, 0), "东"), ((0, -1), "南"), ((-1, 0), "西"), ((-1, 1), "西北")],
    )  # fmt: skip
    def test_points_from_the_crossing_to_the_door(
        self, end: tuple[float, float], expected: str
    ) -> None:
        there = (PLACE[0] + end[0] * 0.001 / 0.909, PLACE[1] + end[1] * 0.001)

        assert WINDS["zh"][wind(PLACE, there)] == expected


class WhenAnAddressIsSpelled:
    def test_in_pinyin_keeps_chinese_order_and_in_english_runs_from_the_room(self) -> None:
        parts = AddressParts(9, "2", "3栋", "1单元", "5层", "501室")

        assert romanised(UNITS, "Qióngtóu Zhōnglǐ", parts) == (
            "Fújiàn Shěng Xiàmén Shì 翔安区 Qióngtóu Zhōnglǐ 9-2 Hào 3 Dòng 1 Dānyuán 5 Céng 501 Shì"
        )
        assert english(UNITS, "Qióngtóu Zhōnglǐ", parts) == (
            "Room 501, Floor 5, Unit 1, Building 3, No. 9-2 Qióngtóu Zhōnglǐ, 翔安区, "
            "Xiàmén City, Fújiàn Province, China"
        )

    def test_a_spelling_is_proposed_where_none_was_reviewed(self) -> None:
        assert proposed("凤翔街道") == "Fèngxiáng Jiēdào"
        assert proposed("区") == "Qū"


class ThePagesOfResidents:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_are_whole_and_load_nothing_of_others(self, language: Language) -> None:
        form = ReportPage("V4SSTAPXWRS9", SCANNED.text, SCANNED.plate_line, 3, language)
        expected = ExpectedPlate("琼头中里9号", "Qióngtóu Zhōnglǐ", "small", 1)
        findings = (
            Finding(Standing.WRONG_DOOR, "X", "V4SSTAPXWRS9", SCANNED.text, "GC3BVWVS4BT4", expected),
            Finding(Standing.UNKNOWN, "<b>"),
        )  # fmt: skip

        for html in (
            render_report_form(form),
            render_ticket_search(language),
            render_verify(VerifyPage(language)),
            render_verify(VerifyPage(language, "<b>", findings=findings)),
        ):
            reader = read(html)
            assert not [link for link in reader.links if link.startswith("http")]
            assert "<b>" not in html.partition("<main")[2].replace("<b data-told", "")

    def test_have_the_same_words_in_both_languages(self) -> None:
        assert RESIDENT_WORDS["zh"].keys() == RESIDENT_WORDS["en"].keys()
        assert SAYINGS["zh"].keys() == SAYINGS["en"].keys()

    def test_of_an_old_plate_is_whole_in_english(self) -> None:
        html = render_address_page(in_english(SCANNED))

        read(html)
        assert "old name still valid" in html
        assert "east side of Qióngtóu Lù" in html
