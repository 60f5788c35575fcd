"""What differs between two points of both clocks: addresses (标准地址), by row and by composed text.

An address differs when its own components or position do, or when what its text is composed of
does: the name of a division above it, or of its carrier. The second kind is found by the
divisions and carriers, never by composing every text.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Uuid,
    and_,
    any_,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from registry.addresses.tables import address, address_version, position_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.difference import Status

OWN = ("division_id", "carrier_id", "number", "sub_number", "building", "unit", "floor", "room")


@dataclass(frozen=True, slots=True)
class AddressScope:
    """Which addresses are looked at, and what around them differs."""

    start: AsOf
    end: AsOf
    inside: Collection[UUID] | None
    """Divisions of the scope at either point; None: all."""
    divisions: Collection[UUID]
    """Those whose text, with all above them, differs."""
    carriers: Collection[UUID]
    """Those whose name differs."""


@dataclass(frozen=True, slots=True)
class DifferingAddress:
    """One address that differs."""

    address_id: UUID
    code: str
    status: Status
    changes: tuple[int, ...]


def differing_addresses(
    connection: Connection, scope: AddressScope, *, limit: int, after: str
) -> list[DifferingAddress]:
    """The next addresses that differ, in the order of their codes."""
    found = _differing(scope).subquery()
    rows = connection.execute(
        select(found).where(found.c.code > after).order_by(found.c.code).limit(limit)
    )
    return [
        DifferingAddress(
            row.address_id,
            row.code,
            Status(row.status),
            tuple(sorted({n for n in (row.old_change, row.new_change) if n is not None})),
        )
        for row in rows
    ]


def count_differing(connection: Connection, scope: AddressScope) -> dict[str, int]:
    """How many addresses differ, by status."""
    found = _differing(scope).subquery()
    rows = connection.execute(select(found.c.status, func.count()).group_by(found.c.status))
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    return {status.value: counts.get(status.value, 0) for status in Status}


def _differing(scope: AddressScope) -> Select[Any]:
    old, new = (_side(at, name) for at, name in ((scope.start, "old"), (scope.end, "new")))
    status = case(
        (old.c.address_id.is_(None), Status.ADDED.value),
        (new.c.address_id.is_(None), Status.REMOVED.value),
        else_=Status.CHANGED.value,
    )
    both = old.join(new, old.c.address_id == new.c.address_id, full=True)
    key = func.coalesce(old.c.address_id, new.c.address_id)
    return (
        select(
            address.c.address_id,
            address.c.code,
            status.label("status"),
            old.c.begun_by.label("old_change"),
            new.c.begun_by.label("new_change"),
        )
        .select_from(both.join(address, address.c.address_id == key))
        .where(_differs(old, new, scope), _in_scope(old, new, scope.inside))
    )


def _side(at: AsOf, name: str) -> Any:
    version = address_version
    return (
        select(
            version.c.address_id,
            version.c.begun_by,
            version.c.stage,
            *(version.c[column] for column in OWN),
        )
        .where(seen_at(version, at))
        .subquery(name)
    )


def _differs(old: Any, new: Any, scope: AddressScope) -> ColumnElement[bool]:
    own = [old.c[name].is_distinct_from(new.c[name]) for name in ("address_id", "stage", *OWN)]
    around = [
        old.c.division_id == any_(_ids(scope.divisions)),
        old.c.carrier_id == any_(_ids(scope.carriers)),
    ]
    return or_(*own, *around, address.c.object_id.in_(_moved(scope)))


def _moved(scope: AddressScope) -> Select[Any]:
    """Objects whose position is another at the two points."""
    old, new = (
        select(position_version).where(seen_at(position_version, at)).subquery(name)
        for at, name in ((scope.start, "was_at"), (scope.end, "is_at"))
    )
    return (
        select(old.c.object_id)
        .join(new, old.c.object_id == new.c.object_id)
        .where(old.c.version_id != new.c.version_id, ~old.c.position.ST_Equals(new.c.position))
    )


def _in_scope(old: Any, new: Any, inside: Collection[UUID] | None) -> ColumnElement[bool]:
    if inside is None:
        return and_(true())
    ids = _ids(inside)
    return or_(old.c.division_id == any_(ids), new.c.division_id == any_(ids))


def _ids(ids: Collection[UUID]) -> ColumnElement[Sequence[UUID]]:
    return literal(list(ids), ARRAY(Uuid()))
