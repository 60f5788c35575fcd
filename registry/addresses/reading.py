"""The statement that reads addresses: one row each, with carrier and position, without divisions.

The chain of divisions comes separately, because many addresses share it: lists read it in their
transaction, hot reads keep it (`hot_reads.py`). Both turn rows into values here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from geoalchemy2 import Geometry
from geoalchemy2.functions import ST_X, ST_Y
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    null,
    select,
)

from registry.addresses.model import Address, Carrier, LifecycleStage, Position
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.addresses.text import AddressParts
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.tables import registry_head
from registry.divisions.chain import Chain
from registry.names.model import written_with
from registry.names.tables import place_name_version

STANDARD = "standard"
CRS = 4490
OBJECT_KINDS = ("site", "building", "unit", "room")
"""Largest first: a position is looked for so many steps up."""
COMPONENTS = ("number", "sub_number", "building", "unit", "floor", "room", "stage")

KNOWN = func.coalesce(
    bindparam("known", type_=BigInteger),
    select(registry_head.c.number).scalar_subquery(),
)
"""A null parameter means everything known by now."""
ASKED = AsOf(
    # The parameters of the statement stand in for a day and a change number.
    cast(date, bindparam("on", type_=Date)),
    cast(int, KNOWN),
)


class AddressRow(NamedTuple):
    """One row of the statement."""

    known: int
    address_id: UUID
    code: str
    object_id: UUID
    object_kind: str
    generated: bool
    number: int | None
    sub_number: str | None
    building: str | None
    unit: str | None
    floor: str | None
    room: str | None
    stage: str
    valid_from: date | None
    valid_to: date | None
    carrier_id: UUID | None
    carrier_text: str | None
    carrier_romanisation: str | None
    carrier_language: str | None
    longitude_deg: float | None
    latitude_deg: float | None
    method: str | None
    accuracy_m: float | None
    position_depth: int | None
    division_id: UUID


DIVISION = AddressRow._fields.index("division_id")


def addresses_by(key: Column[Any]) -> Select[Any]:
    """Addresses by code or by id; parameters `keys` (array), `on` (date), `known` (number or null)."""
    item = Uuid() if key.name == "address_id" else Text()
    version = address_version
    joined, columns = address_rows(
        address.join(version, version.c.address_id == address.c.address_id)
    )
    return (
        select(*columns)
        .select_from(joined)
        .where(key == any_(bindparam("keys", type_=ARRAY(item))), seen_at(version, ASKED))
        .order_by(address.c.code)
    )


def address_rows(source: FromClause) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """Join to addresses and their versions what an `AddressRow` needs.

    Args:
        source: has `address` and `address_version` in it, the version chosen by the caller.

    Returns:
        The joined tables, and the columns of an `AddressRow` in order.
    """
    version, carrier = address_version, place_name_version
    base = source.join(
        addressable_object, addressable_object.c.object_id == address.c.object_id
    ).outerjoin(
        carrier,
        (carrier.c.named_place_id == version.c.carrier_id)
        & (carrier.c.status == STANDARD)
        & seen_at(carrier, ASKED),
    )
    joined, spot = with_position(base, address.c.object_id, addressable_object.c.parent_id)
    return joined, [
        KNOWN.label("known"),
        address.c.address_id,
        address.c.code,
        address.c.object_id,
        addressable_object.c.kind,
        address.c.generated,
        *(version.c[name] for name in COMPONENTS),
        func.lower(version.c.valid),
        func.upper(version.c.valid),
        version.c.carrier_id,
        carrier.c.text,
        carrier.c.romanisation,
        carrier.c.language,
        *spot,
        version.c.division_id,
    ]


def with_position(
    source: FromClause, object_id: ColumnElement[Any], parent_id: ColumnElement[Any]
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """Join the position of an object, or that of the nearest larger object (room → site).

    Returns:
        The joined tables, and longitude, latitude, method, accuracy and how far up it was found.
    """
    joined, spots = with_spots(source, object_id, parent_id, ASKED)
    place = position_of(spots)
    found: list[ColumnElement[Any]] = [
        ST_X(place).label("longitude_deg"),
        ST_Y(place).label("latitude_deg"),
        func.coalesce(*(spot.c.method for spot in spots)).label("method"),
        func.coalesce(*(spot.c.accuracy_m for spot in spots)).label("accuracy_m"),
        case(
            *((spot.c.object_id.is_not(None), depth) for depth, spot in enumerate(spots)),
            else_=null(),
        ).label("position_depth"),
    ]
    return joined, found


def with_spots(
    source: FromClause, object_id: ColumnElement[Any], parent_id: ColumnElement[Any], at: AsOf
) -> tuple[FromClause, list[FromClause]]:
    """Join the versions of positions of an object and of the larger objects above it.

    At most one of them is found: the nearest that has a position.
    """
    spots: list[FromClause] = []
    joined, wanted, above = source, object_id, parent_id
    for depth in range(len(OBJECT_KINDS)):
        spot = position_version.alias(f"spot_{depth}")
        joined = joined.outerjoin(spot, (spot.c.object_id == wanted) & seen_at(spot, at))
        spots.append(spot)
        # A key that is null is not looked up: nothing is climbed once a position is found.
        wanted = case((spot.c.object_id.is_(None), above), else_=null())
        if depth + 2 < len(OBJECT_KINDS):
            upper = addressable_object.alias(f"object_{depth}")
            joined = joined.outerjoin(upper, upper.c.object_id == wanted)
            above = upper.c.parent_id
    return joined, spots


def position_of(spots: Sequence[FromClause]) -> ColumnElement[Any]:
    """Where an object is, of the positions joined by `with_spots`."""
    return func.coalesce(*(spot.c.position for spot in spots), type_=Geometry("POINT", CRS))


def to_addresses(
    rows: Iterable[Sequence[Any]], chains: Mapping[UUID, Chain], *, in_force: bool = True
) -> list[Address]:
    """Rows of the statement as values, in their order.

    Args:
        chains: by the division each address lies in; none for a division not in force.
    """
    return [
        _to_address(row, chains.get(row.division_id, ()), in_force=in_force)
        for row in map(AddressRow._make, rows)
    ]


def divisions_of(rows: Iterable[Sequence[Any]]) -> set[UUID]:
    """The divisions the addresses lie in."""
    return {row[DIVISION] for row in rows}


def parts_of(row: Any) -> AddressParts:
    """The components in a row, by name."""
    return AddressParts(row.number, row.sub_number, row.building, row.unit, row.floor, row.room)


def _to_address(row: AddressRow, chain: Chain, *, in_force: bool) -> Address:
    return Address(
        address_id=row.address_id,
        code=row.code,
        object_id=row.object_id,
        object_kind=row.object_kind,
        generated=row.generated,
        parts=parts_of(row),
        stage=LifecycleStage(row.stage),
        carrier=_carrier(row),
        chain=chain,
        position=_position(row),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        in_force=in_force,
    )


def _carrier(row: AddressRow) -> Carrier | None:
    if row.carrier_id is None or row.carrier_text is None:
        return None
    return Carrier(
        row.carrier_id,
        row.carrier_text,
        row.carrier_romanisation,
        written_with(row.carrier_language),
    )


def _position(row: AddressRow) -> Position | None:
    if row.longitude_deg is None:
        return None
    assert row.latitude_deg is not None
    assert row.method is not None
    assert row.accuracy_m is not None
    return Position(
        row.longitude_deg,
        row.latitude_deg,
        row.method,
        row.accuracy_m,
        inherited=row.position_depth != 0,
    )
