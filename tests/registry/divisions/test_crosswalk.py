"""The crosswalk between any two points of both clocks, and how shares compose."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from data.crosswalk_files import CrosswalkMeta, Form, crosswalk_file, statement_of
from registry.changes.model import Verb
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.divisions.commands import correct_name
from registry.divisions.crosswalk import CrosswalkRow, crosswalk
from registry.divisions.figures import DivisionFigures, record_figures
from registry.divisions.inheritance import heirs
from registry.divisions.lineage import SuccessionEdge
from registry.errors import KnowledgeRunsBackwards, PeriodIsEmpty
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.crosswalk import crosswalk_of
from registry.restructuring.paper import read_paper
from tests.builder import MAXIANG, RegistryBuilder

BEFORE, ON, AFTER = date(2021, 1, 5), date(2021, 1, 6), date(2022, 6, 1)
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
AGAIN: dict[str, Any] = yaml.safe_load("""
title: 凤翔街道再分设香山街道
effective_on: 2022-01-01
operations:
  - transfer: {divisions: ["350213102202"], to: "350213004"}
""")
OUT_OF_A_VILLAGE: dict[str, Any] = yaml.safe_load("""
title: 琼头村分设琼海社区
effective_on: 2022-01-01
operations:
  - establish: {name: 琼海社区, kind: community, parent: "350213102", from: ["350213102201"]}
""")
MERGER: dict[str, Any] = yaml.safe_load("""
title: 新圩镇并入马巷镇
effective_on: 2021-01-06
operations:
  - absorb: {divisions: ["350213103"], into: "350213102"}
""")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    made.doors("350213102201", 3)
    made.doors("350213102202", 1)
    return made


def enact(builder: RegistryBuilder, raw: dict[str, Any]) -> int:
    with builder.work(raw["title"], Verb.CHANGE, decree=read_paper(raw).legal_basis()) as work:
        commands.commit_paper(work, read_paper(raw))
    return work.number


def head(builder: RegistryBuilder) -> int:
    with builder.engine.connect() as connection:
        return ChangeStore(connection).head()


def between(builder: RegistryBuilder, start: AsOf, end: AsOf, **more: Any) -> list[CrosswalkRow]:
    with builder.engine.connect() as connection:
        return crosswalk(connection, start=start, end=end, **more)


def heirs_of(rows: list[CrosswalkRow], name: str) -> dict[str | None, CrosswalkRow]:
    return {row.new_name: row for row in rows if row.old_name == name}


class WhenATownSplits:
    def test_its_shares_come_with_basis_and_day(self, builder: RegistryBuilder) -> None:
        act = enact(builder, SPLIT)
        rows = between(builder, AsOf(BEFORE, act), AsOf(ON, act))
        left = heirs_of(rows, "马巷镇")["凤翔街道"]

        assert left.relation == "split"
        assert left.share_members == pytest.approx(1 / 3)
        assert left.share_area == pytest.approx(1 / 3, abs=1e-3)
        assert left.share_addresses == pytest.approx(3 / 4)
        assert (left.basis_area, left.basis_addresses) == (
            "illustrative",
            "generated addresses in force",
        )
        assert (left.shares_on, left.changes) == ((ON,), (act,))
        assert left.new_codes == {"statistical": "350213004"}
        assert (left.share_population, left.basis_population) == (None, None)
        assert left.population_missing == "no figures of 3 of 3 units: 五星社区、后亭村、琼头村"

    def test_shares_of_two_acts_multiply(self, builder: RegistryBuilder) -> None:
        enact(builder, SPLIT)
        act = enact(builder, AGAIN)
        rows = between(builder, AsOf(BEFORE, act), AsOf(AFTER, act))
        found = heirs_of(rows, "马巷镇")

        assert found["马巷街道"].share_members == pytest.approx(1 / 3)
        assert found["凤翔街道"].share_members == pytest.approx(2 / 3)
        assert found["马巷街道"].shares_on == (ON, date(2022, 1, 1))

    def test_a_scope_holds_every_part_and_whatever_came_in(self, builder: RegistryBuilder) -> None:
        act = enact(builder, SPLIT)
        new = next(
            row.new_id
            for row in between(builder, AsOf(BEFORE, act), AsOf(ON, act))
            if row.new_name == "凤翔街道"
        )
        rows = between(builder, AsOf(BEFORE, act), AsOf(ON, act), within=new)

        assert {row.old_name for row in rows} == {"马巷镇", "琼头村"}
        assert sum(
            row.share_members or 0 for row in rows if row.old_name == "马巷镇"
        ) == pytest.approx(1)
        assert {
            row.level for row in between(builder, AsOf(BEFORE, act), AsOf(ON, act), level=5)
        } == {5}

    def test_parts_of_unknown_size_stay_unknown_and_the_rest_is_not_forgotten(
        self, builder: RegistryBuilder
    ) -> None:
        act = enact(builder, OUT_OF_A_VILLAGE)
        found = heirs_of(between(builder, AsOf(BEFORE, act), AsOf(AFTER, act)), "琼头村")

        assert set(found) == {"琼头村", "琼海社区"}
        assert {row.relation for row in found.values()} == {"split"}
        assert {(row.share_area, row.basis_area) for row in found.values()} == {(None, None)}


class WhenVillagesAreCounted:
    COUNTS: ClassVar[dict[str, int]] = {
        "350213102001": 700,
        "350213102201": 200,
        "350213102202": 100,
    }

    def counted(self, builder: RegistryBuilder, counts: dict[str, int], **more: Any) -> None:
        figures = {
            builder.ids[code]: DivisionFigures(
                date(2020, 11, 1), "census", "七普", **({"resident_population": count} | more)
            )
            for code, count in counts.items()
        }
        with builder.work("统计数据") as work:
            record_figures(work, figures)

    def test_a_town_that_splits_is_shared_by_its_people(self, builder: RegistryBuilder) -> None:
        self.counted(builder, self.COUNTS)
        act = enact(builder, SPLIT)
        rows = between(builder, AsOf(BEFORE, act), AsOf(ON, act))
        found = heirs_of(rows, "马巷镇")

        assert found["凤翔街道"].share_population == pytest.approx(0.2)
        assert found["马巷街道"].share_population == pytest.approx(0.8)
        assert found["凤翔街道"].basis_population == "resident population, census"
        assert found["凤翔街道"].population_on == (date(2020, 11, 1),)
        assert found["凤翔街道"].population_missing is None

    def test_people_of_two_acts_are_counted_not_multiplied(self, builder: RegistryBuilder) -> None:
        self.counted(builder, self.COUNTS)
        enact(builder, SPLIT)
        act = enact(builder, AGAIN)
        found = heirs_of(between(builder, AsOf(BEFORE, act), AsOf(AFTER, act)), "马巷镇")

        assert found["凤翔街道"].share_population == pytest.approx(0.3)

    def test_one_village_without_a_figure_leaves_the_whole_unknown_by_name(
        self, builder: RegistryBuilder
    ) -> None:
        self.counted(builder, {"350213102001": 700, "350213102201": 200})
        act = enact(builder, SPLIT)
        found = heirs_of(between(builder, AsOf(BEFORE, act), AsOf(ON, act)), "马巷镇")

        assert {row.share_population for row in found.values()} == {None}
        assert {row.population_missing for row in found.values()} == {
            "no figures of 1 of 3 units: 后亭村"
        }

    def test_registered_people_count_where_residents_are_not_known(
        self, builder: RegistryBuilder
    ) -> None:
        self.counted(builder, self.COUNTS, resident_population=None, registered_population=10)
        act = enact(builder, SPLIT)
        found = heirs_of(between(builder, AsOf(BEFORE, act), AsOf(ON, act)), "马巷镇")

        assert found["凤翔街道"].share_population == pytest.approx(1 / 3)
        assert found["凤翔街道"].basis_population == "registered population, census"

    def test_a_village_that_was_divided_itself_is_not_guessed_at(
        self, builder: RegistryBuilder
    ) -> None:
        self.counted(builder, self.COUNTS)
        act = enact(builder, OUT_OF_A_VILLAGE)
        found = heirs_of(between(builder, AsOf(BEFORE, act), AsOf(AFTER, act)), "琼头村")

        assert {(row.share_population, row.population_missing) for row in found.values()} == {
            (None, "it was divided itself, and no figures of its parts are known")
        }

    def test_a_draft_says_what_the_final_table_then_says(self, builder: RegistryBuilder) -> None:
        self.counted(builder, self.COUNTS)
        with builder.engine.connect() as connection:
            filed = commands.create(connection, SPLIT, author="a").restructuring_id
            draft = crosswalk_of(connection, filed)
            commands.submit(connection, filed, who="a")
            commands.approve(connection, filed, who="b")
            seal(commands.commit(connection, filed, who="b"))
            final = crosswalk_of(connection, filed)

        assert [without_changes(row) for row in draft.rows] == [
            without_changes(row) for row in final.rows
        ]
        assert 0.2 in {row.share_population for row in final.rows}


class WhenTownsAreJoined:
    def test_the_one_that_ended_is_merged_into_the_other(self, builder: RegistryBuilder) -> None:
        act = enact(builder, MERGER)
        rows = between(builder, AsOf(BEFORE, act), AsOf(ON, act), level=4)
        merged = heirs_of(rows, "新圩镇")["马巷镇"]

        assert (merged.relation, merged.share_area, merged.basis_area) == ("merged", 1.0, "whole")
        assert heirs_of(rows, "马巷镇")["马巷镇"].relation == "unchanged"


class WhenOnlyKnowledgeMoves:
    def test_an_act_recorded_late_counts_though_its_day_is_past(
        self, builder: RegistryBuilder
    ) -> None:
        act = enact(builder, SPLIT)

        late = between(builder, AsOf(AFTER, act - 1), AsOf(AFTER, act), level=4)
        never = between(builder, AsOf(AFTER, act), AsOf(AFTER, act))

        assert set(heirs_of(late, "马巷镇")) == {"马巷街道", "凤翔街道"}
        assert {row.relation for row in never} == {"unchanged"}

    def test_an_act_known_before_its_day_counts_from_its_day(
        self, builder: RegistryBuilder
    ) -> None:
        act = enact(builder, SPLIT)

        rows = between(builder, AsOf(BEFORE, act), AsOf(ON, act), level=4)
        still = between(builder, AsOf(BEFORE, act - 1), AsOf(BEFORE, act))

        assert set(heirs_of(rows, "马巷镇")) == {"马巷街道", "凤翔街道"}
        assert {row.relation for row in still} == {"unchanged"}

    def test_a_corrected_name_is_called_a_correction(self, builder: RegistryBuilder) -> None:
        before = head(builder)
        with builder.work("更正", Verb.CORRECT) as work:
            correct_name(work, builder.ids["350213102"], "马港镇", during=Period(None, None))

        rows = between(builder, AsOf(ON, before), AsOf(ON, work.number), level=4)
        found = heirs_of(rows, "马巷镇")["马港镇"]

        assert (found.relation, found.changes) == ("corrected+renamed", (work.number,))

    def test_what_was_taken_in_later_is_added_not_new(self, builder: RegistryBuilder) -> None:
        rows = between(builder, AsOf(ON, 0), AsOf(ON, head(builder)))

        assert {row.relation for row in rows} == {"added"}

    def test_backwards_is_refused_on_either_clock(self, builder: RegistryBuilder) -> None:
        with pytest.raises(PeriodIsEmpty):
            between(builder, AsOf(ON, 1), AsOf(BEFORE, 1))
        with pytest.raises(KnowledgeRunsBackwards):
            between(builder, AsOf(ON, 2), AsOf(ON, 1))


class TheCrosswalkOfAPlan:
    def filed(self, builder: RegistryBuilder, raw: dict[str, Any]) -> UUID:
        with builder.engine.connect() as connection:
            made = commands.create(connection, raw, author="a").restructuring_id
            connection.commit()
        return made

    def carried_out(self, connection: Connection, restructuring_id: UUID) -> None:
        commands.submit(connection, restructuring_id, who="a")
        commands.approve(connection, restructuring_id, who="b")
        work = commands.commit(connection, restructuring_id, who="b")
        seal(work)
        connection.commit()

    @pytest.mark.parametrize("raw", [SPLIT, MERGER, OUT_OF_A_VILLAGE], ids=lambda raw: raw["title"])
    def test_is_a_draft_that_says_what_the_final_one_then_says(
        self, builder: RegistryBuilder, raw: dict[str, Any]
    ) -> None:
        restructuring_id = self.filed(builder, raw)
        with builder.engine.connect() as connection:
            draft = crosswalk_of(connection, restructuring_id)
            self.carried_out(connection, restructuring_id)
            final = crosswalk_of(connection, restructuring_id)

        assert (draft.final, final.final) == (False, True)
        assert {row.changes for row in draft.rows} == {()}
        assert {row.changes for row in final.rows} == {(final.end.known,)}
        assert [without_changes(row) for row in draft.rows] == [
            without_changes(row) for row in final.rows
        ]


def without_changes(row: CrosswalkRow) -> dict[str, Any]:
    return {
        name: getattr(row, name) for name in CrosswalkRow.__dataclass_fields__ if name != "changes"
    }


class WhatIsSigned:
    META = CrosswalkMeta(AsOf(BEFORE, 7), AsOf(ON, 9), level=4)

    def test_names_points_scope_form_and_digest_one_a_line(self) -> None:
        assert statement_of(self.META, Form.CSV, "ab" * 32) == (
            "place-registry/crosswalk/v1\n"
            "from 2021-01-05 known 7\n"
            "to 2021-01-06 known 9\n"
            "within all\n"
            "level 4\n"
            "format csv\n"
            "change 9\n"
            f"sha256 {'ab' * 32}\n"
        )

    def test_is_never_a_draft(self) -> None:
        with pytest.raises(ValueError, match="draft"):
            statement_of(CrosswalkMeta(AsOf(ON, 1), AsOf(ON, 1), final=False), Form.CSV, "00")

    @pytest.mark.parametrize("form", list(Form))
    def test_is_the_same_bytes_for_the_same_rows(self, form: Form) -> None:
        assert crosswalk_file([], form, self.META) == crosswalk_file([], form, self.META) != b""


UNITS = [uuid4() for _ in range(6)]


@st.composite
def acts(draw: st.DrawFn) -> list[SuccessionEdge]:
    """Up to five acts; in each, some units give all they have to one to three units."""
    edges: list[SuccessionEdge] = []
    for number in range(draw(st.integers(1, 5))):
        for unit in draw(st.sets(st.sampled_from(UNITS), max_size=3)):
            into = draw(st.sets(st.sampled_from(UNITS), min_size=1, max_size=3))
            weights = {heir: draw(st.integers(1, 9)) for heir in sorted(into, key=str)}
            total = sum(weights.values())
            edges += [
                SuccessionEdge(
                    unit, heir, "split", date(2020, 1, 1 + number), number, *[one / total] * 3, None
                )
                for heir, one in weights.items()
            ]
    return edges


class EveryComposition:
    @given(edges=acts())
    def test_neither_loses_nor_invents_anything(self, edges: list[SuccessionEdge]) -> None:
        for paths in heirs(UNITS, edges, frozenset(UNITS)).values():
            shares = [path.share for path in paths.values()]
            assert sum(share.area or 0.0 for share in shares) == pytest.approx(1.0)
            assert sum(share.members or 0.0 for share in shares) == pytest.approx(1.0)
