"""Restructurings: previewed to the last door, approved by another, whole or not at all."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text

from registry.addresses.tables import address_version
from registry.changes.rows import lines_of
from registry.changes.timeline import at
from registry.divisions.tables import (
    division_version,
    succession_version,
    territory_version,
)
from registry.errors import (
    ApproverIsAuthor,
    PlanBreaksRules,
    PlanIsStale,
    RegistryError,
    StateForbids,
)
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.model import Preview, State
from registry.restructuring.paper import read_paper, read_paper_text
from registry.restructuring.plan import draw_up
from registry.restructuring.store import RestructuringStore
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2021, 1, 6)
SPLIT: dict[str, Any] = yaml.safe_load("""
title: 马巷撤镇设街并分设凤翔街道
effective_on: 2021-01-06
decree: {authority: 福建省人民政府, number: 闽政文〔2021〕3号}
operations:
  - retype: {division: "350213102", kind: subdistrict, name: 马巷街道, code: "350213002"}
  - establish: {name: 凤翔街道, kind: subdistrict, parent: "350213", code: "350213004"}
  - transfer:
      divisions: ["350213102201"]
      to: "350213004"
      codes: {"350213102201": "350213004201"}
""")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    made.doors("350213102201", 3, made.carrier("琼头中里", "350213102201"))
    made.doors("350213102202", 2)
    return made


def preview(builder: RegistryBuilder, raw: dict[str, Any]) -> Preview:
    with builder.engine.connect() as connection:
        return commands.preview_paper(connection, read_paper(raw))


def units_on(builder: RegistryBuilder, on: date) -> dict[str, str | None]:
    """Names in force, each with its parent's name."""
    with builder.engine.connect() as connection:
        ids = list(connection.scalars(select(division_version.c.division_id).distinct()))
        timelines = lines_of(connection, division_version, ids)
    units = {key: unit for key, line in timelines.items() if (unit := at(line, on)) is not None}
    return {
        unit.value("name"): None
        if unit.value("parent_id") is None
        else units[unit.value("parent_id")].value("name")
        for unit in units.values()
    }


class WhenATownBecomesASubdistrict:
    def test_every_door_keeps_its_identity_and_no_address_row_is_written(
        self, builder: RegistryBuilder
    ) -> None:
        with builder.engine.connect() as connection:
            before = connection.scalars(select(address_version.c.version_id)).all()

        with builder.work() as work:
            commands.commit_paper(work, read_paper(SPLIT))

        with builder.engine.connect() as connection:
            after = connection.scalars(select(address_version.c.version_id)).all()
        assert sorted(before) == sorted(after)

    def test_the_preview_lists_what_ends_begins_changes_and_moves(
        self, builder: RegistryBuilder
    ) -> None:
        found = preview(builder, SPLIT)

        assert [unit.name for unit in found.begun] == ["凤翔街道"]
        assert [(c.before.name, c.after.name) for c in found.changed] == [("马巷镇", "马巷街道")]
        assert [(m.name, m.from_name, m.to_name) for m in found.moved] == [
            ("琼头村", "马巷镇", "凤翔街道")
        ]
        assert [(c.before, c.after) for c in found.codes] == [
            ("350213102", "350213002"),
            ("350213102201", "350213004201"),
            (None, "350213004"),
        ]
        assert (
            found.addresses.full_text_changes,
            found.addresses.legal_text_changes,
        ) == (5, 2)
        assert {(s.before, s.after) for s in found.addresses.samples} >= {
            (
                "福建省厦门市翔安区马巷镇琼头村琼头中里1号",
                "福建省厦门市翔安区凤翔街道琼头村琼头中里1号",
            )
        }
        assert found.breaches == ()

    def test_the_preview_writes_nothing_and_is_what_the_commit_does(
        self, builder: RegistryBuilder
    ) -> None:
        foreseen = preview(builder, SPLIT)
        with builder.engine.connect() as connection:
            assert connection.scalar(text("SELECT number FROM registry_head")) == foreseen.drawn_at

        with builder.work() as work:
            commands.commit_paper(work, read_paper(SPLIT), expected_digest=foreseen.digest)
            number = work.number

        with builder.engine.connect() as connection:
            for table, rows in foreseen.rows_to_write.items():
                written = connection.scalar(
                    text(f'SELECT count(*) FROM "{table}" WHERE recorded_from = :n'),
                    {"n": number},
                )
                assert written == rows, table

    def test_the_day_before_reads_as_it_was(self, builder: RegistryBuilder) -> None:
        with builder.work() as work:
            commands.commit_paper(work, read_paper(SPLIT))

        before, after = units_on(builder, date(2021, 1, 5)), units_on(builder, ON)

        assert (before["琼头村"], after["琼头村"]) == ("马巷镇", "凤翔街道")
        assert "凤翔街道" not in before and "马巷镇" not in after

    def test_territories_follow_and_no_square_metre_is_lost(self, builder: RegistryBuilder) -> None:
        with builder.work() as work:
            commands.commit_paper(work, read_paper(SPLIT))

        with builder.engine.connect() as connection:
            area = func.round(func.sum(territory_version.c.area_m2))
            named = (
                select(area)
                .join(
                    division_version,
                    division_version.c.division_id == territory_version.c.division_id,
                )
                .where(
                    division_version.c.recorded_to.is_(None),
                    division_version.c.valid.contains(ON),
                    territory_version.c.recorded_to.is_(None),
                    territory_version.c.valid.contains(ON),
                )
            )
            villages = connection.scalar(
                named.where(
                    division_version.c.name.in_(["五星社区", "琼头村", "后亭村"]),
                )
            )
            subdistricts = connection.scalar(
                named.where(division_version.c.name.in_(["马巷街道", "凤翔街道"]))
            )
        assert villages == subdistricts

    def test_the_shares_of_its_parts_make_one(self, builder: RegistryBuilder) -> None:
        with builder.work() as work:
            commands.commit_paper(work, read_paper(SPLIT))

        with builder.engine.connect() as connection:
            sums = connection.execute(
                select(
                    func.sum(succession_version.c.share_members),
                    func.sum(succession_version.c.share_area),
                    func.sum(succession_version.c.share_addresses),
                )
            ).one()
        assert sums == pytest.approx((1.0, 1.0, 1.0))


class WhenVillagesMerge:
    def test_the_successor_takes_the_doors_over(self, builder: RegistryBuilder) -> None:
        paper = read_paper_text(
            "title: 并村\neffective_on: 2021-01-06\noperations:\n"
            '  - absorb: {divisions: ["350213102202"], into: "350213102001"}\n'
        )
        with builder.work() as work:
            plan = commands.commit_paper(work, paper)

        with builder.engine.connect() as connection:
            ids = list(connection.scalars(select(address_version.c.address_id).distinct()))
            doors = lines_of(connection, address_version, ids)
        heir = builder.ids["350213102001"]
        moved = [d for d in doors.values() if at(d, ON).value("division_id") == heir]  # type: ignore[union-attr]  # -- they exist on both days
        assert len(moved) == 2
        assert all(
            at(d, date(2021, 1, 5)).value("division_id") == builder.ids["350213102202"]  # type: ignore[union-attr]  # -- they exist on both days
            for d in moved
        )
        assert set(plan.rehomed.values()) == {heir}


class WhenManyUnitsAreRegroupedInOneAct:
    def test_several_operations_on_one_unit_compose(self, builder: RegistryBuilder) -> None:
        paper = read_paper_text("""
title: 综合调整
effective_on: 2021-01-06
operations:
  - split:
      division: "350213102"
      keeps: false
      into:
        - {name: 凤翔街道, kind: subdistrict, code: "350213004", members: ["350213102201"]}
        - {name: 马巷街道, kind: subdistrict, code: "350213002", members: ["350213102001", "350213102202"]}
  - retype: {division: "350213102201", kind: community, name: 琼头社区}
  - merge: {divisions: ["350213103"], into: {name: 新圩街道, kind: subdistrict, code: "350213005"}}
""")
        with builder.work() as work:
            commands.commit_paper(work, paper)

        after = units_on(builder, ON)
        assert after["琼头社区"] == "凤翔街道"
        assert after["古宅村"] == "新圩街道"
        assert "马巷镇" not in after and "新圩镇" not in after

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(choice=st.data())
    def test_whatever_passes_keeps_the_lineage_invariants(
        self, builder: RegistryBuilder, choice: st.DataObject
    ) -> None:
        villages = ["350213102001", "350213102201", "350213102202", "350213103201"]
        moves = choice.draw(
            st.lists(
                st.tuples(
                    st.sampled_from(villages),
                    st.sampled_from(["350213102", "350213103", "新"]),
                ),
                max_size=5,
            )
        )
        ends = choice.draw(st.lists(st.sampled_from(["350213102", "350213103"]), max_size=2))
        raw: dict[str, Any] = {
            "title": "随机",
            "effective_on": "2021-01-06",
            "operations": [
                {
                    "establish": {
                        "name": "新街道",
                        "kind": "subdistrict",
                        "parent": "350213",
                        "as": "新",
                    }
                },
                *({"transfer": {"divisions": [v], "to": to}} for v, to in moves),
                *({"abolish": {"division": one, "successors": ["新"]}} for one in ends),
            ],
        }
        with builder.engine.connect() as connection:
            ledger = RestructuringStore(connection).ledger(read_paper(raw))
        try:
            plan = draw_up(read_paper(raw), ledger)
        except RegistryError:
            return
        if plan.breaches:
            return

        for unit, version in plan.after.units.items():
            parent = version.value("parent_id")
            assert parent is None or parent in plan.after.units
            assert sum(1 for one in plan.after.ancestors(unit) if one == unit) == 1
        ended = set(plan.before.units) - set(plan.after.units)
        assert {edge.predecessor_id for edge in plan.edges} >= ended


class TheLifeCycle:
    def filed(self, builder: RegistryBuilder) -> UUID:
        with builder.engine.connect() as connection:
            made = commands.create(connection, SPLIT, author="甲")
            commands.submit(connection, made.restructuring_id, who="甲")
            connection.commit()
        return made.restructuring_id

    def test_goes_from_draft_to_commit_with_two_people(self, builder: RegistryBuilder) -> None:
        filed = self.filed(builder)
        with builder.engine.connect() as connection:
            commands.approve(connection, filed, who="乙")
            work = commands.commit(connection, filed, who="乙")
            seal(work)
            connection.commit()

        with builder.engine.connect() as connection:
            done = RestructuringStore(connection).get(filed)
        assert (done.state, done.change_number) == (State.COMMITTED, work.number)

    def test_nobody_approves_their_own_plan(self, builder: RegistryBuilder) -> None:
        filed = self.filed(builder)
        with builder.engine.connect() as connection, pytest.raises(ApproverIsAuthor):
            commands.approve(connection, filed, who="甲")
        with (
            pytest.raises(ApproverIsAuthor),
            builder.work(restructuring_id=uuid4()) as work,
        ):
            commands.enact(work, SPLIT, author="甲", approver="甲")

    def test_an_unapproved_plan_is_not_carried_out(self, builder: RegistryBuilder) -> None:
        filed = self.filed(builder)
        with builder.engine.connect() as connection, pytest.raises(StateForbids):
            commands.commit(connection, filed, who="乙")

    def test_a_plan_whose_effects_moved_is_stale(self, builder: RegistryBuilder) -> None:
        filed = self.filed(builder)
        with builder.engine.connect() as connection:
            commands.approve(connection, filed, who="乙")
            connection.commit()
        with builder.work() as work:
            commands.commit_paper(
                work,
                read_paper_text(
                    "title: 先行更名\neffective_on: 2020-12-01\noperations:\n"
                    '  - rename: {division: "350213102201", name: 琼头新村}\n'
                ),
            )

        with builder.engine.connect() as connection, pytest.raises(PlanIsStale):
            commands.commit(connection, filed, who="乙")

    def test_an_edit_elsewhere_does_not_make_it_stale(self, builder: RegistryBuilder) -> None:
        filed = self.filed(builder)
        with builder.engine.connect() as connection:
            commands.approve(connection, filed, who="乙")
            connection.commit()
        with builder.work() as work:
            commands.commit_paper(
                work,
                read_paper_text(
                    "title: 别处更名\neffective_on: 2020-12-01\noperations:\n"
                    '  - rename: {division: "350213103201", name: 古宅新村}\n'
                ),
            )

        with builder.engine.connect() as connection:
            commands.commit(connection, filed, who="乙")

    def test_a_plan_with_breaches_cannot_be_submitted(self, builder: RegistryBuilder) -> None:
        raw = {
            "title": "撤镇",
            "effective_on": "2021-01-06",
            "operations": [{"abolish": {"division": "350213102", "successors": ["350213103"]}}],
        }
        with builder.engine.connect() as connection:
            made = commands.create(connection, raw, author="甲")
            with pytest.raises(PlanBreaksRules):
                commands.submit(connection, made.restructuring_id, who="甲")

    def test_a_rejected_plan_can_be_submitted_again_and_a_withdrawn_one_cannot(
        self, builder: RegistryBuilder
    ) -> None:
        filed = self.filed(builder)
        with builder.engine.connect() as connection:
            assert commands.reject(connection, filed, who="乙").state is State.REJECTED
            assert commands.submit(connection, filed, who="甲").state is State.SUBMITTED
            assert commands.withdraw(connection, filed, who="甲").state is State.WITHDRAWN
            with pytest.raises(StateForbids):
                commands.submit(connection, filed, who="甲")
