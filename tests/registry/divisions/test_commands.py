"""Change is not correction is not re-digitisation: three verbs, three traces."""

from datetime import date
from uuid import uuid4

import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import Engine

from registry.changes.model import Verb
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.divisions.commands import (
    correct_name,
    correct_romanisation,
    redigitise_territory,
)
from registry.divisions.store import DivisionStore
from registry.divisions.values import DivisionStatus
from registry.errors import DivisionIsUnknown, GeometryIsInvalid, NotInForce, VerbDoesNotFit
from registry.restructuring.commands import commit_paper
from registry.restructuring.paper import read_paper_text
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2021, 1, 6)
RENAME = 'title: 更名\neffective_on: 2021-01-06\noperations: [{rename: {division: "350213102", name: 马巷新镇}}]'


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201")
    return made


def name(builder: RegistryBuilder, on: date, known: int) -> str:
    with builder.engine.connect() as connection:
        store = DivisionStore(connection)
        return store.get(builder.ids["350213102"], AsOf(on, known)).name


class WhatTheVerbsLeaveBehind:
    def test_a_change_keeps_the_past_and_a_correction_rewrites_it(
        self, builder: RegistryBuilder
    ) -> None:
        with builder.work("更名", Verb.CHANGE) as work:
            commit_paper(work, read_paper_text(RENAME))
            changed = work.number
        with builder.work("更正", Verb.CORRECT) as work:
            correct_name(work, builder.ids["350213102"], "马港镇", during=Period(None, ON))
            corrected = work.number

        assert name(builder, date(2020, 1, 1), changed) == "马巷镇"
        assert name(builder, date(2020, 1, 1), corrected) == "马港镇"
        assert name(builder, ON, corrected) == "马巷新镇"

    def test_the_log_says_which_verb_it_was(self, builder: RegistryBuilder) -> None:
        finer = MultiPolygon([box(118.0, 24.0, 118.0099, 24.01)])
        with builder.work("重绘", Verb.REDIGITISE) as work:
            redigitise_territory(
                work, builder.ids["350213102001"], finer, on=ON, basis="surveyed", source="test"
            )

        with builder.engine.connect() as connection:
            store = ChangeStore(connection)
            assert store.get(store.head()).verb is Verb.REDIGITISE
            territory = DivisionStore(connection).territory(
                builder.ids["350213102001"], store.as_of(date(1999, 1, 1))
            )
        assert territory is not None
        assert territory.basis == "surveyed"
        assert territory.territory.equals(finer)

    def test_a_reviewed_reading_holds_for_all_time_of_the_name(
        self, builder: RegistryBuilder
    ) -> None:
        with builder.work("定音", Verb.CORRECT) as work:
            correct_romanisation(work, builder.ids["350213102"], "Mǎxiàng Zhèn")

        with builder.engine.connect() as connection:
            at = ChangeStore(connection).as_of(date(1990, 1, 1))
            one = DivisionStore(connection).get(builder.ids["350213102"], at)
        assert one.romanisation == "Mǎxiàng Zhèn"


class WhenTheVerbDoesNotFit:
    def test_a_correction_cannot_pass_as_a_change(self, builder: RegistryBuilder) -> None:
        with pytest.raises(VerbDoesNotFit), builder.work("假", Verb.CHANGE) as work:
            correct_name(work, builder.ids["350213102"], "马港镇", during=Period(None, ON))

    def test_an_unknown_division_an_unknown_day_and_a_crossed_ring_are_refused(
        self, builder: RegistryBuilder
    ) -> None:
        square = MultiPolygon([box(118.0, 24.0, 118.1, 24.1)])
        with pytest.raises(DivisionIsUnknown), builder.work("无", Verb.CORRECT) as work:
            correct_name(work, uuid4(), "无", during=Period(None, ON))
        with pytest.raises(NotInForce), builder.work("无", Verb.REDIGITISE) as work:
            redigitise_territory(
                work, builder.ids["350213102"], square, on=ON, basis="surveyed", source="t"
            )
        crossed = MultiPolygon([([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)], [])])
        with pytest.raises(GeometryIsInvalid), builder.work("无", Verb.REDIGITISE) as work:
            redigitise_territory(
                work, builder.ids["350213102001"], crossed, on=ON, basis="surveyed", source="t"
            )


class WhenAUnitHasEnded:
    def test_it_still_answers_with_its_last_version(self, builder: RegistryBuilder) -> None:
        paper = (
            "title: 并村\neffective_on: 2021-01-06\noperations:\n"
            '  - absorb: {divisions: ["350213102202"], into: "350213102001"}\n'
        )
        with builder.work("并村", Verb.CHANGE) as work:
            commit_paper(work, read_paper_text(paper))

        with builder.engine.connect() as connection:
            store, at = DivisionStore(connection), ChangeStore(connection).as_of(date(2022, 1, 1))
            one = store.get(builder.ids["350213102202"], at)
        assert (one.status, one.name) == (DivisionStatus.ENDED, "后亭村")
