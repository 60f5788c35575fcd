"""Addresses whose division ends are taken over by its successor."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import Uuid, column, func, insert, literal, select, union_all, update, values
from sqlalchemy.dialects.postgresql import DATERANGE

from registry.addresses.tables import address_version
from registry.changes.period import Period
from registry.changes.rows import to_range
from registry.changes.work import Work

CAUSE = "rehome"


def rehome(work: Work, *, from_division: UUID, to_division: UUID, on: date) -> int:
    """From a day on, addresses of one ended division belong to its successor; see `rehome_all`."""
    return rehome_all(work, {from_division: to_division}, on=on)


def rehome_all(work: Work, heirs: Mapping[UUID, UUID], *, on: date) -> int:
    """From a day on, addresses of ended divisions belong to their successors.

    One statement however many divisions and addresses there are: each row is closed, and written
    again from that one reading of it with the shorter `valid`, and with its new division from the
    day on. Versions that begin later, and what held before the day, are kept. Returns the
    addresses' versions that moved.
    """
    if not heirs:
        return 0
    table, number = address_version, work.number
    since = literal(to_range(Period.since(on)), DATERANGE)
    until = literal(to_range(Period(None, on)), DATERANGE)
    heir = values(column("ended_id", Uuid), column("heir_id", Uuid), name="heir").data(
        list(heirs.items())
    )
    closed = (
        update(table)
        .where(
            table.c.division_id == heir.c.ended_id,
            table.c.recorded_to.is_(None),
            table.c.valid.op("&&")(since),
        )
        .values(recorded_to=number)
        .returning(table, heir.c.heir_id)
        .cte("closed")
    )
    kept = [c.name for c in table.columns if c.name not in _REWRITTEN]
    own = [closed.c[name] for name in kept]
    after = closed.c.valid.op("*", return_type=DATERANGE())(since)
    before = closed.c.valid.op("*", return_type=DATERANGE())(until)
    moved = select(*own, closed.c.heir_id, after, literal(CAUSE), literal(number), literal(number))
    as_it_was = select(
        *own, closed.c.division_id, before, closed.c.cause, closed.c.begun_by, literal(number)
    ).where(~func.isempty(before))
    written = (
        insert(table)
        .from_select(
            [*kept, "division_id", "valid", "cause", "begun_by", "recorded_from"],
            # One address after the other: both of its rows meet the same leaves of the indexes.
            union_all(moved, as_it_was).order_by("address_id"),
        )
        .returning(table.c.cause)
        .cte("written")
    )
    count = work.connection.scalar(
        select(func.count()).select_from(written).where(written.c.cause == CAUSE)
    )
    return int(count or 0)


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
