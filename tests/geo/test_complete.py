"""Names completed from characters, pinyin, initials and mixtures of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.characters import syllables
from geo.geocode.complete import Completions, homes_of
from geo.geocode.gazetteer import Names
from geo.geocode.names import CarrierPeriod
from geo.geocode.reading_keys import encodings, keys_of, pattern_of
from tests.geo.ground import CARRIERS, DIVISIONS, MOVED, NOW, RETYPED, carrier, key

STORED = CarrierPeriod(
    key("曾厝垵"), "曾厝垵", "area", "standard", frozenset({key("bin")}), None, None, "Zēngcuò'ān"
)
NUMBERED = CarrierPeriod(
    key("湖滨一里"), "湖滨一里", "area", "standard", frozenset({key("bin")}), None, None, "Húbīn 1 Lǐ"
)  # fmt: skip
INDEX = Completions(Names.of(DIVISIONS, (*CARRIERS, STORED, NUMBERED, carrier("湖滨路", "bin"))))


def texts(typed: str, on: date = NOW, **more: bool) -> list[str]:
    return [one.text for one in INDEX.begun_by(typed, on, limit=20, **more)]


class WhenANameIsTyped:
    @pytest.mark.parametrize(
        "typed",
        ["湖", "湖滨", "湖滨南", "湖滨南路", "h", "hu", "hb", "hbn", "hbnl", "hbnlu", "hubin",
         "hubinnanlu", "HuBin", "hú bīn", "湖b", "湖滨n", "湖滨nan路", "hbin南", "ｈｂ"],
    )  # fmt: skip
    def test_characters_pinyin_initials_and_mixtures_find_it(self, typed: str) -> None:
        assert "湖滨南路" in texts(typed)

    @pytest.mark.parametrize("typed", ["滨", "hn", "hubunnan", "湖n", "路", "湖滨南路x"])
    def test_what_it_does_not_begin_with_finds_it_not(self, typed: str) -> None:
        assert "湖滨南路" not in texts(typed)

    def test_hblu_and_hbl_find_the_road_and_its_namesakes_with_a_direction(self) -> None:
        assert texts("hblu") == ["湖滨路", "湖滨南路"]
        assert texts("hbl")[0] == "湖滨路"
        assert texts("hbl", whole=True) == ["湖滨路"]

    def test_a_stored_romanisation_wins_over_the_dictionary(self) -> None:
        assert "".join(syllables("曾厝垵")) != "zengcuoan"
        assert texts("zengcuo") == ["曾厝垵"]
        assert texts("zca") == ["曾厝垵"]

    @pytest.mark.parametrize("typed", ["湖滨1里", "湖滨一里", "hubin1li", "hubinyili", "hb1"])
    def test_numerals_are_typed_as_digits_or_spoken(self, typed: str) -> None:
        assert "湖滨一里" in texts(typed)

    def test_signs_alone_find_nothing(self) -> None:
        assert texts("?!") == []
        assert texts("") == []


class WhenANameIsFormer:
    def test_the_names_of_the_day_come_first(self) -> None:
        before, after = date(2010, 1, 1), NOW

        assert texts("xindian", before)[0] == "新店镇"
        assert texts("xindian", after)[0] == "新店街道"
        assert "新店镇" in texts("xindian", after)

    def test_it_knows_that_it_is_one(self) -> None:
        found = {one.text: one for one in INDEX.begun_by("新店", NOW, limit=9)}

        assert not found["新店镇"].holds_on(NOW)
        assert found["新店街道"].holds_on(RETYPED)
        assert homes_of(found["新店镇"], NOW) == {key("xiangan")}

    def test_a_variant_is_no_standard_name(self) -> None:
        found = {one.text: one for one in INDEX.begun_by("马垄", NOW, limit=9)}

        assert not found["马垄路"].holds_on(NOW)
        assert homes_of(found["马垄路"], MOVED) == {key("bin")}

    def test_few_are_given_when_few_are_wanted(self) -> None:
        assert len(INDEX.begun_by("x", NOW, limit=2)) == 2


NAMES = st.sampled_from([one.name for one in (*DIVISIONS, *CARRIERS)])


class EveryName:
    @given(NAMES, st.data())
    def test_is_found_by_every_mixture_of_its_characters_and_readings(
        self, name: str, chance: st.DataObject
    ) -> None:
        typed = ""
        for character, reading in zip(name, syllables(name), strict=True):
            length = chance.draw(st.integers(1, len(reading)))
            typed += chance.draw(st.sampled_from([character, reading[:length]]))

        assert any(pattern_of(keys_of(typed)).match(one) for one in encodings(name, None))

    @given(st.text(max_size=80))
    def test_nothing_typed_breaks_it(self, typed: str) -> None:
        INDEX.begun_by(typed, NOW, limit=3)
        INDEX.begun_by(typed, NOW, limit=3, whole=True)
        assert encodings(typed, typed) is not None
