"""Old numbers, renamed roads, merged villages and old codes lead to the present door."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import yaml
from sqlalchemy import Connection, Engine, select

from geo.geocode.gazetteer import Gazetteer
from registry.addresses.commands import change_address, change_number
from registry.changes.store import ChangeStore
from registry.changes.timeline import change_from
from registry.errors import TextIsTooLong
from registry.hot import HotReads
from registry.names.tables import place_name_version
from registry.restructuring import commands as restructuring
from registry.restructuring.paper import read_paper
from registry.search.finder import Answer, Finder, Found
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import NotAtHand
from tests.builder import MAXIANG, RegistryBuilder

BEFORE, CHANGED, NOW = date(2020, 1, 1), date(2021, 5, 1), date(2023, 1, 1)
MERGER: dict[str, Any] = yaml.safe_load("""
title: 后亭村并入琼头村
effective_on: 2021-05-01
decree: {authority: 翔安区人民政府, number: 厦翔政〔2021〕9号}
operations:
  - absorb: {divisions: ["350213102202"], into: "350213102201"}
""")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    return made


def ask(finder: Finder, connection: Connection, text: str, on: date = NOW) -> list[Found]:
    return list(answered(finder, connection, text, on).found)


def answered(finder: Finder, connection: Connection, text: str, on: date = NOW) -> Answer:
    return finder.ask(connection, text, ChangeStore(connection).as_of(on), limit=5)


def rename(builder: RegistryBuilder, place: UUID, name: str) -> None:
    with builder.work("rename") as work:
        key = work.connection.scalars(
            select(place_name_version.c.place_name_id).where(
                place_name_version.c.named_place_id == place
            )
        ).one()
        before = work.believed(place_name_version, [key])[key]
        after = change_from(before, CHANGED, {"text": name}, "rename")
        work.rewrite(place_name_version, key, before, after)


def meanings(gazetteer: Gazetteer, text: str) -> list[Any]:
    return sorted(
        (
            hit.start,
            hit.text,
            sorted(str(asdict(one)) for one in hit.divisions),
            sorted(str(asdict(one)) for one in hit.carriers),
        )
        for hit in gazetteer.hits(text)
    )


class WhenADoorWasRenumbered:
    @pytest.fixture(autouse=True)
    def renumbered(self, builder: RegistryBuilder) -> None:
        place = builder.carrier("琼头中里", "350213102201")
        code = builder.doors("350213102201", 1, place)[0]
        with builder.work("renumber") as work:
            change_number(work, builder.address_ids[code], 88, on=CHANGED)

    def test_the_old_number_leads_to_the_new_one_and_says_so(
        self, finder: Finder, connection: Connection
    ) -> None:
        best = ask(finder, connection, "翔安区琼头中里1号")[0]

        assert best.match.grade == "A"
        assert best.address.text().endswith("琼头中里88号")
        via = best.match.via[0]
        assert (via.text, via.now, via.ended_on) == ("1号", "88号", CHANGED)

    def test_on_a_day_before_it_is_simply_the_number(
        self, finder: Finder, connection: Connection
    ) -> None:
        best = ask(finder, connection, "翔安区琼头中里1号", BEFORE)[0]

        assert best.address.text().endswith("琼头中里1号")
        assert best.match.via == ()

    def test_a_door_that_bears_the_number_now_comes_before_the_one_that_bore_it(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        place = builder.carrier("琼头南里", "350213102201")
        first = builder.doors("350213102201", 1, place)[0]
        with builder.work("renumber") as work:
            change_number(work, builder.address_ids[first], 2, on=CHANGED)
            later = builder.door(work, "350213102201", 1, place, since=CHANGED)

        found = ask(finder, connection, "琼头南里1号")

        assert [one.address.code for one in found] == [later, first]
        assert [one.match.grade for one in found] == ["A", "C"]


class WhenARoadWasRenamed:
    def test_the_old_name_leads_to_the_door_under_the_new_one(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        place = builder.carrier("琼头中里", "350213102201")
        builder.doors("350213102201", 1, place)
        rename(builder, place, "凤翔中里")

        best = ask(finder, connection, "翔安区琼头中里1号")[0]

        assert best.match.grade == "A"
        assert best.address.text().endswith("凤翔中里1号")
        assert "former name" in {token.how for token in best.match.tokens}


class WhenAVillageWasMerged:
    def test_its_name_leads_to_the_doors_it_had(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        place = builder.carrier("后亭北里", "350213102202")
        builder.doors("350213102202", 2, place)
        paper = read_paper(MERGER)
        with builder.work(
            paper.title,
            restructuring.intent_of(paper, author="clerk").verb,
            decree=paper.legal_basis(),
            effective_on=paper.effective_on,
        ) as work:
            restructuring.commit_paper(work, paper)

        best = ask(finder, connection, "翔安区马巷镇后亭村后亭北里2号")[0]

        assert best.match.grade == "A"
        assert "琼头村" in best.address.text()
        via = best.match.via[0]
        assert (via.text, via.now, via.ended_on) == ("后亭村", "琼头村", CHANGED)
        assert via.change is not None
        decree = best.acts[via.change].decree
        assert decree is not None and decree.number == "厦翔政〔2021〕9号"


class WhenADoorMovedToAnotherVillage:
    def test_the_old_village_is_proved_by_where_the_door_stood(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        place = builder.carrier("界头里", "350213102201")
        code = builder.doors("350213102201", 1, place)[0]
        patch = {"division_id": builder.ids["350213103201"]}
        with builder.work("transfer") as work:
            change_address(work, builder.address_ids[code], patch, on=CHANGED, cause="transfer")

        best = ask(finder, connection, "马巷镇琼头村界头里1号")[0]

        assert best.match.grade == "A"
        assert "古宅村" in best.address.text()
        assert {via.text for via in best.match.via} == {"马巷镇", "琼头村"}


class WhenACodeIsWritten:
    def test_a_twelve_digit_code_stands_for_its_division(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        builder.doors("350213102201", 1, builder.carrier("琼头中里", "350213102201"))

        found = ask(finder, connection, "350213102201琼头中里1号")
        wrong = ask(finder, connection, "350213103201琼头中里1号")

        assert (found[0].match.grade, found[0].match.tokens[0].how) == ("A", "code")
        assert wrong[0].match.grade == "C"


class WhenThreeRoadsBearOneName:
    def test_the_answer_asks_for_the_division_that_decides(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        for village in ("350213102001", "350213102201", "350213103201"):
            builder.doors(village, 1, builder.carrier("解放路", village))

        open_answer = answered(finder, connection, "解放路1号")
        told = ask(finder, connection, "新圩镇解放路1号")

        assert {match.grade for match in open_answer.outcome.matches} == {"C"}
        missing = {one.role: set(one.options) for one in open_answer.outcome.missing}
        assert missing["township"] == {"马巷镇", "新圩镇"}
        assert open_answer.outcome.located is None
        assert told[0].match.grade == "A"


class WhenNamesChange:
    def test_a_patched_gazetteer_knows_what_one_read_anew_knows(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        place = builder.carrier("琼头中里", "350213102201")
        kept = Gazetteers()
        kept.known_at(connection, ChangeStore(connection).head())
        rename(builder, place, "凤翔中里")
        builder.carrier("新里", "350213102201")
        connection.rollback()
        head = ChangeStore(connection).head()

        patched = kept.known_at(connection, head)
        anew = Gazetteers().known_at(connection, head)

        assert sorted(patched.names()) == sorted(anew.names())
        text = "翔安区琼头村琼头中里凤翔中里新里"
        assert meanings(patched, text) == meanings(anew, text)


class WhenAnAnswerIsFinishedElsewhere:
    def test_it_is_the_same_as_one_asked_for_here(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection, database_url: str
    ) -> None:
        builder.doors("350213102201", 3, builder.carrier("琼头中里", "350213102201"))
        plain = answered(finder, connection, "琼头中里2号")
        begun = finder.begin("琼头中里2号")
        assert begun is not None
        hot = HotReads(database_url)
        hot.open()

        rows = [hot.rows(s, **v, on=NOW, known=None) for s, v in begun.questions]
        finished, at = finder.finish(begun, rows, NOW, limit=5)

        hot.close()
        assert at == ChangeStore(connection).as_of(NOW)
        assert finished == plain
        with pytest.raises(NotAtHand):
            finder.finish(begun, [], NOW, limit=5)

    def test_many_at_once_are_the_same_as_one_by_one(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        builder.doors("350213102201", 3, builder.carrier("琼头中里", "350213102201"))
        texts = ["琼头中里1号", "琼头中里9号", "无此路3号", "翔安区琼头中里3号5室", ""]

        at = ChangeStore(connection).as_of(NOW)
        many = finder.ask_many(connection, texts, at, limit=5)

        assert many == [finder.ask(connection, text, at, limit=5) for text in texts]


class WhenATextIsNoAddress:
    def test_one_that_is_too_long_is_refused(self, finder: Finder, connection: Connection) -> None:
        with pytest.raises(TextIsTooLong):
            ask(finder, connection, "长" * 1001)
