"""A layer holds, row by row, what the commit of its acts then writes."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Table, select, text
from sqlalchemy.exc import OperationalError

from registry.changes.model import Intent, Verb
from registry.changes.rows import known_at
from registry.changes.store import ChangeStore
from registry.changes.tables import change, decree, registry_head
from registry.changes.work import Work
from registry.errors import PlanBreaksRules, RegistryError, StateForbids
from registry.migrations import migrate
from registry.rehearsal.commands import carry_out, make_rehearsal, publish, unpublish
from registry.rehearsal.layer import Layer
from registry.rehearsal.model import Rehearsal, digest_of_acts, is_due
from registry.rehearsal.store import RehearsalStore
from registry.restructuring import commands
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.paper import Paper, read_paper
from registry.tables import LOGGED_TABLES, VERSION_TABLES
from tests.builder import MAXIANG, RegistryBuilder
from tests.random_works import RandomWorks

ON = date(2027, 3, 1)
LATER_ON = date(2027, 9, 1)
VILLAGES = ["350213102001", "350213102201", "350213102202", "350213103201"]
NOT_KEPT = {"version_id"}
"""Numbers of rows; what they refer to is the same."""
NOT_OF_ANY_PLAN = {"recorded_at"}


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares(*VILLAGES)
    for village in VILLAGES:
        made.doors(village, 2, made.carrier(f"{village[-3:]}里", village))
    made.doors("350213102202", 2)
    return made


def paper(title: str, on: date, *operations: dict[str, Any]) -> Paper:
    return read_paper(
        {
            "title": title,
            "effective_on": on.isoformat(),
            "decree": {"authority": "福建省人民政府", "number": f"{title}号"},
            "operations": list(operations),
        }
    )


CONVERSION = {
    "retype": {
        "division": "350213102",
        "kind": "subdistrict",
        "name": "马巷街道",
        "code": "350213002",
    }
}


def merger(first: str, second: str, into: str) -> dict[str, Any]:
    return {
        "merge": {
            "divisions": [first, second],
            "into": {
                "name": "合一社区",
                "kind": "community",
                "code": f"{into}777",
                "parent": into,
            },
        }
    }


@st.composite
def first_acts(draw: st.DrawFn) -> Paper:
    """Any sensible mixture of a conversion, a move, a merger and a new name."""
    operations: list[dict[str, Any]] = []
    if draw(st.booleans()):
        operations.append(CONVERSION)
    left = draw(st.permutations(VILLAGES))
    if draw(st.booleans()):
        operations.append(
            merger(left[0], left[1], draw(st.sampled_from(["350213102", "350213103"])))
        )
    if draw(st.booleans()):
        to = "350213103" if left[2].startswith("350213102") else "350213102"
        operations.append({"transfer": {"divisions": [left[2]], "to": to}})
    if draw(st.booleans()) or not operations:
        operations.append({"rename": {"division": left[3], "name": "新名社区"}})
    return paper("第一次", ON, *operations)


@st.composite
def second_acts(draw: st.DrawFn) -> Paper:
    """An act months later on what the first one leaves."""
    town = {"rename": {"division": "350213103", "name": draw(st.sampled_from(["新镇", "大新镇"]))}}
    return paper("第二次", LATER_ON, town)


def rows_of(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
    columns = [column for column in table.columns if column.name not in NOT_KEPT | NOT_OF_ANY_PLAN]
    return sorted(tuple(map(str, row)) for row in connection.execute(select(*columns)))


def contents(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a reader can see."""
    tables = (*LOGGED_TABLES, change, decree)
    return {table.name: rows_of(connection, table) for table in tables}


def intent(one: Paper) -> Intent:
    return intent_of(one, author="甲")


def committed(engine: Engine, *acts: Paper) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in the registry after acts; nothing of it is kept."""
    with engine.connect() as connection:
        for one in acts:
            commit_paper(Work(connection, intent(one)), one)
        found = contents(connection)
        connection.rollback()
    return found


def rehearsed(engine: Engine, *acts: Paper) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in a layer after acts; nothing of it is kept."""
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with snapshot.connect() as connection:
        layer = Layer("rehearsal_of_a_test", ChangeStore(connection).head())
        carry_out(connection, layer, [(one, intent(one)) for one in acts])
        layer.enter(connection)
        found = contents(connection)
        connection.rollback()
    return found


def make(engine: Engine, one: Paper) -> Rehearsal:
    """A rehearsal that is kept."""
    raw = {
        "title": one.title,
        "effective_on": one.effective_on.isoformat(),
        "operations": [CONVERSION],
    }
    with engine.connect() as connection:
        filed = commands.create(connection, raw, author="甲")
        connection.commit()
    with engine.execution_options(isolation_level="REPEATABLE READ").connect() as connection:
        made = make_rehearsal(connection, filed)
        connection.commit()
    return made


def seen(engine: Engine, made: Rehearsal) -> dict[str, list[tuple[Any, ...]]]:
    """What a reader of a rehearsal sees, of every table of versions."""
    with engine.connect() as connection:
        Layer(made.schema_name, made.drawn_at).enter(connection)
        return {
            table.name: sorted(
                tuple(map(str, row))
                for row in connection.execute(
                    select(table.c[table.info["key"]], table.c.valid, table.c.recorded_from).where(
                        known_at(table, made.number)
                    )
                )
            )
            for table in VERSION_TABLES
        }


class WhatALayerShows:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(first=first_acts(), second=st.none() | second_acts())
    def test_is_every_row_that_committing_its_acts_would_leave(
        self, builder: RegistryBuilder, first: Paper, second: Paper | None
    ) -> None:
        acts = [first] if second is None else [first, second]
        try:
            proposed = rehearsed(builder.engine, *acts)
        except RegistryError as refused:
            with pytest.raises(type(refused)):
                committed(builder.engine, *acts)
            return

        assert committed(builder.engine, *acts) == proposed

    def test_stays_as_it_is_while_the_registry_goes_on(self, builder: RegistryBuilder) -> None:
        made = make(builder.engine, paper("撤镇设街", ON, CONVERSION))
        before = seen(builder.engine, made)

        last = RandomWorks(builder.engine, seed=7).do_many(12)

        assert last > made.number
        assert seen(builder.engine, made) == before


class WhenOneIsMade:
    def test_waits_for_no_writer_and_is_waited_for_by_none(self, builder: RegistryBuilder) -> None:
        with builder.engine.connect() as writer:
            Work(writer, Intent(author="乙", verb=Verb.CHANGE, title="很久")).start()
            made = make(builder.engine, paper("撤镇设街", ON, CONVERSION))
            with builder.engine.connect() as reader:
                assert Layer(made.schema_name, made.drawn_at).enter(reader) == made.number
            writer.rollback()

    def test_leaves_no_trace_in_the_log(self, builder: RegistryBuilder) -> None:
        def recorded() -> tuple[Any, ...]:
            with builder.engine.connect() as connection:
                heads = connection.execute(select(registry_head)).one()
                return (*heads, contents(connection))

        before = recorded()
        made = make(builder.engine, paper("撤镇设街", ON, CONVERSION))

        assert recorded() == before
        assert (made.drawn_at, made.number) == (before[1], before[1] + 1)

    def test_of_a_plan_that_breaks_rules_makes_no_schema(self, builder: RegistryBuilder) -> None:
        raw = {
            "title": "无继承",
            "effective_on": "2027-03-01",
            "operations": [{"abolish": {"division": "350213103", "no_successor": "撤销"}}],
        }
        with builder.engine.connect() as connection:
            filed = commands.create(connection, raw, author="甲")
            with pytest.raises(PlanBreaksRules):
                make_rehearsal(connection, filed)
            assert schemas(connection) == []


class WhenOneIsDropped:
    def test_takes_it_away_with_all_it_held(self, builder: RegistryBuilder) -> None:
        made = make(builder.engine, paper("撤镇设街", ON, CONVERSION))
        with builder.engine.connect() as connection:
            store = RehearsalStore(connection)
            assert store.idle(idle_s=3600, superseded_s=3600) == []
            assert store.idle(idle_s=0, superseded_s=0) == [made.schema_name]
            store.drop(made.schema_name)
            connection.commit()
            assert schemas(connection) == []
            assert Layer(made.schema_name, made.drawn_at).enter(connection) is None

    def test_is_refused_while_somebody_reads_it(self, builder: RegistryBuilder) -> None:
        made = make(builder.engine, paper("撤镇设街", ON, CONVERSION))
        with builder.engine.connect() as reader, builder.engine.connect() as sweeper:
            Layer(made.schema_name, made.drawn_at).enter(reader)
            with pytest.raises(OperationalError):
                RehearsalStore(sweeper).drop(made.schema_name)
            sweeper.rollback()
            assert schemas(sweeper) == [made.schema_name]

    def test_comes_before_every_migration(
        self, database_url: str, builder: RegistryBuilder
    ) -> None:
        make(builder.engine, paper("撤镇设街", ON, CONVERSION))

        migrate(database_url)

        with builder.engine.connect() as connection:
            assert schemas(connection) == []


def schemas(connection: Connection) -> list[str]:
    found = connection.scalars(
        text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rehearsal%' ORDER BY 1")
    )
    return list(found)


class WhenItIsDue:
    @pytest.mark.parametrize(
        ("head", "age_s", "anew", "due"),
        [
            (7, 9999.0, True, False),  # the registry has not moved
            (8, 30.0, False, False),  # pages of a list fit together
            (8, 61.0, False, True),
            (8, 30.0, True, True),  # somebody asks for it
            (8, 19.0, True, False),  # but not more than a tenth of the time is spent on it
        ],
    )
    def test_depends_on_the_registry_and_on_what_it_costs(
        self,
        head: int,
        age_s: float,
        anew: bool,
        due: bool,
    ) -> None:
        found = Rehearsal("s", UUID(int=1), "", "", 7, 8, ON, age_s, cost_s=2.0)

        assert is_due(found, head, keep_s=60.0, asked_anew=anew) is due


class WhenAPlanIsPublished:
    def test_says_what_it_was_then_and_can_be_taken_back(self, builder: RegistryBuilder) -> None:
        raw = {"title": "撤镇", "effective_on": "2027-03-01", "operations": [CONVERSION]}
        with builder.engine.connect() as connection:
            filed = commands.create(connection, raw, author="甲")
            published = publish(connection, filed.restructuring_id, who="甲")
            store = RehearsalStore(connection)
            assert store.publication(filed.restructuring_id) == published
            assert (
                published.effects_digest
                == commands.preview(connection, filed.restructuring_id).digest
            )
            unpublish(connection, filed.restructuring_id)
            assert store.publications() == {}
            with pytest.raises(StateForbids):
                unpublish(connection, filed.restructuring_id)

    def test_is_refused_for_one_that_was_withdrawn_or_could_not_be_committed(
        self, builder: RegistryBuilder
    ) -> None:
        raw = {"title": "撤镇", "effective_on": "2027-03-01", "operations": [CONVERSION]}
        bad = {
            **raw,
            "operations": [{"abolish": {"division": "350213103", "no_successor": "撤销"}}],
        }
        with builder.engine.connect() as connection:
            withdrawn = commands.create(connection, raw, author="甲").restructuring_id
            commands.withdraw(connection, withdrawn, who="甲")
            with pytest.raises(StateForbids):
                publish(connection, withdrawn, who="甲")
            broken = commands.create(connection, bad, author="甲").restructuring_id
            with pytest.raises(PlanBreaksRules):
                publish(connection, broken, who="甲")


class WhatACaseOfSeveralActs:
    def test_has_one_digest_that_names_each(self) -> None:
        assert digest_of_acts(["a" * 64]) == "a" * 64
        assert digest_of_acts(["a" * 64, "b" * 64]) == f"{'a' * 32}+{'b' * 32}"
