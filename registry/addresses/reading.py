"""The one statement that reads addresses with everything their text is composed from.

It gives one row per address and division of its chain, smallest division first. Lists run it in
their transaction, hot reads run it compiled (`registry/hot.py`); both turn rows into values here.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from geoalchemy2.functions import ST_X, ST_Y
from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Column,
    Date,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

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
from registry.divisions.chain import Chain, ChainLink
from registry.divisions.model import LEVELS, STATISTICAL, DivisionKind
from registry.divisions.tables import division_code_version, division_version
from registry.names.tables import place_name_version

STANDARD = "standard"

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
    longitude_deg: float | None
    latitude_deg: float | None
    method: str | None
    accuracy_m: float | None
    position_depth: int | None
    link_id: UUID | None
    link_kind: str | None
    link_name: str | None
    link_code: str | None
    link_valid_from: date | None


def addresses_by(key: Column[Any]) -> Select[Any]:
    """Addresses by code or by id; parameters `keys` (array), `on` (date), `known` (number or null)."""
    item = Uuid() if key.name == "address_id" else Text()
    found = (
        select(
            address.c.address_id,
            address.c.code,
            address.c.object_id,
            addressable_object.c.kind.label("object_kind"),
            address.c.generated,
            *(address_version.c[name] for name in _VERSION),
            func.lower(address_version.c.valid).label("valid_from"),
            func.upper(address_version.c.valid).label("valid_to"),
        )
        .join(address_version, address_version.c.address_id == address.c.address_id)
        .join(addressable_object, addressable_object.c.object_id == address.c.object_id)
        .where(
            key == any_(bindparam("keys", type_=ARRAY(item))),
            seen_at(address_version, ASKED),
        )
        .cte("found")
    )
    links = _links(found)
    place = positions_of(found)
    return (
        select(
            KNOWN.label("known"),
            *(found.c[name] for name in _FOUND),
            found.c.carrier_id,
            place_name_version.c.text,
            place_name_version.c.romanisation,
            place.c.longitude_deg,
            place.c.latitude_deg,
            place.c.method,
            place.c.accuracy_m,
            place.c.depth,
            links.c.division_id,
            links.c.kind,
            links.c.name,
            division_code_version.c.code,
            links.c.valid_from,
        )
        .select_from(found)
        .outerjoin(
            place_name_version,
            (place_name_version.c.named_place_id == found.c.carrier_id)
            & (place_name_version.c.status == STANDARD)
            & seen_at(place_name_version, ASKED),
        )
        .outerjoin(place, place.c.address_id == found.c.address_id)
        .outerjoin(links, links.c.address_id == found.c.address_id)
        .outerjoin(
            division_code_version,
            (division_code_version.c.division_id == links.c.division_id)
            & (division_code_version.c.scheme == STATISTICAL)
            & seen_at(division_code_version, ASKED),
        )
        .order_by(found.c.code, links.c.depth)
    )


def _links(found: CTE) -> CTE:
    """Divisions above each address, `depth` 0 being the smallest."""
    version = division_version
    columns = (version.c.division_id, version.c.kind, version.c.name)
    since = func.lower(version.c.valid).label("valid_from")
    base = (
        select(
            found.c.address_id,
            *columns,
            since,
            version.c.parent_id,
            literal(0).label("depth"),
        )
        .join(version, version.c.division_id == found.c.division_id)
        .where(seen_at(version, ASKED))
        .cte("links", recursive=True)
    )
    return base.union_all(
        select(base.c.address_id, *columns, since, version.c.parent_id, base.c.depth + 1)
        .join(version, version.c.division_id == base.c.parent_id)
        .where(seen_at(version, ASKED))
    )


def positions_of(found: CTE) -> CTE:
    """The position of each address: its object's, or that of the nearest larger object."""
    upper = addressable_object
    objects = select(found.c.address_id, found.c.object_id, literal(0).label("depth")).cte(
        "objects", recursive=True
    )
    objects = objects.union_all(
        select(objects.c.address_id, upper.c.parent_id, objects.c.depth + 1)
        .join(upper, upper.c.object_id == objects.c.object_id)
        .where(upper.c.parent_id.is_not(None))
    )
    return (
        select(
            objects.c.address_id,
            objects.c.depth,
            ST_X(position_version.c.position).label("longitude_deg"),
            ST_Y(position_version.c.position).label("latitude_deg"),
            position_version.c.method,
            position_version.c.accuracy_m,
        )
        .join(position_version, position_version.c.object_id == objects.c.object_id)
        .where(seen_at(position_version, ASKED))
        .ext(distinct_on(objects.c.address_id))
        .order_by(objects.c.address_id, objects.c.depth)
        .cte("place")
    )


def to_addresses(rows: Iterable[Sequence[Any]], *, in_force: bool = True) -> list[Address]:
    """Rows of the statement as values, in the order of the rows."""
    groups: dict[UUID, list[AddressRow]] = {}
    for row in map(AddressRow._make, rows):
        groups.setdefault(row.address_id, []).append(row)
    return [_to_address(group, in_force=in_force) for group in groups.values()]


def parts_of(row: Any) -> AddressParts:
    """The components in a row, by name."""
    return AddressParts(row.number, row.sub_number, row.building, row.unit, row.floor, row.room)


def _to_address(group: list[AddressRow], *, in_force: bool) -> Address:
    row = group[0]
    return Address(
        address_id=row.address_id,
        code=row.code,
        object_id=row.object_id,
        object_kind=row.object_kind,
        generated=row.generated,
        parts=parts_of(row),
        stage=LifecycleStage(row.stage),
        carrier=_carrier(row),
        chain=_chain(group),
        position=_position(row),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        in_force=in_force,
    )


def _carrier(row: AddressRow) -> Carrier | None:
    if row.carrier_id is None or row.carrier_text is None:
        return None
    return Carrier(row.carrier_id, row.carrier_text, row.carrier_romanisation)


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


def _chain(group: list[AddressRow]) -> Chain:
    links: dict[UUID, ChainLink] = {}
    for row in group:
        if row.link_id is None or row.link_kind is None or row.link_name is None:
            continue
        kind = DivisionKind(row.link_kind)
        links.setdefault(
            row.link_id,
            ChainLink(
                row.link_id,
                LEVELS[kind],
                kind,
                row.link_name,
                row.link_code,
                row.link_valid_from,
            ),
        )
    return tuple(links.values())


_VERSION = (
    "division_id",
    "carrier_id",
    "number",
    "sub_number",
    "building",
    "unit",
    "floor",
    "room",
    "stage",
)
_FOUND = AddressRow._fields[1:15]
