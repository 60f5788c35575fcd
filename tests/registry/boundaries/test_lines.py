"""Boundary lines and markers: derived, described, inspected, numbered; true to the territories."""

from datetime import date

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point
from sqlalchemy import Engine, Table, select

from registry.boundaries.model import DoorChoice, Reason
from registry.changes.model import Verb
from registry.changes.period import AsOf, Period
from registry.changes.rows import to_period
from registry.changes.scope import scoped_items
from registry.changes.store import ChangeStore
from registry.changes.view import FeedView
from registry.lines import commands
from registry.lines.errors import MarkerIsOffItsLine, MarkerNumberIsInvalid, MarkerNumberIsTaken
from registry.lines.following import derive_all
from registry.lines.model import (
    LETTERS,
    Landmark,
    MarkerKind,
    MarkerState,
    Segment,
    SegmentKind,
    check_number,
    marker_numbers,
    years_later,
)
from registry.lines.particulars import Stand, describe_course, note_landmarks, set_series
from registry.lines.store import LineStore
from registry.lines.tables import boundary_segment_version, marker_landmark_version
from registry.quality.run import run
from registry.restructuring.commands import commit_paper
from tests.builder import TODAY, RegistryBuilder
from tests.grid_city import COUNTY, SPLIT, grid_city, paper, town, village
from tests.registry.boundaries.grid import (
    EAST,
    NORTH,
    WEST,
    approved,
    asked,
    bent,
    committed,
    filed,
    giving,
    strip,
)
from tests.registry.changes.test_scope import apply, shown

AGREED = {
    "number": "0001",
    "legal_status": "agreed",
    "technical_status": "surveyed",
    "accuracy_m": 0.5,
    "agreement_number": "翔政〔2015〕3号",
    "agreement_on": date(2015, 3, 1),
}
LINE_INVARIANTS = ("lines_run_along_both_sides", "inspections_in_time")


@pytest.fixture
def city(engine: Engine) -> RegistryBuilder:
    made = grid_city(engine)
    with made.work("lines") as work:
        for level in (4, 5):
            derive_all(work, made.ids[COUNTY], level, on=TODAY)
    return made


def line_of(made: RegistryBuilder, one: str, other: str) -> object:
    return commands.line_id_of(made.ids[one], made.ids[other])


class WhenTerritoriesMeet:
    def test_there_is_one_line_a_pair(self, engine: Engine, city: RegistryBuilder) -> None:
        with engine.connect() as connection:
            at = city.as_of(connection)
            lines = LineStore(connection).lines(at)

        by_level = {level: [one for one in lines if one.level == level] for level in (4, 5)}
        assert len(by_level[4]) == 2
        assert len(by_level[5]) == 3 * 3 + 2 * 4
        assert all(one.length_m == pytest.approx(4071, rel=0.01) for one in by_level[4])
        assert {one.technical_status.value for one in lines} == {"derived"}

    def test_deriving_again_writes_nothing(self, engine: Engine, city: RegistryBuilder) -> None:
        with city.work("again") as work:
            assert derive_all(work, city.ids[COUNTY], 5, on=TODAY) == 0

    def test_the_line_follows_when_an_edge_is_drawn_better(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with city.work("agreement", Verb.CHANGE) as work:
            commands.describe(work, line_of(city, WEST, EAST), AGREED, on=date(2016, 1, 1))

        update = filed(engine, lambda at: bent(at, city, 24.005), asked(doors=DoorChoice.STAY))
        committed(engine, approved(engine, update))

        with engine.connect() as connection:
            at = city.as_of(connection)
            line = LineStore(connection).line(line_of(city, WEST, EAST), at)
            (agree, _due) = run(connection, LINE_INVARIANTS)
        assert shapely.Point(118.009, 24.005).distance(line.course) < 1e-9
        assert line.agreement_number == AGREED["agreement_number"]
        assert agree.count == 0

    def test_the_lines_follow_a_restructuring(self, engine: Engine, city: RegistryBuilder) -> None:
        with city.work("split", Verb.CHANGE) as work:
            commit_paper(work, paper(*SPLIT))

        with engine.connect() as connection:
            (agree, _due) = run(connection, LINE_INVARIANTS)
        assert agree.count == 0

    def test_the_lines_follow_an_act_of_a_day_before_their_inspection(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with city.work("inspection", Verb.CHANGE) as work:
            key = line_of(city, town(0), town(1))
            commands.inspect(work, key, inspected_on=date(2022, 1, 1))
        with city.work("split", Verb.CHANGE) as work:
            commit_paper(work, paper(*SPLIT))

        with engine.connect() as connection:
            line = LineStore(connection).line(key, city.as_of(connection))
            (agree, _due) = run(connection, LINE_INVARIANTS)
        assert agree.count == 0
        assert line.inspected_on == date(2022, 1, 1)
        assert line.length_m == pytest.approx(4071 * 3 / 4, rel=0.01)

    def test_a_line_that_leaves_its_edge_is_found(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        from registry.lines.tables import boundary_line_version

        key = line_of(city, WEST, EAST)
        with city.work("astray") as work:
            before = work.believed(boundary_line_version, [key])[key]
            moved = shapely.affinity.translate(before[0].value("course"), 0.0001)
            from registry.changes.timeline import correct

            after = correct(before, before[0].valid, {"course": moved}, "correct")
            work.rewrite(boundary_line_version, key, before, after)

        with engine.connect() as connection:
            (agree, _due) = run(connection, LINE_INVARIANTS)
        assert {one.subject for one in agree.breaches} == {key}


class TheJointInspection:
    @pytest.mark.parametrize(
        ("agreed_on", "inspected_on", "overdue"),
        [
            (date(2010, 1, 1), None, True),
            (date(2010, 1, 1), date(2015, 6, 1), True),
            (date(2010, 1, 1), date(2026, 6, 1), False),
            (date(2026, 1, 1), None, False),
        ],
    )
    def test_is_due_every_five_years(
        self,
        engine: Engine,
        city: RegistryBuilder,
        agreed_on: date,
        inspected_on: date | None,
        overdue: bool,
    ) -> None:
        key = line_of(city, town(0), town(1))
        with city.work("agreement", Verb.CHANGE) as work:
            said = {**AGREED, "agreement_on": agreed_on}
            commands.describe(work, key, said, on=agreed_on)
        if inspected_on is not None:
            with city.work("inspection", Verb.CHANGE) as work:
                commands.inspect(work, key, inspected_on=inspected_on)

        with engine.connect() as connection:
            (_agree, due) = run(connection, LINE_INVARIANTS)
            line = LineStore(connection).line(key, city.as_of(connection, date(2026, 11, 1)))

        assert ({one.subject for one in due.breaches} == {key}) is overdue
        assert line.inspection_due_on() == years_later(inspected_on or agreed_on, 5)

    def test_is_asked_of_agreed_lines_only(self, engine: Engine, city: RegistryBuilder) -> None:
        with engine.connect() as connection:
            (_agree, due) = run(connection, LINE_INVARIANTS)
        assert due.count == 0


KINDS = st.sampled_from(list(MarkerKind))


class TheNumberOfAMarker:
    @given(
        st.lists(
            st.tuples(KINDS, st.floats(118, 118.2), st.floats(24, 24.02)), min_size=1, max_size=40
        )
    )
    def test_is_one_series_from_west_to_east(
        self, stands: list[tuple[MarkerKind, float, float]]
    ) -> None:
        spots = [Point(lon, lat) for _kind, lon, lat in stands]
        kinds = [kind for kind, _lon, _lat in stands]

        numbers = marker_numbers("0007", kinds, spots)

        assert sorted(one[4:7] for one in numbers) == [
            f"{place:03d}" for place in range(1, len(stands) + 1)
        ]
        for number, kind in zip(numbers, kinds, strict=True):
            check_number(number, kind)
            assert number[-1] in LETTERS[kind]
        if max(s.x for s in spots) - min(s.x for s in spots) > 0.05:
            in_order = [
                spots[numbers.index(one)].x for one in sorted(numbers, key=lambda n: n[4:7])
            ]
            assert in_order == sorted(in_order)

    @pytest.mark.parametrize("number", ["0001000Q", "0001001A", "001001Q", "0001001q", "x", ""])
    def test_of_another_form_is_refused(self, number: str) -> None:
        with pytest.raises(MarkerNumberIsInvalid):
            check_number(number, MarkerKind.SINGLE)


class WhatBelongsToALineOrAMarker:
    def test_ends_with_the_marker(self, engine: Engine, city: RegistryBuilder) -> None:
        began, ended = date(2016, 1, 1), date(2020, 1, 1)
        with city.work("marker", Verb.CHANGE) as work:
            made = commands.set_marker(
                work,
                line_of(city, WEST, EAST),
                number="0001001Q",
                kind=MarkerKind.SINGLE,
                spot=Point(118.01, 24.005),
                on=began,
            )
            note_landmarks(work, made.marker_id, [Landmark("古榕", 45.0, 12.5)], on=began)

        with city.work("gone", Verb.CHANGE) as work:
            commands.end_marker(work, made.marker_id, on=ended)

        assert days_of(engine, marker_landmark_version) == [Period(began, ended)]

    def test_ends_with_the_line(self, engine: Engine, city: RegistryBuilder) -> None:
        began, ended = date(2016, 1, 1), date(2025, 7, 1)
        with city.work("course", Verb.CHANGE) as work:
            river = Segment(SegmentKind.RIVER, "桥头", "河口", "小溪")
            describe_course(work, line_of(city, WEST, EAST), [river], on=began)
        decree = {"authority": "厦门市翔安区人民政府"}
        given = asked(Reason.LEGAL_CHANGE, decree=decree, effective_on=ended)

        update = filed(engine, lambda at: giving(at, city, WEST, NORTH, strip()), given)
        committed(engine, approved(engine, update))

        assert days_of(engine, boundary_segment_version) == [Period(began, ended)]


def days_of(engine: Engine, table: Table) -> list[Period]:
    """The days of everything a table holds that is believed now."""
    with engine.connect() as connection:
        rows = connection.scalars(select(table.c.valid).where(table.c.recorded_to.is_(None)))
        return [to_period(one) for one in rows]


class TheMarkersOfALine:
    def test_leave_their_number_taken_when_they_go_on_the_day_they_came(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        key, day = line_of(city, WEST, EAST), date(2016, 1, 1)
        spot, number = Point(118.01, 24.005), "0001001Q"
        with city.work("numbered", Verb.CHANGE) as work:
            commands.describe(work, key, {"number": "0001"}, on=day)
        with city.work("marker", Verb.CHANGE) as work:
            made = commands.set_marker(
                work, key, number=number, kind=MarkerKind.SINGLE, spot=spot, on=day
            )
        with city.work("gone", Verb.CHANGE) as work:
            commands.end_marker(work, made.marker_id, on=day)

        with city.work("again", Verb.CHANGE) as work:
            with pytest.raises(MarkerNumberIsTaken):
                commands.set_marker(
                    work, key, number=number, kind=MarkerKind.SINGLE, spot=spot, on=day
                )
            (after,) = set_series(work, key, [Stand(MarkerKind.SINGLE, spot, {})], on=day)

        assert after.number == "0001002Q"

    def test_stand_on_it_and_are_told_when_it_moves(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        key = line_of(city, WEST, EAST)
        with city.work("marker", Verb.CHANGE) as work:
            made = commands.set_marker(
                work,
                key,
                number="0001001Q",
                kind=MarkerKind.SINGLE,
                spot=Point(118.01, 24.005),
                on=date(2016, 1, 1),
                more={"keeper": "甲镇人民政府", "material": "花岗岩"},
            )
            with pytest.raises(MarkerIsOffItsLine):
                commands.set_marker(
                    work,
                    key,
                    number="0001002Q",
                    kind=MarkerKind.SINGLE,
                    spot=Point(118.011, 24.005),
                    on=date(2016, 1, 1),
                )
        with city.work("damaged", Verb.CHANGE) as work:
            commands.report_marker(work, made.marker_id, MarkerState.DAMAGED, on=date(2020, 1, 1))

        with engine.connect() as connection:
            store = LineStore(connection)
            head = ChangeStore(connection).head()
            states = [
                store.marker(made.marker_id, AsOf(day, head)).state.value
                for day in (date(2019, 1, 1), date(2021, 1, 1))
            ]
        assert states == ["standing", "damaged"]
        update = filed(engine, lambda at: bent(at, city, 24.005))
        with engine.connect() as connection:
            from registry.boundaries.report import report_of

            report = report_of(connection, update.update_id)
        assert [one.number for one in report.effects.markers] == ["0001001Q"]


class TheScopeOfLines:
    @pytest.mark.parametrize(
        ("code", "lines"), [(COUNTY, 17 + 2), (town(0), 3), (village(0, 0), 0)]
    )
    def test_goes_from_one_snapshot_to_the_next(
        self, engine: Engine, code: str, lines: int
    ) -> None:
        made = grid_city(engine)
        view = FeedView(within=made.ids[code])
        with engine.connect() as connection:
            start = ChangeStore(connection).head()
            held = shown(connection, view, start)
        with made.work("lines") as work:
            for level in (4, 5):
                derive_all(work, made.ids[COUNTY], level, on=TODAY)
        key = line_of(made, WEST, EAST)
        with made.work("marker", Verb.CHANGE) as work:
            commands.set_marker(
                work,
                key,
                number="0001001Q",
                kind=MarkerKind.SINGLE,
                spot=Point(118.01, 24.005),
                on=date(2016, 1, 1),
            )
        with made.work("split", Verb.CHANGE) as work:
            commit_paper(work, paper(*SPLIT))

        with engine.connect() as connection:
            head = ChangeStore(connection).head()
            for number in range(start + 1, head + 1):
                held = apply(held, list(scoped_items(connection, view, number)))
                assert held == shown(connection, view, number)
            after_lines = shown(connection, view, start + 1)
        assert sum(one[0] == "boundary_line_version" for one in after_lines) == lines
