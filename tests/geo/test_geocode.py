"""From address text to a door, over a small piece of Xiamen."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geocode.gazetteer import Gazetteer, Names
from geo.geocode.match import Match, geocode
from geo.geocode.normalise import normalise
from geo.geocode.parse import parse
from tests.geo.ground import (
    CARRIERS,
    DIVISIONS,
    MOVED,
    NOW,
    RETYPED,
    DoorsInMemory,
    gazetteer,
    key,
)

GAZETTEER = gazetteer()
WORDS = st.lists(
    st.sampled_from([*GAZETTEER.names(), "12号", "388", "之3", "附近", "-", "#", "五", "室", " "]),
    max_size=12,
).map("".join)
TEXTS = st.one_of(st.text(max_size=200), WORDS.map(lambda t: t[:200]))


def find(text: str) -> list[Match]:
    return geocode(text, gazetteer=GAZETTEER, source=DoorsInMemory(), on=NOW)


class WhenATextIsNormalised:
    @pytest.mark.parametrize(
        ("raw", "plain"),
        [
            ("福建省厦门市思明区湖滨南路388号", "福建省厦门市思明区湖滨南路388号"),
            ("厦门湖滨南路388號", "厦门湖滨南路388号"),
            ("思明区湖滨南路第388号", "思明区湖滨南路388号"),
            ("湖滨四里62之3号", "湖滨四里62号之3"),
            ("湖滨4里62-3号", "湖滨四里62号之3"),
            ("湖滨四里六十二号之三", "湖滨四里62号之3"),
            ("湖滨北路57-61号", "湖滨北路57-61号"),
            ("集美区同集南路41-16号", "集美区同集南路41号之16"),
            ("思明区大学路215-A8号", "思明区大学路215号之A8"),
            ("思明区斗西路142-之1号", "思明区斗西路142号之1"),
            ("64号之一", "64号之1"),
            ("福建省厦门市厦门市思明区思明区厦禾路1号", "福建省厦门市思明区厦禾路1号"),
            ("廈門市同安區城西二里56號", "厦门市同安区城西二里56号"),
            ("请送到洪莲中路5号之1 王先生 13812345678", "洪莲中路5号之1"),
            ("请送到洪莲中路5号之1 王先生 138…", "洪莲中路5号之1"),
            ("361004 厦门思明莲前西路2号-1(莲富大厦)11D", "361004 厦门思明莲前西路2号之1 11D"),
            ("湖滨南路388#1205", "湖滨南路388号1205"),
            ("五通村店里360号三楼", "五通村店里360号3楼"),
        ],
    )
    def test_it_takes_its_plain_form(self, raw: str, plain: str) -> None:
        assert normalise(raw).text == plain

    def test_brackets_become_a_note(self) -> None:
        assert normalise("湖里区金湖路(某商场对面)").notes == ("某商场对面",)

    def test_no_step_keeps_a_person_or_a_telephone(self) -> None:
        found = normalise("請送到洪蓮中路5號之1 王先生 13812345678")
        assert "138" not in repr(found)
        assert "王" not in repr(found)

    @settings(max_examples=150, deadline=None)
    @given(TEXTS)
    def test_twice_is_as_good_as_once(self, text: str) -> None:
        once = normalise(text).text
        assert normalise(once).text == once


class WhenATextIsRead:
    @pytest.mark.parametrize(
        ("text", "roles"),
        [
            ("福建省厦门市思明区湖滨南路388号", "province city county carrier number"),
            ("湖滨四里62号之3", "carrier number sub"),
            ("洪文一里128号2梯501", "carrier number unit room"),
            ("361004 厦门湖滨南路388号", "postcode city carrier number"),
            ("湖滨南路388号附近", "carrier number near"),
            ("湖滨南路102号建设大厦26层", "carrier number building floor"),
            ("软件园二期湖滨南路36号之2-301", "estate carrier number sub room"),
            ("新店镇12号", "township number"),
            ("湖滨南路9号A栋2003室", "carrier number building room"),
        ],
    )
    def test_every_part_has_its_role(self, text: str, roles: str) -> None:
        assert [t.role for t in parse(normalise(text), GAZETTEER)[0].tokens] == roles.split()


class WhenADoorIsProved:
    @pytest.mark.parametrize(
        ("text", "code", "found"),
        [
            ("福建省厦门市思明区湖滨南路388号", "1", "door"),
            ("厦门湖滨南路３８８號", "1", "door"),
            ("思明湖滨南路388#1205", "2", "room"),
            ("湖滨4里62-3号", "3", "door"),
            ("同安路2号", "4", "door"),
            ("洪文一里128号2梯501", "5", "room"),
            ("思明区新兴路5号", "8", "door"),
            ("翔安区彭厝村12号", "9", "door"),
            ("马垄路3号", "11", "door"),
            ("未来路3号", "12", "door"),
        ],
    )
    def test_it_is_certain(self, text: str, code: str, found: str) -> None:
        best = find(text)[0]
        assert (best.door.code, best.grade, best.found) == (code, "A", found)

    def test_a_former_town_leads_to_the_heir(self) -> None:
        best = find("翔安区新店镇彭厝村彭厝北里12号")[0]
        assert (best.door.code, best.grade) == ("6", "A")
        via = {v.text: v for v in best.via}
        assert via["新店镇"].now == "金海街道"
        assert via["新店镇"].division_id == key("xindian")
        assert via["新店镇"].ended_on == RETYPED

    def test_a_former_county_leads_to_the_heir(self) -> None:
        best = find("厦门市开元区湖滨南路388号")[0]
        assert best.grade == "A"
        assert [(v.text, v.now, v.decree) for v in best.via] == [
            ("开元区", "思明区", "国函〔2003〕52号")
        ]

    def test_a_village_standing_under_its_old_town_name_after_the_move(self) -> None:
        via = find("新店街道彭厝北里12号")[0].via
        assert [(v.now, v.ended_on, v.decree) for v in via] == [("金海街道", MOVED, "move")]

    def test_a_later_name_is_said_to_be_later(self) -> None:
        assert "later name" in {t.how for t in find("未来路3号")[0].tokens}


class WhenADoorIsNotProved:
    @pytest.mark.parametrize(
        ("text", "grade"),
        [
            ("湖宾南路388号", "B"),
            ("湖滨男路388号", "B"),
            ("湖滨南路388号附近", "B"),
            ("湖滨南路388号9室", "B"),
            ("莲花湖滨南路388号", "B"),
            ("翔安区湖滨南路388号", "C"),
            ("翔安湖滨南路388号", "C"),
            ("湖滨南路390号", "C"),
            ("湖滨四里70号之9", "C"),
            ("新兴路5号", "C"),
            ("新店镇12号", "C"),
        ],
    )
    def test_it_is_not_certain(self, text: str, grade: str) -> None:
        assert {m.grade for m in find(text)} == {grade}

    @pytest.mark.parametrize("text", ["", "你好", "湖滨南路", "湖滨南路9号", "虚构路3号"])
    def test_nothing_is_claimed(self, text: str) -> None:
        assert find(text) == []

    def test_an_empty_gazetteer_finds_nothing(self) -> None:
        empty = Gazetteer(Names.of((), ()))
        assert geocode("湖滨南路1号", gazetteer=empty, source=DoorsInMemory(), on=NOW) == []


def ever_above(division_id: UUID) -> set[str]:
    """Names of everything a division ever stood under, read off the ground itself."""
    names: set[str] = set()
    frontier = {division_id}
    while frontier:
        own = [one for one in DIVISIONS if one.division_id in frontier]
        names |= {one.name for one in own}
        frontier = {one.parent_id for one in own if one.parent_id} - {
            one.division_id for one in own
        }
    return names


UPPER = sorted({one.name for one in DIVISIONS if one.level in (3, 4)})
ADDRESSED = st.builds(
    "".join,
    st.tuples(
        st.lists(st.sampled_from([*UPPER, *(name[:-1] for name in UPPER)]), max_size=3).map(
            "".join
        ),
        st.sampled_from([one.name for one in CARRIERS]),
        st.sampled_from(["388号", "12号", "62号之3", "5号", "2号"]),
    ),
)


class WhenAnyTextIsGeocoded:
    @settings(max_examples=200, deadline=None)
    @given(TEXTS)
    def test_nothing_goes_wrong(self, text: str) -> None:
        assert all(0 <= match.score <= 1 for match in find(text))

    @settings(max_examples=300, deadline=None)
    @given(ADDRESSED)
    def test_a_certain_match_never_contradicts_the_divisions_named(self, text: str) -> None:
        for match in find(text):
            if match.grade == "A":
                above = ever_above(match.door.division_id)
                carrier = next(t.text for t in match.tokens if t.role == "carrier")
                named = text.partition(carrier)[0]
                assert [name for name in UPPER if name in named and name not in above] == []
