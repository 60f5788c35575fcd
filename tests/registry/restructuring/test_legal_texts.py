"""A plan in the words of the law: decrees, code list, announcement."""

import pytest

from registry.restructuring.legal_terms import Approver, numeral
from registry.restructuring.legal_texts import CodeFate, legal_texts
from tests.ledgers import CONVERT, Land, corner, id_of


@pytest.fixture
def land() -> Land:
    return corner()


class TheLegalTexts:
    def test_a_conversion_reads_as_abolish_and_establish_by_two_authorities(
        self, land: Land
    ) -> None:
        texts = legal_texts(land.plan(CONVERT))

        said = "".join(one.text for one in texts.clauses)
        assert "撤销马巷镇" in said and "设立马巷街道" in said
        assert "以原马巷镇的行政区域为马巷街道的管辖范围" in said
        assert [(one.approver, one.authority) for one in texts.drafts] == [
            (Approver.PROVINCE, "福建省人民政府"),
            (Approver.CITY, "厦门市人民政府"),
        ]

    def test_the_code_list_retires_one_code_and_sets_up_another(self, land: Land) -> None:
        texts = legal_texts(land.plan(CONVERT))

        own = [one for one in texts.codes if one.division_id == id_of("350213102")]
        assert [(one.fate, one.code, one.name) for one in own] == [
            (CodeFate.ABOLISHED, "350213102", "马巷镇"),
            (CodeFate.ESTABLISHED, "350213002", "马巷街道"),
        ]
        assert [one.provisional for one in own] == [False, True]

    def test_a_new_name_keeps_the_code(self, land: Land) -> None:
        texts = legal_texts(land.plan({"rename": {"division": "350213103", "name": "新墟镇"}}))

        assert [(one.fate, one.code) for one in texts.codes] == [(CodeFate.KEPT, "350213103")]
        assert texts.clauses[0].text == "将新圩镇更名为新墟镇。"

    def test_what_is_not_known_is_left_open(self, land: Land) -> None:
        texts = legal_texts(land.plan(CONVERT))

        assert "〔待填：文号〕" in texts.text() and "（暂定，未公布）" in texts.text()
        announced = {one.name: one.missing for one in texts.announcement}
        assert set(announced) == {"马巷镇", "马巷街道"}
        assert "批准时间" in announced["马巷街道"]

    def test_what_is_known_is_written(self, land: Land) -> None:
        decree = {
            "authority": "福建省人民政府",
            "number": "闽政文〔2024〕3号",
            "approved_on": "2024-12-01",
        }
        text = legal_texts(land.plan(CONVERT, decree=decree)).text()

        assert "闽政文〔2024〕3号" in text and "2024年12月1日" in text

    def test_moves_mergers_seats_and_parts_have_their_sentences(self, land: Land) -> None:
        line = {"type": "LineString", "coordinates": [[118.015, 23.9], [118.015, 24.1]]}
        texts = legal_texts(
            land.plan(
                {"transfer": {"divisions": ["350213102202"], "to": "350213103"}},
                {"absorb": {"divisions": ["350213102001"], "into": "350213102201"}},
                {
                    "transfer": {
                        "part_of": "350213102201",
                        "to": "350213103201",
                        "line": line,
                        "side": "left",
                    }
                },
                {"set_seat": {"division": "350213001201", "seat": [118.045, 24.005]}},
            )
        )
        said = "".join(one.text for one in texts.clauses)
        assert "将马巷镇的后亭村划归新圩镇管辖" in said
        assert "撤销五星社区，将其管辖范围划归琼头村管辖" in said
        assert "将琼头村的部分管辖范围" in said
        assert "将田墘村驻地迁至" in said

    def test_a_correction_has_no_decree(self, land: Land) -> None:
        texts = legal_texts(land.plan({"correct": {"division": "350213103", "name": "新墟镇"}}))

        assert texts.drafts == () and texts.clauses == ()

    @pytest.mark.parametrize(
        ("number", "said"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")]
    )
    def test_clauses_are_numbered_as_decrees_are(self, number: int, said: str) -> None:
        assert numeral(number) == said
