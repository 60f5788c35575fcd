"""All tables in one place, and which of them the change log carries.

Order matters: a replica writes the tables of a change in this order and finds every reference.
"""

from sqlalchemy import Table

from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.tables import metadata
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    succession_version,
    territory_version,
)
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.restructuring.tables import restructuring

__all__ = [
    "COLLECTIONS",
    "IDENTITY_TABLES",
    "LOGGED_TABLES",
    "VERSION_TABLES",
    "metadata",
    "restructuring",
]

COLLECTIONS: dict[str, tuple[Table, ...]] = {
    "divisions": (
        division,
        division_version,
        division_code_version,
        territory_version,
        succession_version,
    ),
    "names": (named_place, place_extent_version, place_name_version),
    "addresses": (addressable_object, position_version, address, address_version),
}
LOGGED_TABLES: tuple[Table, ...] = tuple(t for tables in COLLECTIONS.values() for t in tables)
VERSION_TABLES: tuple[Table, ...] = tuple(t for t in LOGGED_TABLES if "recorded_to" in t.c)
IDENTITY_TABLES: tuple[Table, ...] = tuple(t for t in LOGGED_TABLES if "recorded_to" not in t.c)
