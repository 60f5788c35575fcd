"""The demonstration city as loaded."""

from datetime import date
from pathlib import Path

import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import Engine, and_, func, select

from api.cli.demo import load_demo_city
from data.demo.addresses import code_numbers, shares
from data.demo.carriers import STORIES, Carrier
from data.demo.city import rows_of
from data.demo.stories import told_doors
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.tables import registry_head
from registry.divisions.tables import division_code_version, territory_version
from registry.names.tables import place_name_version

BASELINE_DAY = date(2020, 6, 30)
DISTRICTS = ("350203", "350205", "350206", "350211", "350212", "350213")


def coded_territories(engine: Engine) -> dict[str, shapely.Geometry]:
    """Territories on the baseline's day, by the code borne then."""
    code, territory = division_code_version, territory_version
    with engine.connect() as connection:
        rows = connection.execute(
            select(code.c.code, territory.c.territory)
            .join(territory, territory.c.division_id == code.c.division_id)
            .where(
                code.c.recorded_to.is_(None),
                territory.c.recorded_to.is_(None),
                code.c.valid.contains(BASELINE_DAY),
                territory.c.valid.contains(BASELINE_DAY),
            )
        ).all()
    return {row.code: to_shape(row.territory) for row in rows}


class WhenTheDemoIsLoaded:
    def test_every_door_lies_in_its_village(self, demo: Engine) -> None:
        version, position, territory = address_version, position_version, territory_version
        inside = func.ST_Covers(territory.c.territory, position.c.position)
        with demo.connect() as connection:
            outside, total = connection.execute(
                select(func.count().filter(~inside), func.count())
                .select_from(address)
                .join(position, position.c.object_id == address.c.object_id)
                .join(
                    version,
                    and_(
                        version.c.address_id == address.c.address_id,
                        version.c.recorded_to.is_(None),
                        func.upper_inf(version.c.valid),
                    ),
                )
                .join(
                    territory,
                    and_(
                        territory.c.division_id == version.c.division_id,
                        territory.c.recorded_to.is_(None),
                        func.upper_inf(territory.c.valid),
                    ),
                )
            ).one()
        assert total > 1000
        assert outside == 0

    def test_villages_are_a_coverage_and_make_up_the_districts(self, demo: Engine) -> None:
        territories = coded_territories(demo)

        villages = [drawn for code, drawn in territories.items() if len(code) == 12]

        assert len(villages) > 500
        assert shapely.coverage_is_valid(villages)
        for district in DISTRICTS:
            members = [
                drawn
                for code, drawn in territories.items()
                if len(code) == 12 and code.startswith(district)
            ]
            union = shapely.coverage_union_all(shapely.get_parts(members))
            assert union.symmetric_difference(territories[district]).area < 1e-12

    def test_no_address_stands_there_twice(self, demo: Engine) -> None:
        version = address_version
        components = (
            version.c.number,
            version.c.sub_number,
            version.c.building,
            version.c.unit,
            version.c.floor,
            version.c.room,
        )
        with demo.connect() as connection:
            doubled = connection.execute(
                select(version.c.carrier_id, *components)
                .where(
                    version.c.recorded_to.is_(None),
                    func.upper_inf(version.c.valid),
                    version.c.carrier_id.is_not(None),
                )
                .group_by(version.c.carrier_id, *components)
                .having(func.count() > 1)
            ).all()
        assert doubled == []

    def test_every_example_of_the_documentation_has_its_door(self, demo: Engine) -> None:
        version, name = address_version, place_name_version
        with demo.connect() as connection:
            rows = connection.execute(
                select(name.c.text, version.c.number, version.c.sub_number, version.c.room)
                .join(version, version.c.carrier_id == name.c.named_place_id)
                .where(version.c.recorded_to.is_(None), name.c.status == "standard")
            ).all()
        held = {tuple(row) for row in rows}
        told = {
            (row["carrier"], int(row["number"]), row["sub_number"] or None, row["room"] or None)
            for row in rows_of(STORIES)
        }
        assert told - held == set()

    def test_a_room_is_marked_only_through_its_building(self, demo: Engine) -> None:
        held, position = addressable_object, position_version
        with demo.connect() as connection:
            rows = connection.execute(
                select(
                    held.c.kind,
                    func.count().label("objects"),
                    func.count(position.c.object_id).label("positions"),
                    func.count(held.c.parent_id).label("parents"),
                )
                .outerjoin(position, position.c.object_id == held.c.object_id)
                .group_by(held.c.kind)
            ).all()
        found = {row.kind: (row.objects, row.positions, row.parents) for row in rows}
        assert found["room"][1:] == (0, found["room"][0])
        assert found["unit"][1:] == (0, found["unit"][0])
        assert found["site"][0] == found["site"][1]
        assert found["building"][0] == found["building"][1]

    def test_loading_again_changes_nothing(
        self, demo: Engine, demo_url: str, tmp_path: Path
    ) -> None:
        with demo.connect() as connection:
            before = connection.scalar(select(registry_head.c.number))

        load_demo_city(
            demo_url, addresses=9, files=tmp_path, progress=lambda _message, _done, _total: None
        )

        with demo.connect() as connection:
            assert connection.scalar(select(registry_head.c.number)) == before


class WhenAddressesAreShared:
    @pytest.mark.parametrize("wanted", [0, 100, 5_000, 2_000_000])
    def test_the_number_wanted_is_met_and_no_example_is_left_out(self, wanted: int) -> None:
        told = told_doors()
        line = shapely.LineString([(118.1, 24.5), (118.2, 24.5)])
        carriers = [
            Carrier(text, "路", "350203", ("350203001001",), line, real_name=False)
            for text in (*told, *(f"第{number}路" for number in range(900)))
        ]
        least = sum(len(doors) for doors in told.values())

        quotas = shares(carriers, wanted)

        assert sum(quota.count for quota in quotas) == max(wanted, least)
        assert all(quota.count >= len(quota.told) for quota in quotas)

    def test_codes_never_collide(self) -> None:
        numbers = code_numbers(0, 1_000_000)

        assert len(set(numbers.tolist())) == 1_000_000
        assert int(numbers.max()) < 1 << 50
        assert code_numbers(500, 3).tolist() == numbers[500:503].tolist()
