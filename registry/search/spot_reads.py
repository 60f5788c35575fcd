"""What an index of positions is made from, and what changes since have touched of it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from geoalchemy2.functions import ST_X, ST_Y
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, or_, select, union

from registry.addresses.reading import COMPONENTS
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.rows import history_of, key_array

SPOT_COLUMNS = (
    "object_id", "longitude_deg", "latitude_deg", "valid_from", "valid_to", "method", "accuracy_m",
)  # fmt: skip
"""Of `believed_spots`, in order."""


def believed_spots() -> Select[Any]:
    """Every position believed now, as `SPOT_COLUMNS`: one row for each version."""
    return _spots().where(position_version.c.recorded_to.is_(None))


def _spots() -> Select[Any]:
    spot = position_version.c
    return select(
        spot.object_id,
        ST_X(spot.position).label("longitude_deg"),
        ST_Y(spot.position).label("latitude_deg"),
        func.lower(spot.valid).label("valid_from"),
        func.upper(spot.valid).label("valid_to"),
        spot.method,
        spot.accuracy_m,
    )


def spots_of(connection: Connection, objects: Collection[UUID], known: int) -> list[Row[Any]]:
    """The positions of some objects, as believed after change `known`: `SPOT_COLUMNS`."""
    statement = _spots().where(
        position_version.c.object_id == func.any(key_array(objects)),
        history_of(position_version, known),
    )
    return list(connection.execute(statement))


def doors_of(connection: Connection, objects: Collection[UUID], known: int) -> list[Row[Any]]:
    """The addresses of some objects, a row for each version believed after change `known`."""
    version = address_version.c
    statement = (
        select(
            address.c.object_id,
            address.c.address_id,
            address.c.code,
            address.c.generated,
            addressable_object.c.kind.label("object_kind"),
            *(version[name] for name in COMPONENTS),
            version.carrier_id,
            version.division_id,
            func.lower(version.valid).label("valid_from"),
            func.upper(version.valid).label("valid_to"),
        )
        .select_from(
            address.join(
                addressable_object, addressable_object.c.object_id == address.c.object_id
            ).join(address_version, version.address_id == address.c.address_id)
        )
        .where(
            address.c.object_id == func.any(key_array(objects)),
            history_of(address_version, known),
        )
    )
    return list(connection.execute(statement))


def touched_objects(
    connection: Connection, after: int, until: int, *, most: int
) -> frozenset[UUID] | None:
    """Objects whose own position or address changes `after < n <= until` touched.

    Returns:
        None: more than `most`.
    """
    moved = union(
        select(position_version.c.object_id).where(_written(position_version, after, until)),
        select(address.c.object_id)
        .join(address_version, address_version.c.address_id == address.c.address_id)
        .where(_written(address_version, after, until)),
    ).limit(most + 1)
    found = frozenset(connection.scalars(moved))
    return None if len(found) > most else found


def _written(table: Table, after: int, until: int) -> ColumnElement[bool]:
    return or_(
        table.c.recorded_from.between(after + 1, until),
        table.c.recorded_to.between(after + 1, until),
    )
