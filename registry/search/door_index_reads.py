"""What an index of doors is made from, and what changes since have touched of it."""

from typing import Any, NamedTuple
from uuid import UUID

from geoalchemy2 import Geometry
from geoalchemy2.functions import ST_X, ST_Y
from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union,
)

from registry.addresses.reading import CRS, OBJECT_KINDS
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.tables import change

UNSPEAKABLE = ("proposed", "rejected")
"""Stages at which no text leads to an address."""
COLUMNS = (
    "address_id", "object_id", "code", "carrier_id", "place", "number",
    "sub_number", "building", "unit", "floor", "room",
    "division_id", "valid_from", "valid_to",
    "kind", "generated", "stage", "method", "accuracy_m", "depth",
    "longitude_deg", "latitude_deg", "open",
)  # fmt: skip
"""Of `believed_doors`, in order."""


def believed_doors() -> Select[Any]:
    """Every door believed now, as `COLUMNS`: one row for each version that may be looked for.

    `open` when what is shown of it may depend on the day: it has several versions, or the position
    (its own or that of what it lies in) does not hold as long as it does.
    """
    version = address_version
    counted = (
        select(version, func.count().over(partition_by=version.c.address_id).label("versions"))
        .where(version.c.recorded_to.is_(None))
        .subquery("counted")
    )
    base: FromClause = counted.join(address, address.c.address_id == counted.c.address_id).join(
        addressable_object, addressable_object.c.object_id == address.c.object_id
    )
    base, first = _first_spot(base)
    spot = position_version.alias("spot")
    base = base.outerjoin(spot, spot.c.version_id == first.only)
    point = cast(spot.c.position, Geometry("POINT", CRS))
    columns = counted.c
    steady = and_(columns.versions == 1, first.spots == 1, spot.c.valid.contains(columns.valid))
    return (
        select(
            columns.address_id,
            address.c.object_id,
            address.c.code,
            columns.carrier_id,
            func.coalesce(columns.carrier_id, columns.division_id).label("place"),
            columns.number,
            columns.sub_number,
            columns.building,
            columns.unit,
            columns.floor,
            columns.room,
            columns.division_id,
            func.lower(columns.valid).label("valid_from"),
            func.upper(columns.valid).label("valid_to"),
            addressable_object.c.kind,
            address.c.generated,
            columns.stage,
            spot.c.method,
            spot.c.accuracy_m,
            first.depth.label("depth"),
            ST_X(point).label("longitude_deg"),
            ST_Y(point).label("latitude_deg"),
            func.coalesce(~steady, True).label("open"),
        )
        .select_from(base)
        .where(
            *(columns.stage != stage for stage in UNSPEAKABLE),
            or_(columns.versions > 1, first.only.is_not(None)),
        )
    )


class _Spot(NamedTuple):
    """The position of the nearest object that is believed to have any."""

    only: ColumnElement[int]
    """Its version, when it has one."""
    spots: ColumnElement[int]
    depth: ColumnElement[int]


def _first_spot(source: FromClause) -> tuple[FromClause, _Spot]:
    """Join the position of an address, or that of the nearest larger object: room → site."""
    spots = (
        select(
            position_version.c.object_id,
            func.count().label("spots"),
            func.min(position_version.c.version_id).label("only"),
        )
        .where(position_version.c.recorded_to.is_(None))
        .group_by(position_version.c.object_id)
        .cte("spots")
    )
    joined = source
    wanted: ColumnElement[Any] = address.c.object_id
    above: ColumnElement[Any] = addressable_object.c.parent_id
    found: list[CTE] = []
    for depth in range(len(OBJECT_KINDS)):
        one = spots.alias(f"spots_{depth}")
        joined = joined.outerjoin(one, one.c.object_id == wanted)
        found.append(one)
        wanted = case((one.c.object_id.is_(None), above), else_=null())
        if depth + 2 < len(OBJECT_KINDS):
            upper = addressable_object.alias(f"object_{depth}")
            joined = joined.outerjoin(upper, upper.c.object_id == wanted)
            above = upper.c.parent_id
    return joined, _Spot(
        func.coalesce(*(one.c.only for one in found)),
        func.coalesce(*(one.c.spots for one in found)),
        case(
            *((one.c.object_id.is_not(None), depth) for depth, one in enumerate(found)),
            else_=null(),
        ),
    )


def recorded_at(connection: Connection, number: int) -> str:
    """When a change was recorded, to the microsecond; empty when there is none of that number."""
    moment = connection.scalar(select(change.c.recorded_at).where(change.c.number == number))
    return "" if moment is None else moment.isoformat()


class Touched(NamedTuple):
    """What changes have touched: addresses, and the numbers they ever bore and where."""

    addresses: frozenset[bytes]
    numbers: frozenset[tuple[UUID, int | None]]


def touched_doors(connection: Connection, after: int, until: int, *, most: int) -> Touched | None:
    """What changes `after < n <= until` have touched of the doors; None: of more than `most`."""
    moved = union(
        select(address_version.c.address_id).where(_written(address_version, after, until)),
        select(address.c.address_id).where(address.c.object_id.in_(_resting_on(after, until))),
    ).limit(most + 1)
    ids = list(connection.scalars(moved))
    if len(ids) > most:
        return None
    version = address_version.c
    borne = connection.execute(
        select(func.coalesce(version.carrier_id, version.division_id), version.number)
        .where(version.address_id == any_(literal(ids, ARRAY(Uuid()))))
        .distinct()
    )
    return Touched(
        frozenset(one.bytes for one in ids), frozenset((place, number) for place, number in borne)
    )


def _resting_on(after: int, until: int) -> Select[Any]:
    """The objects whose own or inherited position was touched."""
    inside = addressable_object.alias("inside")
    moved = (
        select(position_version.c.object_id)
        .where(_written(position_version, after, until))
        .cte("moved", recursive=True)
    )
    whole = moved.union(
        select(inside.c.object_id).join(moved, inside.c.parent_id == moved.c.object_id)
    )
    return select(whole.c.object_id)


def _written(table: Table, after: int, until: int) -> ColumnElement[bool]:
    """Rows written or closed by changes `after < n <= until`."""
    return or_(
        table.c.recorded_from.between(after + 1, until),
        table.c.recorded_to.between(after + 1, until),
    )
