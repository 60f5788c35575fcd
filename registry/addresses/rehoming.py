"""Addresses whose division ends are taken over by its successor."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, any_, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import DATERANGE

from registry.addresses.tables import address_version
from registry.changes.period import Period
from registry.changes.rows import to_range
from registry.changes.work import Work

CAUSE = "rehome"


def rehome(work: Work, *, from_division: UUID, to_division: UUID, on: date) -> int:
    """From a day on, addresses of an ended division belong to its successor.

    Set-based: two inserts and an update however many addresses there are. Versions that begin
    later, and what held before the day, are kept. Returns the addresses moved.
    """
    table = address_version
    since = literal(to_range(Period.since(on)), DATERANGE)
    until = literal(to_range(Period(None, on)), DATERANGE)
    moved = (
        select(table)
        .where(
            table.c.division_id == from_division,
            table.c.recorded_to.is_(None),
            table.c.valid.op("&&")(since),
        )
        .subquery()
    )
    count = work.connection.scalar(select(func.count()).select_from(moved)) or 0
    if not count:
        return 0
    kept = [c.name for c in table.columns if c.name not in _REWRITTEN]
    number = work.number
    ids = list(work.connection.scalars(select(moved.c.version_id)))
    # One parameter however many there are: the protocol carries no more than 65,535.
    closed = table.c.version_id == any_(literal(ids, ARRAY(BigInteger)))
    work.connection.execute(update(table).where(closed).values(recorded_to=number))
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
        )
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
        )
    )
    return count


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
