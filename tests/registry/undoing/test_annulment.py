"""What is annulled was never so, whatever was done since; what cannot be undone is listed."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.work import Work
from registry.errors import RegistryError
from registry.log.sealing import seal
from registry.restructuring.correction import correct_act
from registry.undoing_errors import LaterWorkStands
from tests.builder import RegistryBuilder
from tests.registry.undoing.works import ON, Edit, Edits, State, city, do, enact, paper_of, state

SEEN: Counter[str] = Counter()


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    city(made)
    return made


@pytest.fixture
def open_connection(builder: RegistryBuilder) -> Iterator[Connection]:
    with builder.engine.connect() as connection:
        yield connection


class TheAnnulmentOfAnAct:
    def test_leaves_everything_as_if_it_had_never_been(
        self, builder: RegistryBuilder, open_connection: Connection
    ) -> None:
        connection = open_connection

        @settings(
            max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.integers(0, 10**6), st.integers(0, 6))
        def annulled(seed: int, how_many: int) -> None:
            chance = random.Random(seed)
            paper = paper_of(chance)
            edits = Edits(builder, chance).some(how_many)
            try:
                _id, number = enact(connection, paper)
            except RegistryError:
                connection.rollback()
                SEEN["no plan"] += 1
                return
            done = [edit for edit in edits if do(connection, edit)]
            before = state(connection)
            reason = _annul(connection, number)
            after = state(connection)
            connection.rollback()

            if reason is not None:
                SEEN["refused"] += 1
                assert before == after
                assert reason.facts["obstacles"]
                return
            twin, alike = _without(connection, done)
            SEEN["annulled"] += 1
            SEEN["annulled under edits"] += bool(done)
            assert alike
            assert after == twin

        annulled()
        assert SEEN["annulled under edits"] > 5
        assert SEEN["refused"] > 3


class TheCorrectionOfAnAct:
    def test_reads_as_if_it_had_been_enacted_on_the_right_day(
        self, builder: RegistryBuilder, open_connection: Connection
    ) -> None:
        connection = open_connection

        @settings(
            max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.integers(0, 10**6), st.sampled_from((-90, -1, 1, 45)), st.integers(0, 3))
        def corrected(seed: int, shift: int, how_many: int) -> None:
            chance = random.Random(seed)
            paper = paper_of(chance)
            right = {**paper, "effective_on": (ON + timedelta(days=shift)).isoformat()}
            edits = Edits(builder, chance).some(how_many)
            try:
                restructuring_id, _number = enact(connection, paper)
            except RegistryError:
                connection.rollback()
                return
            done = [edit for edit in edits if do(connection, edit)]
            work = Work(connection, Intent("甲", Verb.CORRECT, "更正:随机调整"))
            try:
                correct_act(work, restructuring_id, {"effective_on": right["effective_on"]})
            except LaterWorkStands:
                connection.rollback()
                SEEN["correction refused"] += 1
                return
            seal(work)
            after = state(connection)
            connection.rollback()
            enact(connection, right)
            assert all(do(connection, edit) for edit in done)
            twin = state(connection)
            connection.rollback()
            SEEN["corrected"] += 1
            assert _plain(after) == _plain(twin)

        corrected()
        assert SEEN["corrected"] > 5


def _annul(connection: Connection, number: int) -> LaterWorkStands | None:
    inner = connection.begin_nested()
    work = Work(connection, Intent("甲", Verb.ANNUL, "撤销"))
    try:
        annul(work, number)
        seal(work)
    except LaterWorkStands as error:
        inner.rollback()
        return error
    inner.commit()
    return None


def _without(connection: Connection, edits: list[Edit]) -> tuple[State, bool]:
    """The same edits in a registry in which the act never was."""
    alike = all(do(connection, edit) for edit in edits)
    found = state(connection)
    connection.rollback()
    return found, alike


def _plain(found: State) -> dict[str, list[object]]:
    """Ids of units and edges an act makes follow from its day; everything else is compared."""
    return {
        table: sorted(
            repr(row[:2]) + repr(row[3:])
            for (name, _key), rows in found.items()
            if name == table
            for row in rows
        )
        for table in {name for name, _key in found}
    }
