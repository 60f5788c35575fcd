"""A small city on a grid: three towns of four villages each, with territories that fit exactly."""

from datetime import date
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, box
from sqlalchemy import Engine

from geo.area import area_m2
from registry.changes.timeline import begin
from registry.changes.work import Work
from registry.divisions.tables import territory_version
from registry.restructuring.paper import Paper, read_paper
from tests.builder import BEFORE_RECORDS, RegistryBuilder

ON = date(2021, 1, 6)
TOWNS = 3
VILLAGES = 4
COUNTY = "350213"


def town(place: int) -> str:
    return f"{COUNTY}{101 + place}"


def village(place: int, number: int) -> str:
    return f"{town(place)}{201 + number}"


CITY = {
    "35": "福建省",
    "3502": "厦门市",
    COUNTY: "翔安区",
    **{town(place): f"{'甲乙丙'[place]}镇" for place in range(TOWNS)},
    **{
        village(place, number): f"{'甲乙丙'[place]}{'东南西北'[number]}村"
        for place in range(TOWNS)
        for number in range(VILLAGES)
    },
}
"""Three towns, one above the other, each a row of four villages."""


def grid_city(engine: Engine) -> RegistryBuilder:
    """The city with its territories, without doors."""
    made = RegistryBuilder(engine)
    made.tree(CITY)
    with made.work("grid") as work:
        for place in range(TOWNS):
            for number in range(VILLAGES):
                _draw(made, work, village(place, number), number, place, 1)
            _draw(made, work, town(place), 0, place, VILLAGES)
        _draw(made, work, COUNTY, 0, 0, VILLAGES, TOWNS)
    return made


def _draw(
    builder: RegistryBuilder,
    work: Work,
    code: str,
    column: int,
    row: int,
    width: int,
    height: int = 1,
) -> None:
    west, south = 118.0 + column * 0.01, 24.0 + row * 0.01
    territory = MultiPolygon([_squares(west, south, width, height)])
    values = {
        "territory": territory,
        "area_m2": area_m2(territory),
        "basis": "illustrative",
        "source": "test",
    }
    work.rewrite(
        territory_version, builder.ids[code], (), begin((), BEFORE_RECORDS, values, "import")
    )


def _squares(west: float, south: float, width: int, height: int) -> Any:
    """Squares joined, so that every corner of a village is a corner of its town."""
    return shapely.union_all(
        [
            box(
                round(west + 0.01 * place, 6),
                round(south + 0.01 * row, 6),
                round(west + 0.01 * (place + 1), 6),
                round(south + 0.01 * (row + 1), 6),
            )
            for place in range(width)
            for row in range(height)
        ]
    )


def paper(*operations: dict[str, Any], title: str = "调整") -> Paper:
    return read_paper({"title": title, "effective_on": str(ON), "operations": list(operations)})


SPLIT = (
    {
        "retype": {
            "division": town(0),
            "kind": "subdistrict",
            "name": "甲街道",
            "code": f"{COUNTY}001",
        }
    },
    {
        "establish": {
            "name": "新街道",
            "kind": "subdistrict",
            "parent": COUNTY,
            "code": f"{COUNTY}002",
        }
    },
    {
        "transfer": {
            "divisions": [village(0, 3), village(1, 3)],
            "to": f"{COUNTY}002",
            "codes": {
                village(0, 3): f"{COUNTY}002201",
                village(1, 3): f"{COUNTY}002202",
            },
        }
    },
)
