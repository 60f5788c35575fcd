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

    Two statements however many divisions and addresses there are: the rows are closed, and written
    again with the shorter `valid`, and with their new division from the day on. Versions that begin later, and what held before the day, are kept. Returns the
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
    done = work.connection.execute(
        update(table)
        .where(
            table.c.division_id.in_(list(heirs)),
            table.c.recorded_to.is_(None),
            table.c.valid.op("&&")(since),
        )
        .values(recorded_to=number)
    )
    kept = [c.name for c in table.columns if c.name not in _REWRITTEN]
    closed = (table.c.recorded_to == number, table.c.valid.op("&&")(since))
    moved = (
        select(
            *(table.c[name] for name in kept),
            heir.c.heir_id,
            table.c.valid.op("*", return_type=DATERANGE())(since),
            literal(CAUSE),
            literal(number),
            literal(number),
        )
        .join(heir, table.c.division_id == heir.c.ended_id)
        .where(*closed)
    )
    before = table.c.valid.op("*", return_type=DATERANGE())(until)
    as_it_was = select(
        *(table.c[name] for name in kept),
        table.c.division_id,
        before,
        table.c.cause,
        table.c.begun_by,
        literal(number),
    ).where(table.c.division_id.in_(list(heirs)), *closed, ~func.isempty(before))
    work.connection.execute(
        insert(table).from_select(
            [*kept, "division_id", "valid", "cause", "begun_by", "recorded_from"],
            # One address after the other: both of its rows meet the same leaves of the indexes.
            union_all(moved, as_it_was).order_by("address_id"),
        )
    )
    return int(done.rowcount)


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
