"""After an act every plate stays good; the list says which to remade first, and why."""

from datetime import date

import pytest
import yaml
from sqlalchemy import Engine

from api.plate_reprints import reprints
from registry.addresses import commands as addresses
from registry.changes.model import Verb
from registry.changes.work import Work
from registry.log.sealing import seal
from registry.plates import commands
from registry.plates.model import PlateKind, Spot
from registry.plates.need import Need
from registry.plates.reprint import Reprint
from registry.plates.store import PlateStore
from registry.restructuring import commands as restructuring
from registry.restructuring.paper import read_paper
from tests.builder import MAXIANG, RegistryBuilder

ON, BEFORE, AFTER = date(2021, 1, 6), date(2020, 12, 31), date(2021, 6, 1)
ACT = yaml.safe_load("""
title: 马巷撤镇设街,后亭改居
effective_on: 2021-01-06
decree: {authority: 福建省人民政府, number: 闽政文〔2021〕3号}
operations:
  - retype: {division: "350213102", kind: subdistrict, name: 马巷街道, code: "350213002"}
  - retype: {division: "350213102202", kind: community, name: 后亭社区, code: "350213002102"}
""")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.doors("350213102201", 4, made.carrier("琼头中里", "350213102201"))
    made.doors("350213102202", 2)
    with made.work("issue", Verb.CHANGE) as work:
        commands.issue_plates(
            work, list(made.address_ids), kind=PlateKind.SMALL, on=date(2020, 6, 30)
        )
    return made


def listed(builder: RegistryBuilder, on: date) -> list[Reprint]:
    with builder.engine.connect() as connection:
        at = builder.as_of(connection, on)
        return reprints(connection, builder.ids["350213"], at)


class WhenATownBecomesASubdistrict:
    def test_every_plate_stays_good_and_those_with_an_old_name_come_first(
        self, builder: RegistryBuilder
    ) -> None:
        before = listed(builder, BEFORE)
        paper = read_paper(ACT)
        with builder.engine.connect() as connection:
            work = Work(connection, restructuring.intent_of(paper, author="clerk"))
            restructuring.commit_paper(work, paper)
            seal(work)
            connection.commit()

        after = listed(builder, AFTER)

        def told(found: list[Reprint]) -> list[tuple[str, str, Need]]:
            return [(one.plate.shown_text, one.text, one.need) for one in found]

        assert {one.need for one in before} == {Need.NONE}
        assert told(after)[:2] == [
            ("后亭村1号", "后亭社区1号", Need.OLD_NAME),
            ("后亭村2号", "后亭社区2号", Need.OLD_NAME),
        ]
        assert {one.need for one in after[2:]} == {Need.NONE}
        assert all(one.valid for one in after)


class WhenDoorsAreRenumbered:
    def test_what_misleads_comes_before_what_is_wrong_before_what_is_damaged(
        self, builder: RegistryBuilder
    ) -> None:
        first, second, third, *_rest = builder.address_ids
        with builder.work("renumber", Verb.CHANGE) as work:
            addresses.change_number(work, builder.address_ids[first], 9, on=ON)
            addresses.change_number(work, builder.address_ids[second], 1, on=ON)
        with builder.engine.connect() as connection:
            at = builder.as_of(connection, AFTER)
            held = PlateStore(connection).of_address(third, at)[0]
        with builder.work("damage", Verb.CHANGE) as work:
            commands.install_plate(
                work, held.plate_id, on=ON, spot=Spot(118.2, 24.6), photo_sha256=None
            )
            commands.report_damaged(work, held.plate_id, on=ON)

        found = listed(builder, AFTER)

        assert [(one.plate.shown_text, one.need) for one in found[:3]] == [
            ("琼头中里1号", Need.MISLEADING),
            ("琼头中里2号", Need.WRONG_NUMBER),
            ("琼头中里3号", Need.DAMAGED),
        ]
