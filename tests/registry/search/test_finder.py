"""Finding doors by text and by place in a real registry, under names of any time."""

from datetime import date
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection, Engine

from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.restructuring import commands as restructuring
from registry.restructuring.paper import read_paper
from registry.search.finder import Finder, Found
from registry.search.name_reads import last_change_of_names
from tests.builder import MAXIANG, RegistryBuilder

OLD = date(2020, 12, 31)
NOW = date(2023, 1, 1)
ACT: dict[str, Any] = yaml.safe_load("""
title: 马巷撤镇设街并分设凤翔街道
effective_on: 2021-01-06
decree: {authority: 福建省人民政府, number: 闽政文〔2021〕3号}
operations:
  - retype: {division: "350213102", kind: subdistrict, name: 马巷街道, code: "350213002"}
  - establish: {name: 凤翔街道, kind: subdistrict, parent: "350213", code: "350213004"}
  - transfer:
      divisions: ["350213102201"]
      to: "350213004"
      codes: {"350213102201": "350213004201"}
""")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    made.doors("350213102201", 3, made.carrier("琼头中里", "350213102201"))
    made.doors("350213102202", 2)
    paper = read_paper(ACT)
    with made.work(
        paper.title,
        restructuring.intent_of(paper, author="clerk").verb,
        decree=paper.legal_basis(),
        effective_on=paper.effective_on,
    ) as work:
        restructuring.commit_paper(work, paper)
    return made


def ask(finder: Finder, connection: Connection, text: str, on: date) -> list[Found]:
    return finder.by_text(connection, text, ChangeStore(connection).as_of(on), limit=5)


class WhenAFormerTownIsNamed:
    def test_the_door_comes_with_its_present_subdistrict_and_the_decree(
        self, finder: Finder, connection: Connection
    ) -> None:
        best = ask(finder, connection, "翔安区马巷镇琼头村琼头中里2号", NOW)[0]

        assert best.match.grade == "A"
        assert best.address.text() == "福建省厦门市翔安区凤翔街道琼头村琼头中里2号"
        via = best.match.via[0]
        assert (via.text, via.now, via.ended_on) == ("马巷镇", "凤翔街道", date(2021, 1, 6))
        assert via.change is not None
        decree = best.acts[via.change].decree
        assert decree is not None
        assert decree.number == "闽政文〔2021〕3号"

    def test_on_a_day_before_the_act_the_old_town_is_simply_right(
        self, finder: Finder, connection: Connection
    ) -> None:
        best = ask(finder, connection, "翔安区马巷镇琼头村琼头中里2号", OLD)[0]

        assert best.match.grade == "A"
        assert best.address.text() == "福建省厦门市翔安区马巷镇琼头村琼头中里2号"
        assert best.match.via == ()

    def test_who_knew_nothing_of_the_act_reads_the_old_town(
        self, finder: Finder, connection: Connection
    ) -> None:
        known = ChangeStore(connection).head() - 1

        found = finder.by_text(connection, "马巷镇琼头中里2号", AsOf(NOW, known), limit=5)

        assert "马巷镇" in found[0].address.text()
        assert found[0].match.via == ()


class WhenAVillageBearsTheNumbers:
    def test_the_door_is_found_without_a_carrier(
        self, finder: Finder, connection: Connection
    ) -> None:
        found = ask(finder, connection, "翔安区马巷镇后亭村2号", NOW)

        assert found[0].address.text().endswith("马巷街道后亭村2号")


class WhenNothingSupportsAnAddress:
    def test_nothing_certain_is_returned(self, finder: Finder, connection: Connection) -> None:
        assert ask(finder, connection, "琼头中里", NOW) == []
        assert ask(finder, connection, "无此路88号", NOW) == []
        assert all(one.match.grade == "C" for one in ask(finder, connection, "琼头中里99号", NOW))


class WhenAPlaceIsAsked:
    def test_the_nearest_doors_come_with_metres(
        self, finder: Finder, connection: Connection
    ) -> None:
        at = ChangeStore(connection).as_of(NOW)

        found = finder.around.ask(118.005, 24.006, at, limit=3).doors

        assert len(found) == 3
        assert found[0].distance_m == pytest.approx(111, abs=2)


class WhenTheRegistryGoesOn:
    def test_a_gazetteer_follows_names_and_not_addresses(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        head = ChangeStore(connection).head()
        builder.doors("350213102202", 1)

        assert last_change_of_names(connection, head + 1) == head

    def test_a_new_carrier_is_found_at_once(
        self, builder: RegistryBuilder, finder: Finder, connection: Connection
    ) -> None:
        assert ask(finder, connection, "新村北里1号", NOW) == []
        connection.rollback()

        builder.doors("350213102202", 1, builder.carrier("新村北里", "350213102202"))

        assert ask(finder, connection, "新村北里1号", NOW)[0].match.grade == "A"
