"""Scheduled restructurings: carried out at midnight, once, whoever runs, dies or comes late."""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from api.clock import SHANGHAI
from api.worker import Worker
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.restructuring import commands
from registry.restructuring.docket import Docket
from registry.restructuring.model import State
from registry.restructuring.paper import read_paper
from registry.restructuring.store import RestructuringStore
from tests.builder import MAXIANG, RegistryBuilder

LAST_MOMENT = datetime(2027, 1, 5, 23, 59, 59, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2027, 1, 6, tzinfo=SHANGHAI)


def rename(to: str, on: str = "2027-01-06", division: str = "350213102") -> dict[str, Any]:
    return {
        "title": f"更名为{to}",
        "effective_on": on,
        "decree": {"authority": "福建省人民政府"},
        "operations": [{"rename": {"division": division, "name": to}}],
    }


class Office:
    """A registry with people, and workers who are told the time."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine, self.url = engine, url
        self.builder = RegistryBuilder(engine)
        self.builder.tree(MAXIANG)

    def scheduled(self, raw: dict[str, Any]) -> UUID:
        with self.engine.connect() as connection:
            one = commands.create(connection, raw, author="甲").restructuring_id
            commands.submit(connection, one, who="甲")
            commands.approve(connection, one, who="乙")
            commands.schedule(connection, one, who="丙")
            connection.commit()
        return one

    def work_at(self, moment: datetime) -> list[int]:
        return Worker(self.url, lambda: moment).carry_out_due(self.engine)

    def state(self, one: UUID) -> State:
        with self.engine.connect() as connection:
            return RestructuringStore(connection).get(one).state

    def head(self) -> int:
        with self.engine.connect() as connection:
            return ChangeStore(connection).head()


@pytest.fixture
def office(engine: Engine, database_url: str) -> Iterator[Office]:
    return Office(engine, database_url)


class WhenTheDayComes:
    def test_it_is_carried_out_at_midnight_in_shanghai_and_not_before(self, office: Office) -> None:
        one = office.scheduled(rename("新马巷镇"))

        before = office.work_at(LAST_MOMENT)
        done = office.work_at(MIDNIGHT)
        again = office.work_at(MIDNIGHT)

        assert (before, len(done), again) == ([], 1, [])
        with office.engine.connect() as connection:
            filed = RestructuringStore(connection).get(one)
            step = Docket(connection).steps(one)[-1]
            change = ChangeStore(connection).get(done[0])
        assert (filed.state, filed.change_number, filed.committed_by) == (
            State.COMMITTED,
            done[0],
            "丙",
        )
        assert (step.step, step.who) == ("commit", "scheduler")
        assert (change.author, change.effective_on) == ("丙", MIDNIGHT.date())

    def test_what_a_downtime_passed_over_is_caught_up_in_order(self, office: Office) -> None:
        later = office.scheduled(rename("后来镇", "2027-03-01", "350213103"))
        earlier = office.scheduled(rename("先行镇", "2027-02-01"))

        first, second = office.work_at(datetime(2027, 6, 1, 12, tzinfo=SHANGHAI))

        with office.engine.connect() as connection:
            store = RestructuringStore(connection)
            numbers = [store.get(one).change_number for one in (earlier, later)]
        assert numbers == [first, second]

    def test_eight_workers_carry_five_acts_out_once_each(self, office: Office) -> None:
        villages = [code for code in MAXIANG if len(code) == 12]
        acts = [office.scheduled(rename(f"村{code[6:]}", division=code)) for code in villages]
        head = office.head()
        done: list[int] = []
        together = threading.Barrier(8)

        def work() -> None:
            own = make_engine(office.url, pool_size=1)
            together.wait()
            done.extend(Worker(office.url, lambda: MIDNIGHT).carry_out_due(own))
            own.dispose()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done.extend(office.work_at(MIDNIGHT))

        assert sorted(done) == list(range(head + 1, head + 1 + len(acts)))
        assert {office.state(one) for one in acts} == {State.COMMITTED}

    def test_one_that_dies_leaves_the_act_to_the_next(self, office: Office) -> None:
        one = office.scheduled(rename("新马巷镇"))
        with office.engine.connect() as dying:
            claimed = RestructuringStore(dying).get(one)
            assert Docket(dying).claim(claimed)
            commands.commit_once(dying, one, who="丙")
            meanwhile = office.work_at(MIDNIGHT)
            dying.invalidate()
            dying.rollback()

        assert (meanwhile, office.state(one)) == ([], State.SCHEDULED)
        assert len(office.work_at(MIDNIGHT)) == 1


class WhenItCannotBeCarriedOut:
    def test_it_is_put_aside_with_the_reason_and_the_others_go_on(self, office: Office) -> None:
        stale = office.scheduled(rename("新马巷镇"))
        sound = office.scheduled(rename("新新圩镇", division="350213103"))
        with office.builder.work() as work:
            commands.commit_paper(work, read_paper(rename("抢先镇", "2026-12-01")))

        done = office.work_at(MIDNIGHT)

        assert len(done) == 1
        assert (office.state(stale), office.state(sound)) == (State.HELD, State.COMMITTED)
        with office.engine.connect() as connection:
            step = Docket(connection).steps(stale)[-1]
        assert (step.step, step.who) == ("hold", "scheduler")
        assert step.facts is not None
        assert (step.facts["code"], step.facts["objects"][0]["object"]) == (
            "plan-is-stale",
            "division",
        )
        assert office.work_at(MIDNIGHT) == []

    def test_an_act_waits_for_the_one_before_it(self, office: Office) -> None:
        with office.engine.connect() as connection:
            first = commands.create(connection, rename("甲镇"), author="甲").restructuring_id
            connection.commit()
        second = office.scheduled({**rename("乙镇", "2027-01-07"), "case": str(first)})

        office.work_at(datetime(2027, 1, 8, tzinfo=SHANGHAI))

        with office.engine.connect() as connection:
            facts = Docket(connection).steps(second)[-1].facts
        assert office.state(second) is State.HELD
        assert facts is not None and facts["code"] == "earlier-act-is-open"

    def test_what_the_database_refuses_is_put_aside_too(self, office: Office) -> None:
        one = office.scheduled(rename("新马巷镇"))
        with office.engine.begin() as connection:
            connection.execute(
                text("ALTER TABLE division_version ADD CHECK (name <> '新马巷镇') NOT VALID")
            )

        assert office.work_at(MIDNIGHT) == []
        assert office.state(one) is State.HELD


class TheWorker:
    def test_runs_until_it_is_stopped(self, office: Office) -> None:
        one = office.scheduled(rename("新马巷镇"))
        worker = Worker(office.url, lambda: MIDNIGHT)

        worker.start()
        for _wait in range(200):
            if office.state(one) is State.COMMITTED:
                break
            threading.Event().wait(0.05)
        worker.stop()

        assert office.state(one) is State.COMMITTED
