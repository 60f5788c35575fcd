"""What is annulled was never so, whatever was done since; what cannot be undone is listed."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from registry.changes.annulment import annul, withdraw
from registry.changes.model import Intent, Verb
from registry.changes.period import Period
from registry.changes.rows import timelines
from registry.changes.store import ChangeStore
from registry.changes.timeline import Timeline, Version, at, correct
from registry.changes.work import Work
from registry.database import make_engine
from registry.divisions.commands import correct_name
from registry.divisions.transforms import transforms_of
from registry.errors import RegistryError
from registry.log.audit import audit
from registry.log.sealing import seal
from registry.names.tables import place_name_version
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
    Outcome,
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
    @pytest.mark.parametrize("examples", [18, pytest.param(400, marks=pytest.mark.drill)])
    def test_leaves_everything_as_if_it_had_never_been(
        self, builder: RegistryBuilder, open_connection: Connection, examples: int
    ) -> None:
        @settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        # Two names given by two works, one after the other; a better drawing of merged land.
        @example(65535, 3)
        @example(613, 4)
        @given(st.integers(0, 10**6), st.integers(1, 8))
        def annulled(seed: int, how_many: int) -> None:
            _annulled_or_refused(open_connection, builder, seed, how_many)

        annulled()
        assert SEEN["annulled under edits"] > 0


def _annulled_or_refused(
    connection: Connection, builder: RegistryBuilder, seed: int, how_many: int
) -> None:
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
    done = [edit for edit in edits if do(connection, edit) is Outcome.DONE]
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
    twin, allowed = _without(connection, done)
    SEEN["annulled"] += 1
    SEEN["annulled under edits"] += bool(done)
    assert allowed
    assert after == twin


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
            done = [edit for edit in edits if do(connection, edit) is Outcome.DONE]
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
            assert all(do(connection, edit) is not Outcome.FORBIDDEN for edit in done)
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
    head = ChangeStore(connection).head()
    for table in VERSION_TABLES:
        every = table.c.version_id > 0
        sides = [
            timelines(connection, table, every, known) for known in range(number - 1, head + 1)
        ]
        for key in set().union(*sides):
            lines = [side.get(key, ()) for side in sides]
            found |= {(str(table.name), key, one) for one in _attributes(lines)}
    return found


def _attributes(lines: list[Timeline]) -> set[str | None]:
    """Of one fact: what was believed before the act, after it, and after every later change."""
    found: set[str | None] = set()
    edges = {end for line in lines for v in line for end in (v.valid.start, v.valid.end)}
    last: list[Version | None] = [None] * len(lines)
    for day in sorted({date.min} | {day for day in edges if day is not None}):
        here = [at(line, day) for line in lines]
        disputed = _lived(here)[1]
        if not disputed and here[0] is last[0] and here[1] is not last[1]:
            # Only the act cut it here: did later work mean to stop on this very day?
            disputed = _left_open(here, _lived(last)[0], _lived(here)[0])
        found |= disputed
        last = here
    return found


Said = dict[str, Any] | None


def _lived(versions: list[Version | None]) -> tuple[Said, set[str | None]]:
    """What later work makes of a day the act left alone, and the attributes it disputes."""
    said: list[Any] = [None if one is None else dict(one.values) for one in versions]
    if None in said:
        twin, disputed = _followed(said)
        return twin, {None} if disputed else set()
    columns = {name: _followed([one[name] for one in said]) for name in said[0]}
    return (
        {name: value for name, (value, _disputed) in columns.items()},
        {name for name, (_value, disputed) in columns.items() if disputed},
    )


def _followed(said: list[Any]) -> tuple[Any, bool]:
    twin, was, *later = said
    disputed = False
    for now in later:
        if now not in (was, twin):
            disputed |= was != twin
            twin = now
        was = now
    return twin, bool(disputed and twin != said[0])


def _left_open(here: list[Version | None], before: Said, after: Said) -> set[str | None]:
    if here[0] is None or after is None:
        return set()
    old = dict(here[0].values)
    if before is None:
        return {None} if after == old else set()
    until: set[str | None] = {
        name for name in old if before[name] != old[name] and after[name] == old[name]
    }
    return {None} if until and here[1] is None else until


def _without(connection: Connection, edits: list[Edit]) -> tuple[State, bool]:
    """The same edits in a registry in which the act never was."""
    # What an edit says may be so there already: then it does nothing, and that is right.
    allowed = all(do(connection, edit) is not Outcome.FORBIDDEN for edit in edits)
    found = state(connection)
    connection.rollback()
    return found, allowed


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


class TheMeaningOfAnAnnulledCorrection:
    def test_is_told_of_divisions_and_of_names(self, builder: RegistryBuilder) -> None:
        village, during = builder.ids["350213102201"], Period(ON, None)
        place = builder.carrier("琼里", "350213102201")
        with builder.engine.connect() as connection:
            work = Work(connection, Intent("甲", Verb.CORRECT, "更正"))
            correct_name(work, village, "琼村", during=during)
            key = place_name_version.c.place_name_id
            name = connection.scalars(
                select(key).where(place_name_version.c.named_place_id == place)
            ).one()
            before = work.believed(place_name_version, [name])[name]
            after = correct(before, during, {"text": "琼头里"}, "correct")
            work.rewrite(place_name_version, name, before, after)
            seal(work)
            assert _annul(connection, work.number) is None
            told = transforms_of(connection, ChangeStore(connection).head(), Verb.ANNUL)

        assert [(one.kinds, one.on, one.from_[0].name, one.to[0].name) for one in told] == [
            (("annulled", "renamed"), ON, "琼村", "琼头村"),
            (("annulled", "renamed"), ON, "琼头里", "琼里"),
        ]


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
