"""What becomes of doors, places, lines and markers that a boundary update itself says something of."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from shapely.geometry import LineString, Point
from sqlalchemy import Engine, select

from registry.addresses.tables import address, address_version, position_version
from registry.boundaries import commands
from registry.boundaries.edit_store import JOINT, EditStore
from registry.boundaries.edits import ADDRESSES, LINES, THOROUGHFARES, Action, FeatureEdit
from registry.boundaries.errors import DoorsWouldMove
from registry.boundaries.model import Asked, BoundaryUpdate, DoorChoice, Reason
from registry.changes.period import Period
from registry.changes.rows import lines_of
from registry.changes.timeline import Timeline, begin
from registry.changes.timeline import at as version_at
from registry.divisions.tables import division_version, territory_version
from registry.lines.commands import line_id_of
from registry.lines.tables import boundary_line_version
from registry.names.tables import place_extent_version
from tests.builder import BEFORE_RECORDS, TODAY, RegistryBuilder
from tests.grid_city import grid_city, town, village
from tests.registry.boundaries.grid import (
    EAST,
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
)

ON_THE_STRIP, IN_THE_WEST = (118.0095, 24.005), (118.005, 24.005)
DECREE = {"authority": "厦门市翔安区人民政府", "number": "翔政〔2026〕1号"}
THIRD = village(0, 2)
"""Beside the eastern one; none of these updates draws it."""
FOUNDED = date(2020, 1, 1)
MOVING = asked(doors=DoorChoice.MOVE)
BY_LAW = asked(Reason.LEGAL_CHANGE, decree=DECREE, effective_on=date(2025, 7, 1))


@pytest.fixture
def city(engine: Engine) -> RegistryBuilder:
    return grid_city(engine)


def door(made: RegistryBuilder, spot: tuple[float, float], village: str = WEST) -> str:
    with made.work("door") as work:
        return made.door(work, village, 1, spot=spot)


def place(made: RegistryBuilder, spot: tuple[float, float]) -> UUID:
    """A lane of the western village, about thirty metres long."""
    key = made.carrier("小巷", WEST)
    values = {
        "extent": lane(spot),
        "division_id": made.ids[WEST],
        "basis": "digitised",
        "source": "test",
    }
    with made.work("extent") as work:
        before = work.believed(place_extent_version, [key])[key]
        after = begin((), BEFORE_RECORDS, values, "import")
        work.rewrite(place_extent_version, key, before, after)
    return key


def lane(spot: tuple[float, float]) -> LineString:
    return LineString([spot, (spot[0] + 0.0003, spot[1])])


def object_of(engine: Engine, code: str) -> UUID:
    with engine.connect() as connection:
        found: UUID = connection.scalars(
            select(address.c.object_id).where(address.c.code == code)
        ).one()
    return found


def edited(
    engine: Engine,
    update: BoundaryUpdate,
    collection: str,
    feature: tuple[str, UUID],
    geometry: Any = None,
    **said: object,
) -> BoundaryUpdate:
    """The update with one feature altered besides."""
    one = FeatureEdit(collection, *feature, Action.ALTER, geometry, said, update.based_on)
    with engine.connect() as connection:
        EditStore(connection).put(update.update_id, one)
        connection.commit()
    return update


def passing(engine: Engine, made: RegistryBuilder, given: Asked | None = None) -> BoundaryUpdate:
    """The strip passes from west to east."""
    return filed(engine, lambda at: giving(at, made, WEST, EAST, strip()), given)


def elsewhere(engine: Engine, made: RegistryBuilder, given: Asked | None = None) -> BoundaryUpdate:
    """An update of the same edge, far from every door."""
    return filed(engine, lambda at: bent(at, made, 24.0085, 0.0001), given)


def placed(engine: Engine, update: BoundaryUpdate, code: str, spot: Any, **said: object) -> BoundaryUpdate:  # fmt: skip
    point = None if spot is None else Point(*spot)
    return edited(engine, update, ADDRESSES, (code, object_of(engine, code)), point, **said)


def history(engine: Engine, table: Any, key: UUID) -> Timeline:
    with engine.connect() as connection:
        return lines_of(connection, table, [key])[key]


def founded_late(made: RegistryBuilder, code: str) -> None:
    """A division there is only since 2020, and so its territory."""
    with made.work("founded") as work:
        for table in (division_version, territory_version):
            before = work.believed(table, [made.ids[code]])[made.ids[code]]
            after = begin((), Period.since(FOUNDED), before[0].values, "import")
            work.rewrite(table, made.ids[code], before, after)


class TheDoorPlacedByTheUpdateThatMovesTheLine:
    def test_is_not_moved_silently_onto_ground_that_passes(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        code = door(city, IN_THE_WEST)
        update = placed(engine, passing(engine, city), code, ON_THE_STRIP)

        with engine.connect() as connection, pytest.raises(DoorsWouldMove) as refused:
            commands.submit(connection, update.update_id, who=SURVEYOR)

        assert refused.value.facts["codes"] == [code]

    def test_belongs_to_whom_it_comes_to_stand_with(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        code = door(city, IN_THE_WEST)
        update = placed(engine, passing(engine, city, MOVING), code, ON_THE_STRIP)

        committed(engine, approved(engine, update))

        with engine.connect() as connection:
            assert home_of(connection, code) == city.ids[EAST]

    def test_stays_when_it_is_taken_off_the_ground_that_passes(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        code = door(city, ON_THE_STRIP)
        update = placed(engine, passing(engine, city, MOVING), code, IN_THE_WEST)

        committed(engine, approved(engine, update))

        with engine.connect() as connection:
            assert home_of(connection, code) == city.ids[WEST]

    def test_of_a_town_moves_freely_between_its_villages(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        code = door(city, IN_THE_WEST, town(0))
        update = placed(engine, elsewhere(engine, city), code, (118.015, 24.005))

        committed(engine, approved(engine, update))

        with engine.connect() as connection:
            assert home_of(connection, code) == city.ids[town(0)]


class ThePlaceDrawnByTheUpdateThatMovesTheLine:
    def test_belongs_where_it_is_drawn_not_where_it_lay(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        key = place(city, ON_THE_STRIP)
        update = edited(
            engine, passing(engine, city), THOROUGHFARES, (str(key), key), lane(IN_THE_WEST)
        )

        committed(engine, approved(engine, update))

        (held,) = history(engine, place_extent_version, key)
        assert held.value("division_id") == city.ids[WEST]

    def test_keeps_its_division_when_only_something_is_said_of_it(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        key = place(city, (118.015, 24.005))
        update = edited(
            engine, elsewhere(engine, city), THOROUGHFARES, (str(key), key), basis="surveyed"
        )

        committed(engine, approved(engine, update))

        (held,) = history(engine, place_extent_version, key)
        assert held.value("basis") == "surveyed"
        assert held.value("division_id") == city.ids[WEST]


class WhatADoorWasBefore:
    def test_stays_true_when_the_world_moves(self, engine: Engine, city: RegistryBuilder) -> None:
        code = door(city, IN_THE_WEST)
        update = placed(engine, elsewhere(engine, city, BY_LAW), code, (118.006, 24.005))

        committed(engine, approved(engine, update))

        old, new = history(engine, position_version, object_of(engine, code))
        assert old.valid.end == BY_LAW.effective_on == new.valid.start
        assert old.value("position") == Point(*IN_THE_WEST)
        assert old.value("method") == "generated"
        assert new.value("position") == Point(118.006, 24.005)

    def test_is_not_rewritten_by_what_is_said_of_it_today(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        code = door(city, IN_THE_WEST)
        committed(
            engine,
            approved(
                engine,
                placed(engine, elsewhere(engine, city, BY_LAW), code, (118.006, 24.005)),
            ),
        )
        later = filed(engine, lambda at: bent(at, city, 24.003, 0.0001))

        committed(engine, approved(engine, placed(engine, later, code, None, accuracy_m=0.1)))

        old, new = history(engine, position_version, object_of(engine, code))
        assert (old.value("accuracy_m"), new.value("accuracy_m")) == (50.0, 0.1)
        assert old.value("position") == Point(*IN_THE_WEST)


class TheDivisionThatWasFoundedLate:
    def test_takes_doors_over_from_its_first_day_only(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        founded_late(city, THIRD)
        code = door(city, IN_THE_WEST)
        update = placed(engine, elsewhere(engine, city, MOVING), code, (118.025, 24.005))

        committed(engine, approved(engine, update))

        old, new = history(engine, address_version, city.address_ids[code])
        assert old.valid.end == FOUNDED == new.valid.start
        assert (old.value("division_id"), new.value("division_id")) == (
            city.ids[WEST],
            city.ids[THIRD],
        )

    def test_holds_places_from_its_first_day_only(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        founded_late(city, EAST)
        key = place(city, IN_THE_WEST)
        drawn = lane((118.015, 24.005))
        update = edited(
            engine, elsewhere(engine, city), THOROUGHFARES, (str(key), key), drawn
        )  # fmt: skip

        committed(engine, approved(engine, update))

        old, new = history(engine, place_extent_version, key)
        assert old.valid.end == FOUNDED == new.valid.start
        assert (old.value("division_id"), new.value("division_id")) == (
            city.ids[WEST],
            city.ids[EAST],
        )
        assert old.value("extent") == new.value("extent") == drawn

    def test_has_its_lines_from_its_first_day_only(
        self, engine: Engine, city: RegistryBuilder
    ) -> None:
        founded_late(city, EAST)
        west, east = sorted((city.ids[WEST], city.ids[EAST]))
        key = line_id_of(west, east)
        update = edited(
            engine,
            elsewhere(engine, city),
            LINES,
            (f"{west}{JOINT}{east}", key),
            accuracy_m=0.5,
        )

        committed(engine, approved(engine, update))

        held = history(engine, boundary_line_version, key)
        assert held[0].valid.start == FOUNDED
        now = version_at(held, TODAY)
        assert now is not None and now.value("accuracy_m") == 0.5
