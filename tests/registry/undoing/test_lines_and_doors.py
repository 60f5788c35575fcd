"""What an act wrote besides its units: doors it moved one by one, boundary lines along its edges."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine

from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.lines import commands
from registry.lines.following import derive_all
from registry.lines.model import MarkerKind
from registry.lines.store import LineStore
from registry.log.sealing import seal
from registry.restructuring.correction import correct_act
from registry.undoing_errors import LaterWorkStands
from tests.builder import MAXIANG, TODAY, RegistryBuilder
from tests.grid_city import COUNTY, SPLIT, grid_city, town, village
from tests.registry.restructuring.test_dividing import VILLAGE, doors, homes, split
from tests.registry.undoing.works import enact

ACT: dict[str, Any] = {
    "title": "调整",
    "effective_on": "2021-01-06",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
}
MOVED = ({"transfer": {"divisions": [village(0, 0)], "to": town(1)}},)
"""The edge between both towns goes around the village from then on."""
OTHER_DECREE = {"decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕5号"}}
OTHER_DAY = {"effective_on": "2021-03-06"}


def acted(made: RegistryBuilder, *operations: dict[str, Any]) -> tuple[UUID, int]:
    with made.engine.connect() as connection:
        done = enact(connection, {**ACT, "operations": list(operations)})
        connection.commit()
    return done


def corrected(made: RegistryBuilder, act: UUID, fields: dict[str, Any]) -> None:
    with made.engine.connect() as connection:
        work = Work(connection, Intent("甲", Verb.CORRECT, "更正"))
        correct_act(work, act, fields)
        seal(work)
        connection.commit()


def with_lines(made: RegistryBuilder) -> None:
    with made.work("lines") as work:
        derive_all(work, made.ids[COUNTY], 4, on=TODAY)


def drawn(connection: Connection, on: date) -> dict[UUID, Any]:
    at = AsOf(on, ChangeStore(connection).head())
    return {one.line_id: one.course for one in LineStore(connection).lines(at)}


class WhenAnActThatDividesAVillageIsCorrected:
    def test_leaves_each_door_on_its_side(self, engine: Engine) -> None:
        made = RegistryBuilder(engine)
        made.tree(MAXIANG)
        made.squares("350213102001", VILLAGE, "350213102202", "350213103201")
        codes = doors(made, (118.012, 24.005), (118.018, 24.005))
        act, _number = acted(made, split())

        corrected(made, act, OTHER_DECREE)
        assert homes(made, codes) == ["西社区", "琼头村"]

        corrected(made, act, OTHER_DAY)
        assert homes(made, codes, date(2021, 3, 5)) == ["琼头村", "琼头村"]
        assert homes(made, codes, date(2021, 3, 6)) == ["西社区", "琼头村"]


class TheLinesAroundAnAct:
    def test_follow_it_also_when_it_is_corrected(self, engine: Engine) -> None:
        made = grid_city(engine)
        with_lines(made)
        with engine.connect() as connection:
            before = drawn(connection, TODAY)
        act, _number = acted(made, *SPLIT)
        with engine.connect() as connection:
            after = drawn(connection, TODAY)
        assert after != before

        corrected(made, act, OTHER_DECREE)
        with engine.connect() as connection:
            assert drawn(connection, TODAY) == after

        corrected(made, act, OTHER_DAY)
        with engine.connect() as connection:
            assert drawn(connection, date(2021, 3, 5)) == before
            assert drawn(connection, date(2021, 3, 6)) == after

    def test_keep_it_from_being_annulled_when_they_were_drawn_along_its_edges(
        self, engine: Engine
    ) -> None:
        made = grid_city(engine)
        _act, number = acted(made, *SPLIT)
        with_lines(made)

        with pytest.raises(LaterWorkStands) as refused, made.work("annul", Verb.ANNUL) as work:
            annul(work, number)

        assert refused.value.facts["later"] == [number + 1]
        assert any("新街道" in str(one) for one in refused.value.facts["obstacles"])

    def test_let_it_be_annulled_when_they_run_elsewhere(self, engine: Engine) -> None:
        made = grid_city(engine)
        with_lines(made)
        with engine.connect() as connection:
            before = drawn(connection, TODAY)
        _act, number = acted(made, *SPLIT)
        with made.work("inspection", Verb.CHANGE) as work:
            commands.inspect(
                work,
                commands.line_id_of(made.ids[town(1)], made.ids[town(2)]),
                inspected_on=date(2022, 1, 1),
            )

        with made.work("annul", Verb.ANNUL) as work:
            annul(work, number)

        with engine.connect() as connection:
            assert drawn(connection, TODAY) == before

    @pytest.mark.parametrize(("where", "stays"), [("moved", False), ("kept", True)])
    def test_keep_it_from_being_annulled_when_markers_stand_where_it_put_them(
        self, engine: Engine, where: str, stays: bool
    ) -> None:
        made = grid_city(engine)
        with_lines(made)
        with engine.connect() as connection:
            before = drawn(connection, TODAY)
        _act, number = acted(made, *MOVED)
        with engine.connect() as connection:
            after = drawn(connection, TODAY)
        line = next(one for one, course in after.items() if course != before.get(one))
        course = after[line].intersection(before[line]) if where == "kept" else (
            after[line].difference(before[line].buffer(0.001))
        )  # fmt: skip
        with made.work("marker", Verb.CHANGE) as work:
            commands.set_marker(
                work, line, number="0001001Q", kind=MarkerKind.SINGLE,
                spot=course.interpolate(0.5, normalized=True), on=date(2022, 1, 1),
            )  # fmt: skip

        if stays:
            with made.work("annul", Verb.ANNUL) as work:
                annul(work, number)
            return
        with pytest.raises(LaterWorkStands) as refused, made.work("annul", Verb.ANNUL) as work:
            annul(work, number)
        assert refused.value.facts["later"] == [number + 1]
