"""Codes a submitted plan leaves to the registry are kept for it until it is off its way."""

import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from registry.restructuring import commands
from registry.restructuring.tables import code_reservation
from tests.registry.restructuring.people import Case


@pytest.fixture
def case(engine: Engine) -> Case:
    return Case(engine)


def a_new_one(name: str) -> dict[str, Any]:
    """A subdistrict of one village, whose codes the registry finds."""
    unit = {
        "name": name,
        "kind": "subdistrict",
        "parent": "350213",
        "as": "new",
        "code": "auto",
    }
    village = {"甲街道": "350213102001", "乙街道": "350213102202"}[name]
    return {
        "title": f"设立{name}",
        "effective_on": "2021-01-06",
        "operations": [
            {"establish": unit},
            {"transfer": {"divisions": [village], "to": "new", "codes": "auto"}},
        ],
    }


def codes(case: Case, one: UUID) -> set[str]:
    return {line.after for line in case.preview(one).codes if line.after}


def kept(case: Case, one: UUID) -> set[str]:
    table = code_reservation
    with case.engine.connect() as connection:
        return set(connection.scalars(select(table.c.code).where(table.c.restructuring_id == one)))


class WhenAPlanIsSubmitted:
    def test_its_codes_are_kept_and_the_next_plan_gets_the_next_ones(self, case: Case) -> None:
        first, second = case.file(a_new_one("甲街道")), case.file(a_new_one("乙街道"))
        own = codes(case, first)
        assert own & codes(case, second)

        case.do(commands.submit, first, who="甲")
        case.do(commands.submit, second, who="甲")

        assert kept(case, first) == own == codes(case, first)
        assert kept(case, second) == codes(case, second)
        assert not codes(case, first) & codes(case, second)

    def test_they_stay_when_another_plan_is_carried_out_before(self, case: Case) -> None:
        first, second = case.file(a_new_one("甲街道")), case.file(a_new_one("乙街道"))
        case.approve(first)
        case.approve(second)
        wanted = codes(case, first), codes(case, second)

        case.carry_out(second)

        assert (codes(case, first), codes(case, second)) == wanted

    def test_of_two_at_the_same_time_neither_gets_the_codes_of_the_other(self, case: Case) -> None:
        plans = [case.file(a_new_one("甲街道")), case.file(a_new_one("乙街道"))]
        both = threading.Barrier(2)

        def submit(one: UUID) -> None:
            both.wait()
            case.do(commands.submit, one, who="甲")

        people = [threading.Thread(target=submit, args=(one,)) for one in plans]
        for person in people:
            person.start()
        for person in people:
            person.join()

        first, second = (kept(case, one) for one in plans)
        assert first and second and not first & second

    @pytest.mark.parametrize("verb", ["reject", "withdraw"])
    def test_they_are_free_again_once_it_is_off_its_way(self, case: Case, verb: str) -> None:
        first, second = case.file(a_new_one("甲街道")), case.file(a_new_one("乙街道"))
        case.do(commands.submit, first, who="甲")
        own = kept(case, first)

        case.do(getattr(commands, verb), first, who="乙")
        case.do(commands.submit, second, who="甲")

        assert kept(case, first) == set()
        assert own & kept(case, second)

    def test_a_scenario_that_is_not_chosen_keeps_none(self, case: Case) -> None:
        first = case.file(a_new_one("甲街道"))
        other = case.file(a_new_one("乙街道"), case=str(first), act=1, scenario="B")
        case.do(commands.submit, other, who="甲")
        assert kept(case, other)
        case.approve(first)

        case.carry_out(first)

        assert kept(case, other) == set()
