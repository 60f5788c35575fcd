"""The reprint list of a division: the registry read, the ranking pure."""

from uuid import UUID

from sqlalchemy import Connection

from registry.addresses.model import Address, AddressFilter
from registry.addresses.store import AddressStore
from registry.changes.period import AsOf
from registry.plates.reprint import Reprint, doors_of, reprint_list
from registry.plates.store import PlateStore

CHUNK = 1000


def reprints(connection: Connection, division_id: UUID, at: AsOf) -> list[Reprint]:
    """Every plate of a division against what its door is called, the most needed first."""
    doors = doors_of(_addresses(connection, division_id, at))
    return reprint_list(PlateStore(connection).all(at, within=division_id), doors)


def _addresses(connection: Connection, division_id: UUID, at: AsOf) -> list[Address]:
    store = AddressStore(connection)
    found: list[Address] = []
    after: str | None = None
    wanted = AddressFilter(within=division_id)
    while page := store.page(wanted, at, limit=CHUNK, after=after):
        found += page
        after = page[-1].code
    return found
