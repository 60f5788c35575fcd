"""Boundary updates: filed, checked, mended, approved by another, carried out as one change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
import shapely
from shapely.geometry import Polygon, box
from sqlalchemy import Engine, text

from geo.coverage.model import DefectKind
from registry.boundaries import commands, enactment, proposing
from registry.boundaries.effects import effects_of
from registry.boundaries.errors import (
    BoundaryHasMoved,
    CoverageIsBroken,
    DecreeIsMissing,
    DoorsWouldMove,
    EdgeIsTaken,
    EditsConflict,
    FeatureHasMoved,
    RepairIsUnknown,
    UpdateBelongsToAnother,
    UpdateChangesNothing,
)
from registry.boundaries.findings import findings_of
from registry.boundaries.model import DoorChoice, Origin, Reason, UpdateState
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings
from registry.changes.model import Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.errors import ApproverIsAuthor, GeometryIsInvalid, StateForbids
from tests.builder import TODAY, RegistryBuilder
from tests.grid_city import COUNTY, grid_city, town, village
from tests.registry.boundaries.grid import (
    EAST,
    NORTH,
    OTHER,
    REVIEWER,
    SURVEYOR,
    WEST,
    approved,
    asked,
    bent,
    committed,
    filed,
    giving,
    home_of,
    strip,
    territory,
)

DECREE = {"authority": "厦门市翔安区人民政府", "number": "翔政〔2026〕1号"}


@pytest.fixture
def city(engine: Engine) -> RegistryBuilder:
    made = grid_city(engine)
    with made.work("doors") as work:
        made.door(work, WEST, 1, spot=(118.005, 24.005))
        made.door(work, WEST, 2, spot=(118.0096, 24.0085))
        made.door(work, EAST, 3, spot=(118.015, 24.005))
    return made


def door(made: RegistryBuilder, number: int) -> str:
    return list(made.address_ids)[number - 1]


def waiting(engine: Engine) -> bool:
    asked = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(asked))


class WhenAStripPassesFromOneVillageToAnother:
    def test_a_legal_change_moves_the_land_and_its_doors_from_its_day(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        given = asked(Reason.LEGAL_CHANGE, decree=DECREE, effective_on=date(2025, 7, 1))
        update = filed(engine, lambda at: giving(at, city, WEST, EAST, strip()), given)

        done = committed(engine, approved(engine, update))

        with engine.connect() as connection:
            assert home_of(connection, door(city, 2)) == city.ids[EAST]
            assert home_of(connection, door(city, 1)) == city.ids[WEST]
            change = ChangeStore(connection).get(done.change_number or 0)
            assert (change.verb, change.effective_on) == (Verb.CHANGE, date(2025, 7, 1))
            assert change.decree is not None and change.decree.number == DECREE["number"]
            store = DivisionStore(connection)
            day_before = AsOf(date(2025, 6, 30), change.number)
            old = store.territory(city.ids[EAST], day_before)
            new = store.territory(city.ids[EAST], AsOf(date(2025, 7, 1), change.number))
            assert old is not None and new is not None and new.area_m2 > old.area_m2
            assert old.valid.end == date(2025, 7, 1)

    def test_the_effects_are_listed_with_signs_before_anything_is_written(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        update = filed(engine, lambda at: giving(at, city, WEST, EAST, strip()))

        with engine.connect() as connection:
            drawn = BoundaryStore(connection).territories(update.update_id)
            ground = commands.ground_of(connection, update, drawn)
            around = Surroundings(connection, AsOf(TODAY, update.based_on))
            effects = effects_of(around, ground)

        (piece,) = effects.ground
        assert (piece.from_division, piece.to_division) == (city.ids[WEST], city.ids[EAST])
        assert piece.area_m2 == pytest.approx(101.7 * 1107.8, rel=0.02)
        assert [one.code for one in effects.doors] == [door(city, 2)]
        # The neighbours to the north and the town have no vertex where the new edge ends.
        assert {one.kind for one in findings_of(ground)} <= {DefectKind.MISSING_VERTEX}

    def test_drawing_it_better_moves_no_door_silently(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        update = filed(engine, lambda at: giving(at, city, WEST, EAST, strip()))

        with engine.connect() as connection, pytest.raises(DoorsWouldMove) as refused:
            commands.submit(connection, update.update_id, who=SURVEYOR)

        assert refused.value.facts["codes"] == [door(city, 2)]

    @pytest.mark.parametrize("choice", DoorChoice)
    def test_drawing_it_better_does_with_doors_what_it_says(
        self, engine: Engine, city: RegistryBuilder, choice: DoorChoice
    ) -> None:
        given = asked(doors=choice)
        update = filed(engine, lambda at: giving(at, city, WEST, EAST, strip()), given)

        done = committed(engine, approved(engine, update))

        with engine.connect() as connection:
            home = home_of(connection, door(city, 2))
            assert home == city.ids[EAST if choice is DoorChoice.MOVE else WEST]
            change = ChangeStore(connection).get(done.change_number or 0)
            assert (change.verb, change.effective_on) == (Verb.REDIGITISE, None)
            # Nothing moved in the world: the better line holds on every day.
            long_ago = AsOf(date(1990, 1, 1), change.number)
            found = DivisionStore(connection).territory(city.ids[EAST], long_ago)
            assert found is not None and found.basis == "surveyed"

    def test_a_door_set_up_after_the_approval_is_not_moved_silently(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        narrow = strip(0.0002)
        update = approved(engine, filed(engine, lambda at: giving(at, city, WEST, EAST, narrow)))
        with city.work("a new door") as work:
            city.door(work, WEST, 4, spot=(118.0099, 24.005))

        with pytest.raises(DoorsWouldMove):
            committed(engine, update)

        with engine.connect() as connection:
            assert home_of(connection, door(city, 4)) == city.ids[WEST]

    def test_a_legal_change_names_its_decree(self, engine: Engine, city: RegistryBuilder) -> None:
        with pytest.raises(DecreeIsMissing):
            filed(
                engine,
                lambda at: giving(at, city, WEST, EAST, strip()),
                asked(Reason.LEGAL_CHANGE),
            )

    def test_the_towns_follow_when_the_villages_are_of_different_ones(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        nose = box(118.002, 24.009, 118.004, 24.01)
        update = filed(engine, lambda at: giving(at, city, WEST, NORTH, nose))

        committed(engine, approved(engine, update))

        with engine.connect() as connection:
            south, north = (territory(connection, city, town(place)) for place in (0, 1))
            assert north.covers(nose) and south.intersection(nose).area == 0
            whole = territory(connection, city, COUNTY)
            assert shapely.union_all([south, north]).difference(whole).area == 0
            assert shapely.coverage_is_valid([south, north])

    def test_streets_newly_cut_and_names_that_change_division_are_told(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        from registry.changes.timeline import begin
        from registry.names.tables import place_extent_version
        from tests.builder import BEFORE_RECORDS

        inside, across = city.carrier("过境里", WEST), city.carrier("半截里", WEST)
        with city.work("extents") as work:
            for key, line in ((inside, (118.0092, 118.0097)), (across, (118.005, 118.0097))):
                values = {
                    "extent": shapely.LineString([(line[0], 24.004), (line[1], 24.005)]),
                    "division_id": city.ids[WEST],
                    "basis": "surveyed",
                    "source": "test",
                }
                before = work.believed(place_extent_version, [key])[key]
                after = begin((), BEFORE_RECORDS, values, "import")
                work.rewrite(place_extent_version, key, before, after)
        given = asked(doors=DoorChoice.MOVE)
        update = filed(engine, lambda at: giving(at, city, WEST, EAST, strip()), given)

        with engine.connect() as connection:
            drawn = BoundaryStore(connection).territories(update.update_id)
            ground = commands.ground_of(connection, update, drawn)
            effects = effects_of(Surroundings(connection, AsOf(TODAY, update.based_on)), ground)

        told = {one.name: (one.to_division, one.cut) for one in effects.places}
        assert told == {
            "过境里": (city.ids[EAST], False),
            "半截里": (city.ids[town(0)], True),
        }


class WhenWhatWasDrawnDoesNotFit:
    def test_it_is_told_mended_on_demand_and_listed(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        wider = box(118.0, 24.0, 118.0105, 24.01)
        update = filed(engine, lambda _at: {city.ids[WEST]: wider})

        with engine.connect() as connection:
            with pytest.raises(CoverageIsBroken):
                commands.submit(connection, update.update_id, who=SURVEYOR)
            ground = commands.ground_of(
                connection, update, BoundaryStore(connection).territories(update.update_id)
            )
            (overlap,) = [one for one in findings_of(ground) if one.blocking]
            assert overlap.kind is DefectKind.OVERLAP
            neighbour_gives_way = overlap.repairs[0]
            assert neighbour_gives_way.division_id == city.ids[EAST]
            after = commands.accept_repairs(
                connection, update.update_id, [neighbour_gives_way.repair_id], who=SURVEYOR
            )
            connection.commit()
            drawn = BoundaryStore(connection).territories(update.update_id)
            commands.submit(connection, update.update_id, who=SURVEYOR)

        assert [one["kind"] for one in after.accepted] == ["trim"]
        assert drawn[city.ids[EAST]].origin is Origin.REPAIRED
        assert drawn[city.ids[EAST]].territory.intersection(wider).area == 0

    def test_a_repair_that_is_not_offered_is_refused(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        update = filed(engine, lambda at: bent(at, city, 24.005))

        with engine.connect() as connection, pytest.raises(RepairIsUnknown):
            commands.accept_repairs(connection, update.update_id, ["feedface0000"], who=SURVEYOR)

    def test_a_bow_tie_is_a_draft_that_cannot_be_submitted(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        tie = Polygon([(118.0, 24.0), (118.01, 24.01), (118.01, 24.0), (118.0, 24.01)])
        update = filed(engine, lambda _at: {city.ids[WEST]: tie})

        with engine.connect() as connection, pytest.raises(CoverageIsBroken) as refused:
            commands.submit(connection, update.update_id, who=SURVEYOR)

        assert any("self_crossing" in str(one) for one in refused.value.facts["findings"])

    def test_what_was_wrong_before_does_not_stand_in_the_way(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        far = village(0, 3)
        hole = filed(
            engine, lambda _at: {city.ids[far]: box(118.03, 24.0, 118.0399, 24.01)}, asked()
        )
        with engine.connect() as connection:
            # As an import would leave it: written without a check.
            from registry.boundaries.tables import boundary_update

            connection.execute(boundary_update.update().values(state="approved"))
            connection.commit()
        committed(engine, hole)

        update = filed(engine, lambda at: bent(at, city, 24.005))

        with engine.connect() as connection:
            ground = commands.ground_of(
                connection, update, BoundaryStore(connection).territories(update.update_id)
            )
            found = findings_of(ground)
            commands.submit(connection, update.update_id, who=SURVEYOR)
        assert [(one.kind, one.legacy) for one in found if one.kind is not DefectKind.MISSING_VERTEX] == [
            (DefectKind.OUTLINE_MISMATCH, True)
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "wrong",
        [
            shapely.Point(118, 24),
            Polygon(),
            Polygon([(500000, 2700000), (500100, 2700000), (500100, 2700100)]),
        ],
    )
    def test_what_is_no_territory_is_refused(
        self, engine: Engine, city: RegistryBuilder, wrong: shapely.Geometry
    ) -> None:
        with pytest.raises(GeometryIsInvalid):
            filed(engine, lambda _at: {city.ids[WEST]: wrong})

    def test_what_is_recorded_already_is_no_update(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with pytest.raises(UpdateChangesNothing):
            filed(engine, lambda at: {city.ids[WEST]: territory(at, city, WEST)})


class WhenTwoSurveyorsAreAtOneEdge:
    def test_the_second_is_told_whose_draft_it_is(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        first = filed(engine, lambda at: bent(at, city, 24.002))

        with pytest.raises(EdgeIsTaken) as refused:
            filed(engine, lambda at: bent(at, city, 24.007), asked(author=OTHER))

        (draft,) = refused.value.facts["drafts"]
        assert (draft["update_id"], draft["author"]) == (str(first.update_id), SURVEYOR)

    def test_the_edge_is_free_when_the_first_withdraws(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        first = filed(engine, lambda at: bent(at, city, 24.002))
        with engine.connect() as connection:
            commands.withdraw(connection, first.update_id, who=SURVEYOR)
            connection.commit()

        filed(engine, lambda at: bent(at, city, 24.007), asked(author=OTHER))

    def test_other_edges_are_free(self, engine: Engine, city: RegistryBuilder) -> None:
        filed(engine, lambda at: bent(at, city, 24.002))

        nose = box(118.032, 24.019, 118.034, 24.02)
        filed(
            engine,
            lambda at: giving(at, city, village(1, 3), village(2, 3), nose),
            asked(author=OTHER),
        )


class WhenTheGroundMovesUnderADraft:
    def test_it_is_refused_and_says_what_moved(self, engine: Engine, city: RegistryBuilder) -> None:
        mine = filed(engine, lambda at: bent(at, city, 24.002))
        again = filed(engine, lambda at: bent(at, city, 24.007))
        committed(engine, approved(engine, again))

        with engine.connect() as connection, pytest.raises(BoundaryHasMoved) as refused:
            commands.submit(connection, mine.update_id, who=SURVEYOR)

        assert any("甲东村" in str(one) for one in refused.value.facts["moved"])

    def test_rebasing_takes_in_what_others_did_elsewhere(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        mine = filed(engine, lambda at: bent(at, city, 24.002))
        again = filed(engine, lambda at: bent(at, city, 24.007))
        committed(engine, approved(engine, again))

        with engine.connect() as connection:
            rebased = enactment.rebase(connection, mine.update_id, who=SURVEYOR)
            connection.commit()

        assert set(rebased.moved) == {city.ids[WEST], city.ids[EAST]}
        committed(engine, approved(engine, rebased.update))
        with engine.connect() as connection:
            east = territory(connection, city, EAST)
            assert east.covers(shapely.Point(118.0095, 24.002))
            assert east.covers(shapely.Point(118.0095, 24.007))
            assert shapely.coverage_is_valid([east, territory(connection, city, WEST)])

    def test_ground_both_changed_is_a_conflict_with_both_sides(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        mine = filed(engine, lambda at: bent(at, city, 24.005, 0.001))
        again = filed(engine, lambda at: bent(at, city, 24.005, 0.002))
        committed(engine, approved(engine, again))

        with engine.connect() as connection, pytest.raises(EditsConflict) as refused:
            enactment.rebase(connection, mine.update_id, who=SURVEYOR)

        first = refused.value.facts["conflicts"][0]
        assert first["name"] in ("甲东村", "甲南村")
        assert {"mine", "theirs", "place"} <= first.keys()


class TheStepsOfAnUpdate:
    def test_are_taken_in_order_by_the_right_people(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        update = filed(engine, lambda at: bent(at, city, 24.005))
        with engine.connect() as connection:
            with pytest.raises(StateForbids):
                commands.approve(connection, update.update_id, who=REVIEWER)
            with pytest.raises(UpdateBelongsToAnother):
                commands.submit(connection, update.update_id, who=OTHER)
            commands.submit(connection, update.update_id, who=SURVEYOR)
            with pytest.raises(ApproverIsAuthor):
                commands.approve(connection, update.update_id, who=SURVEYOR)
            with pytest.raises(StateForbids):
                commands.accept_repairs(connection, update.update_id, [], who=SURVEYOR)
            commands.reject(connection, update.update_id, who=REVIEWER, reason="测站不足")
            commands.submit(connection, update.update_id, who=SURVEYOR)
            commands.approve(connection, update.update_id, who=REVIEWER)
            steps = BoundaryStore(connection).steps(update.update_id)

        assert [one.step for one in steps] == ["file", "submit", "reject", "submit", "approve"]
        assert steps[2].reason == "测站不足"

    def test_nothing_enters_the_registry_before_it_is_committed(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with engine.connect() as connection:
            head = ChangeStore(connection).head()
            was = territory(connection, city, WEST)
        update = filed(engine, lambda at: bent(at, city, 24.005))
        approved(engine, update)

        with engine.connect() as connection:
            assert ChangeStore(connection).head() == head
            assert territory(connection, city, WEST).equals(was)
        done = committed(engine, update)
        assert (done.state, done.change_number) == (UpdateState.COMMITTED, head + 1)


class WhatComesFeatureByFeature:
    def test_grows_one_draft_of_the_surveyor(self, engine: Engine, city: RegistryBuilder) -> None:
        with engine.connect() as connection:
            drawn = bent(connection, city, 24.005)
            version = proposing.version_of(connection, city.ids[WEST], TODAY)
            ids = {
                proposing.propose_territory(
                    connection,
                    division,
                    geometry,
                    expected_version=version,
                    account=SURVEYOR,
                    on=TODAY,
                )
                for division, geometry in drawn.items()
            }
            connection.commit()

        (update_id,) = ids
        with engine.connect() as connection:
            commands.submit(connection, update_id, who=SURVEYOR)

    def test_waits_its_turn_without_holding_the_draft(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        def draw(at_lat: float) -> UUID:
            with engine.connect() as connection:
                drawn = bent(connection, city, at_lat)[city.ids[WEST]]
                found = proposing.propose_territory(
                    connection, city.ids[WEST], drawn,
                    expected_version=None, account=SURVEYOR, on=TODAY,
                )  # fmt: skip
                connection.commit()
            return found

        draft = draw(24.005)
        with ThreadPoolExecutor() as people, engine.connect() as step:
            BoundaryStore(step).queue()
            edit = people.submit(draw, 24.004)
            while not waiting(engine):
                assert not edit.done()
            commands.withdraw(step, draft, who=SURVEYOR)
            step.commit()

        assert edit.result() != draft

    def test_refuses_what_was_edited_on_an_old_version(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        with engine.connect() as connection:
            version = proposing.version_of(connection, city.ids[WEST], TODAY)
        update = filed(engine, lambda at: bent(at, city, 24.005))
        committed(engine, approved(engine, update))

        with engine.connect() as connection, pytest.raises(FeatureHasMoved):
            proposing.propose_territory(
                connection,
                city.ids[WEST],
                box(118.0, 24.0, 118.01, 24.01),
                expected_version=version,
                account=OTHER,
                on=TODAY,
            )
