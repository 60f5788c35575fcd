"""Works: gapless numbers in commit order, whole or not at all, one belief at a time."""

import threading
from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import IntegrityError

from registry.changes.model import Decree, Intent, Verb
from registry.changes.period import AsOf, Period
from registry.changes.rows import lines_of, seen_at
from registry.changes.store import ChangeStore
from registry.changes.tables import change
from registry.changes.timeline import begin, change_from, correct
from registry.changes.work import Work
from registry.divisions.tables import division, division_version
from registry.errors import AlreadyDone, ChangeIsUnknown
from registry.log.digests import digests
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2021, 1, 6)


def rename(engine: Engine, builder: RegistryBuilder, code: str, name: str, on: date) -> int:
    with builder.work("更名", Verb.CHANGE) as work:
        key = builder.ids[code]
        before = work.believed(division_version, [key])[key]
        after = change_from(before, on, {"name": name}, "rename")
        work.rewrite(division_version, key, before, after)
        return work.number


def name_as_of(engine: Engine, builder: RegistryBuilder, code: str, at: AsOf) -> str | None:
    with engine.connect() as connection:
        return connection.scalar(
            select(division_version.c.name).where(
                division_version.c.division_id == builder.ids[code],
                seen_at(division_version, at),
            )
        )


def listened(connection: Connection) -> list[str]:
    """The statements that are sent from now on."""
    sent: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *seen: sent.append(seen[2]))
    return sent


class WhenManyWriteAtOnce:
    def test_numbers_have_no_gap_and_readers_meet_them_in_order(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        seen: list[int] = []
        stop = threading.Event()
        failures: list[BaseException] = []

        def write(worker: int) -> None:
            for turn in range(25):
                try:
                    with builder.work(f"w{worker}-{turn}") as work:
                        work.establish(division, [{"division_id": uuid4(), "layer": "statutory"}])
                        if turn % 5 == 4:
                            raise RuntimeError("thought better of it")
                except RuntimeError:
                    continue
                except BaseException as error:  # noqa: BLE001 -- a thread's failure must reach the test
                    failures.append(error)

        def watch() -> None:
            while not stop.is_set():
                with engine.connect() as connection:
                    head = ChangeStore(connection).head()
                    count = connection.scalar(select(func.count()).select_from(change))
                    rows = connection.scalar(select(func.count()).select_from(division))
                # Three statements: whatever commits between them may only add.
                assert count >= head and rows >= head
                seen.append(head)

        writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        watcher = threading.Thread(target=watch)
        watcher.start()
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        watcher.join()

        assert not failures
        assert seen == sorted(seen)
        with engine.connect() as connection:
            numbers = list(connection.scalars(select(change.c.number).order_by(change.c.number)))
            moments = list(
                connection.scalars(select(change.c.recorded_at).order_by(change.c.number))
            )
        assert numbers == list(range(1, 8 * 20 + 1))
        assert all(a < b for a, b in pairwise(moments))

    def test_a_work_that_fails_leaves_no_number_behind(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        with pytest.raises(RuntimeError), builder.work() as work:
            work.start()
            raise RuntimeError

        with builder.work() as work:
            assert work.number == 1


class WhatWasBelieved:
    def test_stays_readable_at_every_known_and_every_day(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        first = rename(engine, builder, "350213102", "马巷街道", ON)
        with builder.work("更正", Verb.CORRECT) as work:
            key = builder.ids["350213102"]
            before = work.believed(division_version, [key])[key]
            after = correct(before, Period(date(2020, 1, 1), ON), {"name": "马港镇"}, "correct")
            work.rewrite(division_version, key, before, after)
            second = work.number

        def name(on: date, known: int) -> str | None:
            return name_as_of(engine, builder, "350213102", AsOf(on, known))

        assert name(ON, first - 1) == "马巷镇"
        assert name(ON, first) == name(ON, second) == "马巷街道"
        assert name(date(2020, 6, 1), first) == "马巷镇"
        assert name(date(2020, 6, 1), second) == "马港镇"
        assert name(date(2019, 6, 1), second) == "马巷镇"

    def test_is_never_two_things_for_one_day(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        key = builder.ids["350213102"]

        with pytest.raises(IntegrityError), builder.work() as work:
            values = {"kind": "town", "name": "另一个", "published_name": None}
            work.rewrite(division_version, key, (), begin((), Period(), values, "import"))

    def test_rewriting_twice_in_one_work_leaves_one_trace(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        key = builder.ids["350213102"]

        with builder.work() as work:
            for name in ("一", "二"):
                before = work.believed(division_version, [key])[key]
                after = change_from(before, ON, {"name": name}, "rename")
                work.rewrite(division_version, key, before, after)

        with engine.connect() as connection:
            timeline = lines_of(connection, division_version, [key])[key]
            written = connection.scalar(
                select(func.count())
                .select_from(division_version)
                .where(division_version.c.division_id == key)
            )
        assert [one.value("name") for one in timeline] == ["马巷镇", "二"]
        assert written == 3

    def test_many_facts_take_as_many_statements_as_one_and_leave_the_same_record(
        self, engine: Engine
    ) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        keys = [builder.ids[code] for code in ("350213102201", "350213102202", "350213103201")]
        records, statements = [], []

        for together in (False, True):
            with engine.connect() as connection:
                # Both start from the same numbers, so that equal rows give equal bytes.
                connection.execute(
                    text("ALTER SEQUENCE division_version_version_id_seq RESTART WITH 1000")
                )
                work = Work(connection, Intent("甲", Verb.CHANGE, "更名"))
                before = work.believed(division_version, keys)
                facts = [
                    (key, before[key], change_from(before[key], ON, {"name": "新村"}, "rename"))
                    for key in keys
                ]
                sent = listened(connection)
                if together:
                    work.rewrite_all(division_version, facts)
                else:
                    for fact in facts:
                        work.rewrite(division_version, *fact)
                statements.append(len(sent))
                records.append(digests(connection, work.number, work.number)[work.number])
                connection.rollback()

        assert statements == [9, 3]
        assert records[0] == records[1]
        assert [(one.old, one.new) for one in records[0]] == [(3, 6)]

    def test_more_facts_are_read_than_a_statement_takes_parameters(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        key = builder.ids["350213102201"]

        with builder.work() as work:
            found = work.believed(division_version, [key, *(uuid4() for _ in range(2**16))])

        assert list(found) == [key]


class TheLog:
    def test_refuses_to_do_a_work_twice(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        with builder.work(source_key="edition") as work:
            work.start()

        with pytest.raises(AlreadyDone), builder.work(source_key="edition") as work:
            work.start()

        with engine.connect() as connection:
            assert ChangeStore(connection).head() == 1

    def test_keeps_the_decree_once_however_often_it_is_named(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        basis = Decree(authority="福建省人民政府", number="闽政文〔2021〕3号", approved_on=ON)
        for _ in range(2):
            with builder.work(decree=basis) as work:
                work.start()

        with engine.connect() as connection:
            assert ChangeStore(connection).get(2).decree == basis
            assert connection.scalar(text("SELECT count(*) FROM decree")) == 1

    def test_has_an_error_for_what_does_not_exist_yet(self, engine: Engine) -> None:
        with engine.connect() as connection, pytest.raises(ChangeIsUnknown):
            ChangeStore(connection).after(1, 10)

    def test_knows_what_was_known_at_a_moment(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        for _ in range(3):
            with builder.work() as work:
                work.start()

        with engine.connect() as connection:
            store = ChangeStore(connection)
            moment = store.get(2).recorded_at
            assert store.known_at(moment) == 2
            assert store.known_at(None) == 3


def test_a_work_says_what_it_is_for(engine: Engine) -> None:
    with engine.connect() as connection:
        work = Work(connection, Intent(author="甲", verb=Verb.REDIGITISE, title="重绘"))
        assert not work.started
        work.start()
        stored = ChangeStore(connection).get(work.number)
    assert (stored.author, stored.verb, stored.title) == ("甲", Verb.REDIGITISE, "重绘")
