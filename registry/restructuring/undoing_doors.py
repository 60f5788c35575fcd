"""Doors that an undoing gives back to another division than they are in."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from registry.addresses.tables import address_version
from registry.changes.rewriting import Rewriting, untouched_since
from registry.changes.timeline import at
from registry.restructuring.door_book import DoorMove

Going = tuple[UUID, UUID | None, UUID, UUID]
"""An address, what bears its number, its division on the day, and the one it goes to."""


def doors_given_back(
    connection: Connection, rewriting: Rewriting, on: date
) -> tuple[DoorMove, ...]:
    """Addresses that would be in another division on a day, by the way they go."""
    ways: dict[tuple[UUID, UUID], list[tuple[UUID, UUID | None]]] = {}
    for door, carrier, now, then in (*_listed(rewriting, on), *_in_bulk(connection, rewriting, on)):
        ways.setdefault((now, then), []).append((door, carrier))
    return tuple(
        DoorMove(
            now,
            then,
            tuple(door for door, _carrier in doors),
            frozenset(carrier for _door, carrier in doors if carrier is not None),
        )
        for (now, then), doors in ways.items()
    )


def _listed(rewriting: Rewriting, on: date) -> Iterator[Going]:
    for door, one in rewriting.facts.get(address_version, {}).items():
        now, then = at(one.before, on), at(one.after, on)
        if now is None or then is None:
            continue
        source, target = now.value("division_id"), then.value("division_id")
        if source != target:
            yield door, now.value("carrier_id"), source, target


def _in_bulk(connection: Connection, rewriting: Rewriting, on: date) -> Iterable[Going]:
    if address_version not in rewriting.in_bulk:
        return ()
    now, then = address_version.alias("now"), address_version.alias("then")
    rows = connection.execute(
        select(now.c.address_id, now.c.carrier_id, now.c.division_id, then.c.division_id)
        .join(then, then.c.address_id == now.c.address_id)
        .where(
            now.c.recorded_from == rewriting.first,
            now.c.recorded_to.is_(None),
            now.c.valid.contains(on),
            then.c.recorded_to == rewriting.first,
            then.c.valid.contains(on),
            now.c.division_id != then.c.division_id,
            untouched_since(address_version, rewriting.first, now.c.address_id),
        )
        .order_by(now.c.address_id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
