"""The fifty written forms of the field's grammar, each read and led to its door in the demo city."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from api import clock
from data.nation import national_names
from geo.geocode.match import Outcome
from registry.changes.store import ChangeStore
from registry.hot import HotReads
from registry.search.finder import Answer, Finder
from registry.search.gazetteers import Gazetteers

P, C, D, T, V = "province", "city", "county", "township", "village"
R, N, S, B, U, F, H = "carrier", "number", "sub", "building", "unit", "floor", "room"
X, E = "near", "estate"

# number of the case, raw text, roles in the order of the text, standard text's end, best grade
FOUND = (
    (1, "福建省厦门市思明区湖滨南路388号", (P, C, D, R, N), "湖滨南路388号", "A"),
    (2, "厦门湖滨南路３８８號", (C, R, N), "湖滨南路388号", "A"),
    (3, "思明区湖滨南路第388号", (D, R, N), "湖滨南路388号", "A"),
    (4, "思明湖滨南路388#1205", (D, R, N, H), "湖滨南路388号1205室", "A"),
    (5, "思明区湖滨四里62号之3", (D, R, N, S), "湖滨四里62号之3", "A"),
    (6, "湖滨四里62之3号", (R, N, S), "湖滨四里62号之3", "A"),
    (6, "湖滨4里62-3号", (R, N, S), "湖滨四里62号之3", "A"),
    (6, "湖滨四里六十二号之三", (R, N, S), "湖滨四里62号之3", "A"),
    (8, "集美区同集南路41-16号", (D, R, N, S), "同集南路41号之16", "A"),
    (9, "洪文一里128号2梯501", (R, N, U, H), "洪文一里128号2梯501室", "A"),
    (10, "莲花香秀里58号3楼", (T, R, N, F), "香秀里58号3层", "B"),
    (11, "思明区前埔南区87号402", (D, R, N, H), "前埔南区87号402室", "A"),
    (13, "软件园二期观日路36号之2-301", (E, R, N, S, H), "观日路36号之2 301室", "B"),
    (14, "观日路28之6号楼1层407", (R, N, S, F, H), "观日路28号之6 407室", "B"),
    (15, "会展南二路9号A栋2003室", (R, N, B, H), "会展南二路9号A栋2003室", "A"),
    (16, "湖里区嘉禾路392号某港湾A座15F", (D, R, N, B, B, F), "嘉禾路392号A座15层", "B"),
    (17, "鹭江道102号建设大厦26层B单元", (R, N, B, F, H), "鹭江道102号建设大厦26层", "B"),
    (18, "湖滨北路12号新港广场1-2层AB单元", (R, N, B, F, H), "湖滨北路12号新港广场1层", "B"),
    (21, "侨英街道英瑶路361号附近", (T, R, N, X), "英瑶路361号", "B"),
    (24, "同安区新民镇后宅社区后宅里12号", (D, T, V, R, N), "新美街道后宅社区后宅里12号", "A"),
    (25, "同安区新民镇湖安社区湖安里12号", (D, T, V, R, N), "美林街道湖安社区湖安里12号", "A"),
    (26, "翔安区马巷镇琼头村琼头中里9号", (D, T, V, R, N), "凤翔街道琼头社区琼头中里9号", "A"),
    (27, "翔安区新店镇彭厝村彭厝北里12号", (D, T, V, R, N), "金海街道彭厝社区彭厝北里12号", "A"),
    (29, "厦门市开元区湖滨南路388号", (C, D, R, N), "湖滨南路388号", "A"),
    (30, "厦门市杏林区杏林街道杏东路7号", (C, D, T, R, N), "杏东路7号", "A"),
    (31, "同安县大同镇城西二里54号", (D, T, R, N), "大同街道城西社区城西二里54号", "B"),
    (32, "湖里区江头街道蔡塘社区古地石社8号", (D, T, V, R, N), "古地石社8号", "A"),
    (33, "湖里区殿前社6180号", (D, R, N), "殿前社6180号", "A"),
    (34, "五通村店里360号三楼", (R, N, F), "五通店里360号3层", "B"),
    (35, "后坑前社320号B栋108", (R, N, B, H), "后坑前社320号B栋108室", "A"),
    (36, "翔安区祥吴顶曾里99", (D, V, R, N), "顶曾里99号", "A"),
    (37, "思明区大学路215-A8号", (D, R, N, S), "大学路215号之A8", "A"),
    (38, "思明区斗西路142-之1号", (D, R, N, S), "斗西路142号之1", "A"),
    (39, "思明区曾厝垵社380号", (D, R, N), "曾厝垵社380号", "A"),
    (40, "新店镇火炬高新区(翔安)产业区翔明路26号", (T, E, R, N), "翔明路26号", "B"),
    (41, "同集中路1005号综合楼A之108室", (R, N, B, B, H), "同集中路1005号A座108室", "B"),
    (42, "福建省厦门市厦门市思明区思明区厦禾路1号", (P, C, D, R, N), "厦禾路1号", "A"),
    (43, "廈門市同安區城西二里56號", (C, D, R, N), "城西二里56号", "A"),
    (44, "No. 12 Zhongshan Rd, Siming District, Xiamen", (C, D, R, N), "中山路12号", "B"),
    (45, "siming hubin nanlu 388", (D, R, N), "湖滨南路388号", "B"),
    (45, "hbnl 388", (R, N), "湖滨南路388号", "B"),
    (46, "361004 厦门思明莲前西路2号-1(莲富大厦)11D", ("postcode", C, D, R, N, S, H), "莲前西路2号之1 11D室", "A"),
    (47, "请送到洪莲中路5号之1 王先生 138…", (R, N, S), "洪莲中路5号之1", "A"),
    (50, "同安路2号", (R, N), "同安路2号", "A"),
)  # fmt: skip
SEVERAL = (
    (7, "湖滨北路57-61号", ("57号", "59号", "61号")),
    (19, "莲岳路3号商务中心25楼2501-2506", ("2501室", "2502室")),
    (20, "兴隆路63、65号", ("63号", "65号")),
    (20, "高殿路2号4号6号", ("2号", "4号", "6号")),
    (48, "翔安区洪钟大道5090-5198号", ("5090号", "5092号", "5198号")),
)
ONE_ROAD = ("马垅路", "马垄路", "马龙路")
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(demo: Engine, demo_url: str) -> Iterator[Ask]:
    hot = HotReads(demo_url)
    hot.open()
    finder = Finder(hot.rows, Gazetteers(national_names()))
    with demo.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        yield lambda text: finder.ask(connection, text, at, limit=5)
    hot.close()


def roles(outcome: Outcome) -> tuple[str, ...]:
    return tuple(token.role for token in outcome.reading.parses[0][0].tokens)


class WhenAnAddressIsWrittenAsPeopleWrite:
    @pytest.mark.parametrize(("case", "raw", "parts", "text", "grade"), FOUND)
    def test_every_part_is_understood_and_the_door_is_found(
        self, ask: Ask, case: int, raw: str, parts: tuple[str, ...], text: str, grade: str
    ) -> None:
        found = ask(raw)

        assert roles(found.outcome) == parts
        best = found.found[0]
        assert best.address.text().endswith(text)
        assert best.match.grade == grade

    @pytest.mark.parametrize(("case", "raw", "ends"), SEVERAL)
    def test_each_of_several_doors_is_found(
        self, ask: Ask, case: int, raw: str, ends: tuple[str, ...]
    ) -> None:
        found = ask(raw).found

        assert [one.match.grade for one in found] == ["B"] * len(ends)
        texts = [one.address.text() for one in found]
        assert all(text.endswith(end) for text, end in zip(texts, ends, strict=True))

    def test_12_an_estate_that_is_not_registered_is_said_to_be_missing(self, ask: Ask) -> None:
        outcome = ask("瑞景公园45栋1203").outcome

        assert roles(outcome) == (E, B, H)
        assert outcome.matches == ()
        assert [one.role for one in outcome.missing] == [R, N]
        assert outcome.located is None

    def test_22_a_crossing_is_a_position_and_no_address(self, ask: Ask) -> None:
        outcome = ask("枋湖西路与金湖路交叉口南150米").outcome

        assert roles(outcome) == (R, "joint", "crossing", X)
        assert outcome.matches == ()
        assert outcome.missing == ()
        assert outcome.located is not None
        assert outcome.located.level == "crossing"
        assert "150 m 南" in outcome.located.method

    def test_23_a_road_without_a_number_is_placed_as_a_road(self, ask: Ask) -> None:
        outcome = ask("湖里区金湖路(某商场对面)").outcome

        assert roles(outcome) == (D, R)
        assert [one.role for one in outcome.missing] == [N]
        assert outcome.located is not None
        assert (outcome.located.level, outcome.located.name) == ("thoroughfare", "金湖路")
        assert outcome.located.accuracy_m > 100

    def test_28_the_heirs_of_a_split_town_are_listed_and_none_is_chosen(self, ask: Ask) -> None:
        outcome = ask("翔安区新店镇12号").outcome

        assert roles(outcome) == (D, T, N)
        assert all(match.grade == "C" for match in outcome.matches)
        heirs = next(one.options for one in outcome.missing if one.role == T)
        assert set(heirs) == {"新店街道", "凤翔街道", "香山街道", "金海街道"}
        assert outcome.located is None

    def test_49_three_spellings_are_one_road(self, ask: Ask) -> None:
        carriers = {
            carrier.carrier_id
            for name in ONE_ROAD
            for carrier in ask(name).outcome.reading.parses[0][0].tokens[0].carriers
        }
        assert len(carriers) == 1
