"""Plans of one town that touch different villages go their ways; what they share they tell."""

from typing import Any

import pytest
from sqlalchemy import select

from registry.divisions.tables import territory_version
from registry.errors import PlanIsStale
from registry.restructuring import commands
from registry.restructuring.model import State
from tests.registry.restructuring.people import DECREE, Case

TOWN, NEIGHBOUR = "350213102", "350213103"
FIRST, SECOND = "350213102201", "350213102202"


def taking(title: str, *villages: str, on: str = "2021-01-06") -> dict[str, Any]:
    return {
        "title": title,
        "effective_on": on,
        "decree": DECREE,
        "operations": [{"transfer": {"divisions": list(villages), "to": NEIGHBOUR}}],
    }


@pytest.fixture
def town(case: Case) -> Case:
    """The town and its neighbour have territories of their own."""
    villages = ["350213102001", FIRST, SECOND, "350213103201"]
    case.builder.territory(TOWN, villages[:3])
    case.builder.territory(NEIGHBOUR, villages[3:])
    return case


def area_m2(case: Case, code: str) -> float:
    with case.engine.connect() as connection:
        return float(
            connection.scalars(
                select(territory_version.c.area_m2)
                .where(
                    territory_version.c.division_id == case.builder.ids[code],
                    territory_version.c.recorded_to.is_(None),
                )
                .order_by(territory_version.c.valid.desc())
            ).first()
            or 0.0
        )


class WhenTwoPlansTakeDifferentVillagesFromOneTown:
    @pytest.mark.parametrize("day", ["2021-01-06", "2021-03-01"])
    def test_the_second_is_carried_out_as_it_was_approved(self, town: Case, day: str) -> None:
        one = town.file(taking("琼头村划归新圩镇", FIRST))
        other = town.file(taking("后亭村划归新圩镇", SECOND, on=day))
        town.approve(one)
        town.approve(other)
        villages = [area_m2(town, code) for code in (FIRST, SECOND)]
        before = area_m2(town, TOWN), area_m2(town, NEIGHBOUR)

        town.carry_out(one)
        held = town.do(commands.rebase, other, who="甲")
        town.carry_out(other)

        assert (held.approval, held.comparison.conflicts) == ("holds", ())
        assert held.filed.state is State.APPROVED
        assert area_m2(town, TOWN) == pytest.approx(before[0] - sum(villages), abs=1)
        assert area_m2(town, NEIGHBOUR) == pytest.approx(before[1] + sum(villages), abs=1)


class WhenBothWantTheSameGround:
    def test_a_village_is_taken_once(self, town: Case) -> None:
        one = town.file(taking("琼头村划归新圩镇", FIRST))
        other = town.file(taking("琼头村、后亭村划归新圩镇", FIRST, SECOND))
        town.approve(one)
        town.approve(other)

        town.carry_out(one)

        with pytest.raises(PlanIsStale):
            town.carry_out(other)

    def test_another_line_of_the_village_itself_must_be_approved_again(self, town: Case) -> None:
        other = town.file(taking("后亭村划归新圩镇", SECOND))
        town.approve(other)
        town.builder.territory(SECOND, [SECOND], shrunk_deg=0.001)

        with pytest.raises(PlanIsStale) as refused:
            town.carry_out(other)

        objects = refused.value.facts["objects"]
        assert isinstance(objects, list)
        assert {one["object"] for one in objects} == {"territory"}
