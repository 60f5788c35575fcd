"""How much the registry holds at a point in time."""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from registry.addresses.tables import address_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.tables import division_version


@dataclass(frozen=True, slots=True)
class Census:
    """Figures of the whole registry."""

    divisions: int
    addresses: int


def take_census(connection: Connection, at: AsOf) -> Census:
    """Count what was in force on a day, as known after a change."""
    return Census(_count(connection, division_version, at), _count(connection, address_version, at))


def _count(connection: Connection, table: Table, at: AsOf) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(seen_at(table, at))) or 0
