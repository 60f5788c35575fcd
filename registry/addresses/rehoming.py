"""Addresses that belong to another division from a day on: all of one that ends, or some of one
that is divided."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import DATERANGE

from registry.addresses.tables import address_version
from registry.changes.period import Period
from registry.changes.rows import to_range
from registry.changes.work import Work

CAUSE = "rehome"


def rehome(
    work: Work,
    *,
    from_division: UUID,
    to_division: UUID,
    on: date,
    address_ids: Collection[UUID] | None = None,
) -> int:
    """From a day on, addresses of a division belong to another.

    Set-based: two inserts and an update however many addresses there are. Versions that begin
    later, and what held before the day, are kept. Returns the versions moved.

    Args:
        address_ids: which addresses; None: all of the division.
    """
    table = address_version
    since = literal(to_range(Period.since(on)), DATERANGE)
    until = literal(to_range(Period(None, on)), DATERANGE)
    moved = (
        select(table.c.version_id)
        .where(
            table.c.division_id == from_division,
            table.c.recorded_to.is_(None),
            table.c.valid.op("&&")(since),
            true() if address_ids is None else table.c.address_id == any_(_ids("address_ids")),
        )
        .order_by(table.c.version_id)
    )
    chosen = {} if address_ids is None else {"address_ids": list(address_ids)}
    ids = list(work.connection.scalars(moved, chosen))
    if not ids:
        return 0
    kept = [c.name for c in table.columns if c.name not in _REWRITTEN]
    number = work.number
    versions = {"version_ids": ids}
    closed = table.c.version_id == any_(bindparam("version_ids", type_=ARRAY(BigInteger())))
    work.connection.execute(update(table).where(closed).values(recorded_to=number), versions)
    work.connection.execute(
        insert(table).from_select(
            [*kept, "division_id", "valid", "cause", "begun_by", "recorded_from"],
            select(
                *(table.c[name] for name in kept),
                literal(to_division),
                table.c.valid.op("*", return_type=DATERANGE())(since),
                literal(CAUSE),
                literal(number),
                literal(number),
            ).where(closed),
        ),
        versions,
    )
    before = table.c.valid.op("*", return_type=DATERANGE())(until)
    work.connection.execute(
        insert(table).from_select(
            [*kept, "division_id", "valid", "cause", "begun_by", "recorded_from"],
            select(
                *(table.c[name] for name in kept),
                table.c.division_id,
                before,
                table.c.cause,
                table.c.begun_by,
                literal(number),
            ).where(closed, ~func.isempty(before)),
        ),
        versions,
    )
    return len(ids)


def _ids(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(Uuid()))


_REWRITTEN = frozenset(
    {
        "version_id",
        "division_id",
        "valid",
        "cause",
        "begun_by",
        "recorded_from",
        "recorded_to",
    }
)
