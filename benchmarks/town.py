"""A town of many doors, made for measuring: divisions, carriers and addresses by COPY."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

import shapely
from shapely.geometry import Point

from registry.addresses.address_code import AddressCode
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.work import Work
from registry.divisions.model import STATISTICAL, DivisionKind, code_slot_id
from registry.divisions.tables import division, division_code_version, division_version
from registry.names.tables import named_place, place_name_version

TOWN = UUID("5d6a1f7e-0c1f-5a44-8f0e-77d1a5a0b100")
SINCE_EVER = "(,)"
CAUSE = "import"
VILLAGES = 20
CARRIERS_PER_VILLAGE = 5
UPPER = (
    ("35", "福建省", DivisionKind.PROVINCE),
    ("3502", "厦门市", DivisionKind.PREFECTURE),
    ("350213", "翔安区", DivisionKind.DISTRICT),
    ("350213102", "马巷镇", DivisionKind.TOWN),
)
CRS = 4490
WEST_DEG, SOUTH_DEG, STEP_DEG = 118.2, 24.6, 0.0001
ROW = 400


@dataclass(frozen=True, slots=True)
class Door:
    """One generated door and where it belongs."""

    address_id: UUID
    object_id: UUID
    code: str
    village: UUID
    carrier: UUID
    number: int
    point: Point


def town_id(name: str) -> UUID:
    """The id of something in the town, always the same."""
    return uuid5(TOWN, name)


def code_of(place: int) -> str:
    """The address code of a door by its place in the town."""
    return str(AddressCode.of(place))


def village_code(place: int) -> str:
    """The statistical code of a village by its place in the town."""
    return f"{UPPER[-1][0]}{201 + place}"


def load_empty_town(work: Work) -> None:
    """Write the divisions and carriers of the town."""
    _load_divisions(work)
    _load_carriers(work)


def load_town(work: Work, doors: int) -> None:
    """Write the divisions, carriers and doors of the town; one work, by COPY."""
    load_empty_town(work)
    work.copy(
        addressable_object,
        ("object_id", "kind", "parent_id"),
        ((door.object_id, "site", None) for door in _doors(doors)),
        cause=CAUSE,
    )
    work.copy(
        position_version,
        ("object_id", "position", "method", "accuracy_m", "valid"),
        (
            (door.object_id, _wkb(door.point), "generated", 50.0, SINCE_EVER)
            for door in _doors(doors)
        ),
        cause=CAUSE,
    )
    work.copy(
        address,
        ("address_id", "code", "object_id", "generated"),
        ((door.address_id, door.code, door.object_id, "t") for door in _doors(doors)),
        cause=CAUSE,
    )
    work.copy(
        address_version,
        ("address_id", "division_id", "carrier_id", "number", "stage", "valid"),
        (
            (door.address_id, door.village, door.carrier, door.number, "current", SINCE_EVER)
            for door in _doors(doors)
        ),
        cause=CAUSE,
    )


def _doors(how_many: int) -> Iterator[Door]:
    carriers = VILLAGES * CARRIERS_PER_VILLAGE
    for place in range(how_many):
        street, number = place % carriers, place // carriers + 1
        point = Point(WEST_DEG + place % ROW * STEP_DEG, SOUTH_DEG + place // ROW * STEP_DEG)
        yield Door(
            town_id(f"address:{place}"),
            town_id(f"object:{place}"),
            code_of(place),
            town_id(f"village:{street % VILLAGES}"),
            town_id(f"carrier:{street}"),
            number,
            point,
        )


def _load_divisions(work: Work) -> None:
    units = [(code, name, kind) for code, name, kind in UPPER]
    ids = {code: town_id(code) for code, _name, _kind in units}
    for place in range(VILLAGES):
        code = village_code(place)
        ids[code] = town_id(f"village:{place}")
        units.append((code, f"测试{place + 1}村", DivisionKind.VILLAGE))
    parents = {code: _parent(code, ids) for code in ids}
    work.copy(
        division,
        ("division_id", "layer"),
        [(ids[code], "statutory") for code, _name, _kind in units],
        cause=CAUSE,
    )
    work.copy(
        division_version,
        ("division_id", "kind", "name", "parent_id", "valid"),
        [(ids[code], kind.value, name, parents[code], SINCE_EVER) for code, name, kind in units],
        cause=CAUSE,
    )
    work.copy(
        division_code_version,
        ("division_code_id", "division_id", "scheme", "code", "provisional", "valid"),
        [
            (code_slot_id(ids[code], STATISTICAL), ids[code], STATISTICAL, code, "f", SINCE_EVER)
            for code, _name, _kind in units
        ],
        cause=CAUSE,
    )


def _parent(code: str, ids: dict[str, UUID]) -> UUID | None:
    shorter = [one for one in ids if code != one and code.startswith(one)]
    return ids[max(shorter, key=len)] if shorter else None


def _load_carriers(work: Work) -> None:
    places = range(VILLAGES * CARRIERS_PER_VILLAGE)
    work.copy(
        named_place,
        ("named_place_id", "category"),
        [(town_id(f"carrier:{place}"), "area") for place in places],
        cause=CAUSE,
    )
    work.copy(
        place_name_version,
        (
            "place_name_id",
            "named_place_id",
            "text",
            "specific",
            "generic",
            "status",
            "language",
            "valid",
        ),
        [
            (
                town_id(f"name:{place}"),
                town_id(f"carrier:{place}"),
                f"测试{place + 1}里",
                f"测试{place + 1}",
                "里",
                "standard",
                "zh",
                SINCE_EVER,
            )
            for place in places
        ],
        cause=CAUSE,
    )


def _wkb(point: Point) -> str:
    written: str = shapely.to_wkb(shapely.set_srid(point, CRS), hex=True, include_srid=True)
    return written
