"""What lies around a point: what is at hand says the same as the database, to the last digit."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from sqlalchemy import Connection, select

from geo.area import area_m2
from registry.addresses.commands import change_address, change_number
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.changes.timeline import begin, change_from
from registry.changes.work import Work
from registry.database import make_engine
from registry.divisions.tables import territory_version
from registry.hot import HotReads
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.search.around import Around
from registry.search.door_index_building import write_index
from registry.search.doors_at_hand import DoorsAtHand
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import NotAtHand
from registry.search.landscape import CrossingsUnknown
from registry.search.nearby import Surroundings
from tests.builder import BEFORE_RECORDS, MAXIANG, RegistryBuilder
from tests.conftest import Databases

CHANGED, NOW, LATER = date(2021, 5, 1), date(2023, 1, 1), date(2031, 1, 1)
VILLAGES = ("350213102001", "350213102201", "350213102202", "350213103201")
STEP = 0.0005


class City:
    """Squares of villages in slanted towns, roads that meet, and doors on a lattice."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.builder = RegistryBuilder(self.engine)
        self.builder.tree(MAXIANG)
        self.builder.squares(*VILLAGES)
        self.roads: dict[str, UUID] = {}
        with self.builder.work("ground") as work:
            self._territory(work, "350213102", [(117.99, 23.99), (118.035, 24.0), (118.0, 24.02)])
            self._territory(work, "350213", [(117.9, 23.9), (118.1, 23.95), (118.05, 24.1)])
            junction = (118.01, 24.005)
            self._road(work, "甲路", LineString([(118.0, 24.005), junction, (118.03, 24.005)]))
            self._road(work, "乙路", LineString([(118.01, 24.0), junction, (118.01, 24.01)]))
            self._road(work, "丙路", LineString([(118.003, 24.0), junction, (118.02, 24.013)]))
            self._road(work, "甲路", LineString([(118.03, 24.0051), (118.04, 24.009)]))
            parts = MultiLineString([[(118.02, 24.0), (118.02, 24.004)], [(118.02, 24.006), (118.02, 24.01)]])  # fmt: skip
            self._road(work, "丁路", parts)
            self._road(
                work, "河", LineString([(118.0, 24.0065), (118.04, 24.0062)]), category="water"
            )
            self._road(work, None, LineString([(118.0, 24.0085), (118.04, 24.0085)]))
        with self.builder.work("doors") as work:
            self.codes = self._doors(work)
            self._more(work)

    def _territory(self, work: Work, code: str, corners: list[tuple[float, float]]) -> None:
        land = MultiPolygon([Polygon(corners)])
        values = {"territory": land, "area_m2": area_m2(land), "basis": "digitised", "source": "test"}  # fmt: skip
        key = self.builder.ids[code]
        work.rewrite(territory_version, key, (), begin((), BEFORE_RECORDS, values, "import"))

    def _road(
        self, work: Work, name: str | None, course: Any, *, category: str = "thoroughfare"
    ) -> None:
        place = uuid4()
        self.roads.setdefault(name or "", place)
        work.establish(named_place, [{"named_place_id": place, "category": category}])
        drawn = {"extent": course, "basis": "illustrative", "source": "test"}
        work.rewrite(place_extent_version, place, (), begin((), BEFORE_RECORDS, drawn, "import"))
        if name is not None:
            named = {"named_place_id": place, "text": name, "specific": name[:-1], "generic": name[-1], "status": "standard", "language": "zh"}  # fmt: skip
            work.rewrite(place_name_version, uuid4(), (), begin((), BEFORE_RECORDS, named, "import"))  # fmt: skip

    def _doors(self, work: Work) -> list[str]:
        """Two rows along two roads, and some by themselves."""
        made = []
        for number in range(1, 31):
            along, beside = 118.0 + STEP * (number // 2), STEP if number % 2 else -STEP
            for road, spot in (("甲路", (along, 24.005 + beside)), ("乙路", (118.01 + beside, 24.0 + STEP * (number // 2)))):  # fmt: skip
                village = VILLAGES[int((spot[0] - 118.0) * 100) % 4]
                since = LATER if number % 13 == 0 else None
                made.append(self.builder.door(work, village, number, self.roads[road], since=since, spot=spot))  # fmt: skip
        made += [self.builder.door(work, VILLAGES[2], n, spot=(118.025, 24.004)) for n in (1, 2)]
        return made

    def _more(self, work: Work) -> None:
        """Positions without doors, doors without a position, two addresses of one building."""
        for place in range(4):
            alone = uuid4()
            work.establish(addressable_object, [{"object_id": alone, "kind": "site", "parent_id": None}])  # fmt: skip
            values = {"position": Point(118.02, 24.003 + STEP * place), "method": "surveyed", "accuracy_m": 0.1}  # fmt: skip
            valid = BEFORE_RECORDS if place % 2 else Period.since(CHANGED)
            work.rewrite(position_version, alone, (), begin((), valid, values, "import"))
        building, room = uuid4(), uuid4()
        work.establish(addressable_object, [{"object_id": building, "kind": "building", "parent_id": None}])  # fmt: skip
        work.establish(addressable_object, [{"object_id": room, "kind": "room", "parent_id": building}])  # fmt: skip
        values = {"position": Point(118.0225, 24.0035), "method": "surveyed", "accuracy_m": 0.5}
        work.rewrite(position_version, building, (), begin((), BEFORE_RECORDS, values, "import"))
        for count, (thing, stage) in enumerate([(building, "current"), (building, "current"), (building, "reserved"), (room, "current"), (uuid4(), "current")]):  # fmt: skip
            if count == 4:
                work.establish(addressable_object, [{"object_id": thing, "kind": "site", "parent_id": None}])  # fmt: skip
            door = uuid4()
            work.establish(address, [{"address_id": door, "code": f"B{count:011d}", "object_id": thing, "generated": True}])  # fmt: skip
            said = {"division_id": self.builder.ids[VILLAGES[2]], "carrier_id": self.roads["丁路"], "number": 3 + count, "stage": stage}  # fmt: skip
            work.rewrite(address_version, door, (), begin((), BEFORE_RECORDS, said, "import"))

    def before_the_index(self) -> None:
        """Doors and positions that have a past."""
        ids = [self.builder.address_ids[code] for code in self.codes]
        with self.builder.work("renumber") as work:
            change_number(work, ids[8], 801, on=CHANGED)
            change_number(work, ids[20], 803, on=LATER)
            change_address(work, ids[12], {"stage": "retired"}, on=CHANGED, cause="retire")
            self._survey(work, self.codes[16], (118.0041, 24.0052))

    def after_the_index(self) -> None:
        """The registry goes on."""
        ids = [self.builder.address_ids[code] for code in self.codes]
        with self.builder.work("doors") as work:
            for number in (41, 43, 45):
                spot = (118.0 + STEP * (number - 40), 24.005 - STEP)
                self.builder.door(work, VILLAGES[1], number, self.roads["甲路"], spot=spot)
        with self.builder.work("renumber") as work:
            change_number(work, ids[2], 901, on=CHANGED)
            change_address(work, ids[30], {"stage": "retired"}, on=CHANGED, cause="retire")
        with self.builder.work("survey") as work:
            self._survey(work, self.codes[5], (118.0102, 24.0021))
            self._survey(work, self.codes[6], (118.03, 24.008))
        with self.builder.work("roads") as work:
            self._redraw(work, "乙路", LineString([(118.012, 24.0), (118.012, 24.01)]))
            self._road(work, "戊路", LineString([(118.0, 24.002), (118.04, 24.0025)]))
            self._rename(work, "丙路", "新丙路")
        with self.builder.work("ground") as work:
            key = self.builder.ids[VILLAGES[1]]
            before = work.believed(territory_version, [key])[key]
            land = MultiPolygon([Polygon([(118.01, 24.0), (118.02, 24.0), (118.017, 24.009)])])
            after = change_from(before, CHANGED, {"territory": land}, "survey")
            work.rewrite(territory_version, key, before, after)

    def _survey(self, work: Work, code: str, spot: tuple[float, float]) -> None:
        key = work.connection.scalars(select(address.c.object_id).where(address.c.code == code)).one()  # fmt: skip
        before = work.believed(position_version, [key])[key]
        after = change_from(before, CHANGED, {"position": Point(*spot), "accuracy_m": 0.2}, "survey")  # fmt: skip
        work.rewrite(position_version, key, before, after)

    def _redraw(self, work: Work, name: str, course: Any) -> None:
        key = self.roads[name]
        before = work.believed(place_extent_version, [key])[key]
        after = change_from(before, CHANGED, {"extent": course}, "survey")
        work.rewrite(place_extent_version, key, before, after)

    def _rename(self, work: Work, name: str, new: str) -> None:
        column = place_name_version.c
        key = work.connection.scalars(
            select(column.place_name_id).where(column.named_place_id == self.roads[name])
        ).one()
        before = work.believed(place_name_version, [key])[key]
        after = change_from(before, CHANGED, {"text": new}, "rename")
        work.rewrite(place_name_version, key, before, after)


class Asked:
    """A city whose present is at hand, on a day."""

    def __init__(self, finder: Finder, connection: Connection, on: date) -> None:
        self.around: Around = finder.around
        connection.rollback()
        self.at = ChangeStore(connection).as_of(on)
        assert finder.keep_up(connection, self.at)
        rows = connection.scalars(select(territory_version.c.territory))
        self.borders = [shapely.from_wkb(bytes(one.data)).boundary for one in rows]

    def at_hand(self, lon: float, lat: float, limit: int) -> Surroundings | None:
        """What is at hand; None: the point lies on a border, and the database is to be asked."""
        try:
            return self.around.at_hand(lon, lat, self.at, limit=limit)
        except CrossingsUnknown:
            self.around.ask(lon, lat, self.at, limit=limit)
            return self.at_hand(lon, lat, limit)
        except NotAtHand:
            point = Point(lon, lat)
            assert abs(lat) > 80 or any(one.distance(point) < 1e-8 for one in self.borders)
            return None

    def of_database(self, lon: float, lat: float, limit: int) -> Surroundings:
        return self.around.of_database(lon, lat, self.at, limit=limit)


def _asked(databases: Databases, template: str, home: Path, *, on: date, later: bool) -> Iterator[Asked]:  # fmt: skip
    name = f"around_{uuid4().hex[:12]}"
    url = databases.make(name, template)
    city = City(url)
    city.before_the_index()
    write_index(city.engine, home)
    hot = HotReads(url)
    hot.open()
    with city.engine.connect() as connection:
        finder = Finder(hot.rows, Gazetteers(), DoorsAtHand(home))
        if later:
            Asked(finder, connection, on)
            city.after_the_index()
        yield Asked(finder, connection, on)
    hot.close()
    city.engine.dispose()
    databases.drop(name)


@pytest.fixture(
    scope="module",
    params=[(NOW, False), (LATER, False), (NOW, True)],
    ids=["as written", "on a later day", "after it went on"],
)
def asked(
    request: pytest.FixtureRequest,
    databases: Databases,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Asked]:
    on, later = request.param
    yield from _asked(databases, template, tmp_path_factory.mktemp("index"), on=on, later=later)


LATTICE = st.tuples(st.integers(-6, 86), st.integers(-6, 26)).map(
    lambda place: (round(118.0 + place[0] * STEP, 6), round(24.0 + place[1] * STEP, 6))
)
NEAR = st.tuples(st.floats(117.98, 118.06), st.floats(23.98, 24.03))
ABOUT = st.tuples(st.floats(117.7, 118.4), st.floats(23.7, 24.4))
ANYWHERE = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
LIMITS = st.sampled_from([1, 2, 5, 20])


class WhenAPointIsAsked:
    @settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(point=st.one_of(LATTICE, NEAR, LATTICE, ABOUT, ANYWHERE), limit=LIMITS)
    @example(point=(118.01, 24.005), limit=20)  # where three roads meet
    @example(point=(118.01, 24.0025), limit=5)  # on a border of villages
    @example(point=(118.025, 24.004), limit=1)  # two doors at one spot
    @example(point=(119.5, 23.0), limit=1)  # at sea
    @example(point=(118.1, 24.09), limit=1)  # doors are nine kilometres off
    @example(point=(0.0, 89.9), limit=1)
    def test_what_is_at_hand_is_what_the_database_says(
        self, asked: Asked, point: tuple[float, float], limit: int
    ) -> None:
        found = asked.at_hand(*point, limit)

        if found is not None:
            assert found == asked.of_database(*point, limit)

    def test_nearly_every_point_is_answered_of_what_is_at_hand(self, asked: Asked) -> None:
        points = [(118.0003 + 0.00113 * x, 24.0004 + 0.00131 * y) for x in range(30) for y in range(7)]  # fmt: skip

        found = [asked.at_hand(*point, 1) for point in points]

        assert None not in found
        assert {unit.name for one in found if one for unit in one.chain} >= {"琼头村", "翔安区"}
        assert any(one and one.crossing for one in found)
        assert any(one and one.doors and one.doors[0].side for one in found)

    def test_what_was_known_before_is_left_to_the_database(self, asked: Asked) -> None:
        before = AsOf(asked.at.valid_on, asked.at.known - 1)

        with pytest.raises(NotAtHand):
            asked.around.at_hand(118.005, 24.005, before, limit=1)
        assert asked.around.ask(118.005, 24.005, before, limit=1).at == before
