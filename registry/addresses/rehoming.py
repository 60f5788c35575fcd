"""Addresses that belong to another division from a day on: all of one that ends, or some of one
that is divided."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    any_,
    column,
    func,
    insert,
    literal,
    select,
    true,
    union_all,
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
    """From a day on, addresses of one division belong to another; see `rehome_all`.

    Args:
        address_ids: which addresses; None: all of the division.
    """
    if address_ids is None:
        return rehome_all(work, {from_division: to_division}, on=on)
    heirs = dict.fromkeys(address_ids, to_division)
    return _rewrite(
        work,
        address_version.c.address_id,
        heirs,
        on=on,
        only=address_version.c.division_id == from_division,
    )


def rehome_all(work: Work, heirs: Mapping[UUID, UUID], *, on: date) -> int:
    """From a day on, addresses of ended divisions belong to their successors.

    Two statements however many divisions and addresses there are: the rows are closed, and written
    again with the shorter `valid`, and with their new division from the day on. Versions that begin
    later, and what held before the day, are kept. Returns the addresses' versions that moved.
    """
    return _rewrite(work, address_version.c.division_id, heirs, on=on, only=true())


def _rewrite(
    work: Work,
    key: ColumnElement[UUID],
    heirs: Mapping[UUID, UUID],
    *,
    on: date,
    only: ColumnElement[bool],
) -> int:
    if not heirs:
        return 0
    table, number = address_version, work.number
    since = literal(to_range(Period.since(on)), DATERANGE)
    until = literal(to_range(Period(None, on)), DATERANGE)
    # Arrays: a statement takes 65,535 parameters at most.
    keys, successors = _array(heirs.keys()), _array(heirs.values())
    heir = (
        func.unnest(keys, successors)
        .table_valued(column("key", Uuid()), column("heir_id", Uuid()), name="heir")
        .render_derived()
    )
    done = work.connection.execute(
        update(table)
        .where(
            key == any_(keys), only, table.c.recorded_to.is_(None), table.c.valid.op("&&")(since)
        )
        .values(recorded_to=number)
    )
    kept = [c.name for c in table.columns if c.name not in _REWRITTEN]
    closed = (only, table.c.recorded_to == number, table.c.valid.op("&&")(since))
    moved = (
        select(
            *(table.c[name] for name in kept),
            heir.c.heir_id,
            table.c.valid.op("*", return_type=DATERANGE())(since),
            literal(CAUSE),
            literal(number),
            literal(number),
        )
        .join(heir, key == heir.c.key)
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
    ).where(key == any_(keys), *closed, ~func.isempty(before))
    work.connection.execute(
        insert(table).from_select(
            [*kept, "division_id", "valid", "cause", "begun_by", "recorded_from"],
            # One address after the other: both of its rows meet the same leaves of the indexes.
            union_all(moved, as_it_was).order_by("address_id"),
        )
    )
    return int(done.rowcount)


def _array(ids: Collection[UUID]) -> ColumnElement[Sequence[UUID]]:
    return literal(list(ids), ARRAY(Uuid()))


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
