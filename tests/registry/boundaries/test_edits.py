"""Feature edits of a boundary update: how they add up, who may make them, what becomes of them."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some
from shapely.geometry import Point
from sqlalchemy import Engine

from registry.boundaries import commands, enactment, proposing
from registry.boundaries.edits import ADDRESSES, MARKERS, Action, FeatureEdit
from registry.boundaries.errors import (
    CollectionIsNotEditable,
    FeatureHasMoved,
    FeatureIsTaken,
    UpdateChangesNothing,
)
from registry.boundaries.proposing import Wanted
from registry.boundaries.report import report_of
from registry.boundaries.store import BoundaryStore
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.lines.commands import line_id_of, set_marker
from registry.lines.following import derive_all
from registry.lines.model import MarkerKind
from registry.lines.store import LineStore
from registry.log.sealing import seal
from tests.builder import TODAY, RegistryBuilder
from tests.grid_city import COUNTY, grid_city
from tests.registry.boundaries.grid import EAST, OTHER, REVIEWER, SURVEYOR, WEST

SPOT = Point(118.01, 24.005)
SUBJECT = uuid4()


@pytest.fixture
def city(engine: Engine) -> RegistryBuilder:
    made = grid_city(engine)
    with made.work("lines") as work:
        derive_all(work, made.ids[COUNTY], 5, on=TODAY)
    return made


def wanted(action: Action, feature_id: str | None = None, who: str = SURVEYOR, **said: object) -> Wanted:  # fmt: skip
    spot = SPOT if action is Action.BEGIN else None
    return Wanted(MARKERS, action, feature_id, spot, said, None, who, TODAY)


def marked(engine: Engine, city: RegistryBuilder) -> str:
    """A recorded marker between west and east; returns its id."""
    line = line_id_of(city.ids[WEST], city.ids[EAST])
    with city.work("marker") as work:
        made = set_marker(
            work, line, number="0001001Q", kind=MarkerKind.SINGLE, spot=SPOT, on=TODAY
        )
    return str(made.marker_id)


def proposed(engine: Engine, asked: Wanted) -> proposing.Proposed:
    with engine.connect() as connection:
        found = proposing.propose_edit(connection, asked)
        connection.commit()
    return found


def edit(action: Action, said: dict[str, object], spot: Point | None, based_on: int) -> FeatureEdit:
    return FeatureEdit(MARKERS, str(SUBJECT), SUBJECT, action, spot, said, based_on)


class WhatIsSaidTwice:
    @given(
        first=some.dictionaries(some.sampled_from("abc"), some.integers()),
        second=some.dictionaries(some.sampled_from("abc"), some.integers()),
        moved=some.tuples(some.booleans(), some.booleans()),
        began=some.booleans(),
    )
    def test_counts_as_it_was_said_last(
        self,
        first: dict[str, object],
        second: dict[str, object],
        moved: tuple[bool, bool],
        began: bool,
    ) -> None:
        spots = [Point(place, 0) if one else None for place, one in enumerate(moved)]
        earlier = edit(Action.BEGIN if began else Action.ALTER, first, spots[0], 7)

        both = edit(Action.ALTER, second, spots[1], 9).after(earlier)

        assert both is not None
        assert both.action is earlier.action and both.based_on == 7
        assert both.said == {**first, **second}
        assert both.geometry == (spots[1] if moved[1] else spots[0])

    @given(
        first=some.dictionaries(some.sampled_from("abc"), some.integers()),
        back=some.frozensets(some.sampled_from(("a", "b", "c", "geometry")), min_size=1),
        moved=some.booleans(),
    )
    def test_is_taken_back_by_saying_that_it_is_as_it_is(
        self, first: dict[str, object], back: frozenset[str], moved: bool
    ) -> None:
        spot = SPOT if moved else None
        left = {name: value for name, value in first.items() if name not in back}
        where = None if "geometry" in back else spot

        both = edit(Action.ALTER, {}, None, 9).after(edit(Action.ALTER, first, spot, 7), back)

        whole = edit(Action.ALTER, left, where, 7)
        assert both == (whole if left or where is not None else None)

    def test_of_what_begins_and_ends_in_one_draft_nothing_is_left(self) -> None:
        assert edit(Action.END, {}, None, 9).after(edit(Action.BEGIN, {}, SPOT, 7)) is None

    def test_an_end_takes_the_place_of_what_was_altered_and_is_said_once(self) -> None:
        ended = edit(Action.END, {}, None, 9).after(edit(Action.ALTER, {"a": 1}, SPOT, 7))

        assert ended == edit(Action.END, {}, None, 7)
        with pytest.raises(UpdateChangesNothing):
            edit(Action.END, {}, None, 9).after(ended)
        assert edit(Action.ALTER, {"a": 2}, None, 9).after(ended) == edit(
            Action.ALTER, {"a": 2}, None, 7
        )


class WhenTwoSurveyorsAreAtOneMarker:
    def test_one_is_told_however_close_they_come(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        marker = marked(engine, city)

        def alter(who: str) -> str | None:
            try:
                return str(
                    proposed(engine, wanted(Action.ALTER, marker, who, keeper=who)).update_id
                )
            except FeatureIsTaken as error:
                (draft,) = error.facts["drafts"]  # type: ignore[misc] # a list of one
                return f"taken by {draft['author']}"

        with ThreadPoolExecutor() as people:
            said = list(people.map(alter, (SURVEYOR, OTHER)))

        told = [one for one in said if one is not None and one.startswith("taken by")]
        assert told in ([f"taken by {SURVEYOR}"], [f"taken by {OTHER}"])

    def test_the_edge_is_free_again_when_the_draft_is_withdrawn(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        marker = marked(engine, city)
        mine = proposed(engine, wanted(Action.ALTER, marker, keeper="甲"))
        with engine.connect() as connection:
            commands.withdraw(connection, mine.update_id, who=SURVEYOR)
            connection.commit()

        theirs = proposed(engine, wanted(Action.ALTER, marker, OTHER, keeper="乙"))

        assert theirs.update_id != mine.update_id


class WhenADraftIsTriedOut:
    def test_no_change_is_made_and_no_number_is_lost(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with engine.connect() as connection:
            head = ChangeStore(connection).head()

        made = proposed(engine, wanted(Action.BEGIN, number="0001001Q", kind="single"))

        with engine.connect() as connection:
            assert ChangeStore(connection).head() == head
            assert LineStore(connection).markers(AsOf(TODAY, head)) == []
            commands.submit(connection, made.update_id, who=SURVEYOR)
            commands.approve(connection, made.update_id, who=REVIEWER)
            connection.commit()
        with engine.connect() as connection:
            held = BoundaryStore(connection).get(made.update_id)
            work = Work(connection, enactment.intent_of(held, who=REVIEWER))
            enactment.commit(work, made.update_id, who=REVIEWER)
            seal(work)
            connection.commit()
            assert work.number == head + 1
            (marker,) = LineStore(connection).markers(AsOf(TODAY, head + 1))
            assert str(marker.marker_id) == made.feature_id


class EveryEdit:
    def test_of_what_is_not_drawn_is_refused(self, engine: Engine, city: RegistryBuilder) -> None:
        plate = Wanted(
            "plates", Action.ALTER, str(uuid4()), SPOT, {}, None, SURVEYOR, TODAY
        )  # fmt: skip
        with engine.connect() as connection, pytest.raises(CollectionIsNotEditable):
            proposing.propose_edit(connection, plate)

    def test_made_on_an_old_state_is_refused(self, engine: Engine, city: RegistryBuilder) -> None:
        with engine.connect() as connection:
            before = ChangeStore(connection).head()
        marker = marked(engine, city)
        old = Wanted(
            MARKERS, Action.ALTER, marker, None, {"keeper": "甲"}, before, SURVEYOR, TODAY
        )  # fmt: skip

        with pytest.raises(FeatureHasMoved):
            proposed(engine, old)

    def test_of_a_door_is_shown_with_how_far_it_moves(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with city.work("doors") as work:
            code = city.door(work, WEST, 1)
        moved = Wanted(
            ADDRESSES, Action.ALTER, code, Point(118.006, 24.006), {}, None, SURVEYOR, TODAY
        )  # fmt: skip

        made = proposed(engine, moved)

        with engine.connect() as connection:
            (shown,) = report_of(connection, made.update_id).edits
            assert shown.moved_m == pytest.approx(150, abs=5)
            assert shown.holder is not None and shown.holder.division_id == city.ids[WEST]
