"""What is annulled was never so, whatever was done since; what cannot be undone is listed."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from registry.changes.annulment import annul, withdraw
from registry.changes.model import Intent, Verb
from registry.changes.rows import timelines
from registry.changes.timeline import Timeline, Version, at
from registry.changes.work import Work
from registry.database import make_engine
from registry.errors import RegistryError
from registry.log.audit import audit
from registry.log.sealing import seal
from registry.restructuring.correction import correct_act
from registry.tables import VERSION_TABLES
from registry.undoing_errors import LaterWorkStands
from tests.builder import RegistryBuilder
from tests.conftest import Databases
from tests.registry.changes.test_replay import contents, lines_of, replayed
from tests.registry.undoing.works import (
    ACTS,
    ON,
    Edit,
    Edits,
    State,
    city,
    do,
    enact,
    paper_of,
    state,
)

SEEN: Counter[str] = Counter()
DUAL: dict[str, Any] = {
    "title": "马巷撤镇设街,金柄村并入古宅村",
    "effective_on": ON.isoformat(),
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "dual_names": {"until": "2022-01-06"},
    "operations": [ACTS[0], ACTS[6]],
}


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
            max_examples=18, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.integers(0, 10**6), st.integers(1, 8))
        def annulled(seed: int, how_many: int) -> None:
            connection.rollback()  # whatever an example that failed left behind
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
            listed = withdraw(connection, number).obstacles
            clashing = _clashing(connection, number)
            reason = _annul(connection, number)
            after = state(connection)
            connection.rollback()

            assert {
                (one.table, one.object_id, one.column) for one in listed if one.why == "rewritten"
            } == clashing
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
        assert SEEN["annulled under edits"] > 0


class TheCorrectionOfAnAct:
    def test_reads_as_if_it_had_been_enacted_on_the_right_day(
        self, builder: RegistryBuilder, open_connection: Connection
    ) -> None:
        connection = open_connection

        @settings(
            max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.integers(0, 10**6), st.sampled_from((-90, -1, 1, 45)), st.integers(0, 3))
        def corrected(seed: int, shift: int, how_many: int) -> None:
            connection.rollback()  # whatever an example that failed left behind
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
        assert SEEN["corrected"] > 0


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


def _clashing(connection: Connection, number: int) -> set[tuple[str, UUID, str | None]]:
    """Facts and attributes of which the act and later work say different things of one day.

    Worked out the plain way: every attribute on every day on which anything begins or ends.
    """
    found: set[tuple[str, UUID, str | None]] = set()
    for table in VERSION_TABLES:
        every = table.c.version_id > 0
        sides = [timelines(connection, table, every, known) for known in (number - 1, number, None)]
        for key in set().union(*sides):
            lines = [side.get(key, ()) for side in sides]
            edges = {end for line in lines for v in line for end in (v.valid.start, v.valid.end)}
            days = sorted({date.min} | {day for day in edges if day is not None})
            found |= {(str(table.name), key, one) for one in _attributes(lines, days)}
    return found


def _attributes(lines: list[Timeline], days: list[date]) -> set[str | None]:
    found: set[str | None] = set()
    last: list[Version | None] = [None, None, None]
    for day in days:
        old, done, now = here = [at(line, day) for line in lines]
        said = [None if one is None else dict(one.values) for one in here]
        if done is None and now is None and old is not None and old is last[0] and last[1]:
            if last[2] is None or dict(last[1].values) != dict(last[2].values):
                found.add(None)
        elif said[2] not in (said[0], said[1]) and said[0] != said[1]:
            if None in said:
                found.add(None)
            else:
                found |= {
                    str(name)
                    for name in said[2] or {}
                    if len({repr((one or {})[name]) for one in said}) == 3
                }
        last = here
    return found


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


class TheFeedOfAnUndoneAct:
    def test_replays_into_an_equal_copy(
        self, builder: RegistryBuilder, databases: Databases, template: str
    ) -> None:
        with builder.engine.connect() as connection:
            restructuring_id, number = enact(connection, DUAL)
            connection.commit()
            work = Work(connection, Intent("甲", Verb.CORRECT, "更正"))
            correct_act(work, restructuring_id, {"effective_on": "2021-02-01"})
            seal(work)
            connection.commit()
            assert _annul(connection, number) is None
            connection.commit()
            faults = audit(connection)[2]
        name = f"copy_{uuid4().hex[:12]}"
        copy = make_engine(databases.make(name, template))
        try:
            replayed(lines_of(builder.engine, 1), copy)
            equal = contents(copy) == contents(builder.engine)
        finally:
            copy.dispose()
            databases.drop(name)

        assert equal
        assert faults == []
