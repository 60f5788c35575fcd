"""All tables in one place, and which of them the change log carries.

Order matters: a replica writes the tables of a change in this order and finds every reference.
"""

from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.boundaries.tables import (
    boundary_update,
    boundary_update_edit,
    boundary_update_step,
    boundary_update_territory,
    checkin,
    checkout,
)
from registry.changes.tables import amendment_version, metadata
from registry.divisions.tables import (
    division,
    division_code_version,
    division_statistics_version,
    division_version,
    succession_version,
    territory_version,
)
from registry.lines.tables import (
    boundary_line,
    boundary_line_version,
    boundary_marker,
    boundary_marker_version,
    boundary_segment_version,
    marker_landmark_version,
    marker_photo,
)
from registry.log.tables import log_checkpoint, log_entry, log_key, log_node
from registry.names.tables import (
    dual_name_version,
    named_place,
    place_extent_version,
    place_name_version,
)
from registry.plates.tables import (
    defect,
    plate,
    plate_inspection,
    plate_key,
    plate_version,
    work_order,
    work_order_item,
)
from registry.rehearsal.tables import plan_publication, rehearsal
from registry.reports.tables import report
from registry.restructuring.tables import (
    code_reservation,
    restructuring,
    restructuring_step,
    undoing,
)
from registry.sql import SCOPE_FUNCTIONS, sql_of
from registry.subscriptions.tables import consumer, delivery, subscription

__all__ = [
    "COLLECTIONS",
    "IDENTITY_TABLES",
    "LOGGED_TABLES",
    "VERSION_TABLES",
    "boundary_update",
    "boundary_update_edit",
    "boundary_update_step",
    "boundary_update_territory",
    "checkin",
    "checkout",
    "code_reservation",
    "consumer",
    "defect",
    "delivery",
    "log_checkpoint",
    "log_entry",
    "log_key",
    "log_node",
    "marker_photo",
    "metadata",
    "plan_publication",
    "plate_inspection",
    "plate_key",
    "rehearsal",
    "report",
    "restructuring",
    "restructuring_step",
    "subscription",
    "undoing",
    "work_order",
    "work_order_item",
]

COLLECTIONS: dict[str, tuple[Table, ...]] = {
    "divisions": (
        division,
        division_version,
        division_code_version,
        territory_version,
        succession_version,
        division_statistics_version,
        boundary_line,
        boundary_line_version,
        boundary_marker,
        boundary_marker_version,
        boundary_segment_version,
        marker_landmark_version,
    ),
    "names": (named_place, place_extent_version, place_name_version, dual_name_version),
    "addresses": (
        addressable_object,
        position_version,
        address,
        address_version,
        plate,
        plate_version,
    ),
    "amendments": (amendment_version,),
}
LOGGED_TABLES: tuple[Table, ...] = tuple(t for tables in COLLECTIONS.values() for t in tables)
VERSION_TABLES: tuple[Table, ...] = tuple(t for t in LOGGED_TABLES if "recorded_to" in t.c)
IDENTITY_TABLES: tuple[Table, ...] = tuple(t for t in LOGGED_TABLES if "recorded_to" not in t.c)


@event.listens_for(metadata, "after_create")
def _create_functions(_target: MetaData, connection: Connection, **_more: Any) -> None:
    """What is made from the tables has the functions the migrations give it."""
    for name in SCOPE_FUNCTIONS:
        connection.exec_driver_sql(sql_of(name))
