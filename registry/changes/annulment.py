"""Annulment (撤销): what a change did is taken back by a later one, fact by fact, for every day.

Nothing is deleted: what the change wrote is no longer believed, what it had stopped believing is
believed again, and whoever asks with the knowledge of then still reads what was believed then.
Identities stay; they are never reused.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, func, insert, literal, or_, select, update

from registry.changes.rows import SHARED_COLUMNS
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.errors import LaterWorkStands
from registry.tables import VERSION_TABLES

MOST_NAMED = 20
"""Later changes that an error names."""


def annul(work: Work, number: int) -> int:
    """Take back everything change `number` did; returns the rows believed again or no more.

    An annulment is a change like others and may itself be annulled.

    Raises:
        ChangeIsUnknown: no such change, or not yet.
        LaterWorkStands: a fact was rewritten since; nothing of the change is taken back then.
    """
    work.start()
    connection = work.connection
    ChangeStore(connection).get(number)
    later: dict[int, set[UUID]] = {}
    for table in VERSION_TABLES:
        for key, change in connection.execute(_rewritten_since(table, number, work.number)):
            later.setdefault(change, set()).add(key)
    if later:
        facts = len(set().union(*later.values()))
        raise LaterWorkStands(change=number, facts=facts, later=sorted(later)[:MOST_NAMED])
    return sum(_take_back(connection, table, number, work.number) for table in VERSION_TABLES)


def _rewritten_since(table: Table, number: int, own: int) -> Select[Any]:
    """Facts the change touched, with every later change that touched them too."""
    key = table.c[table.info["key"]]
    touched = select(key).where(_touched_by(table, number))
    later = func.greatest(table.c.recorded_from, func.coalesce(table.c.recorded_to, 0))
    return select(key, later).where(key.in_(touched), later > number, later < own).distinct()


def _touched_by(table: Table, number: int) -> Any:
    return or_(table.c.recorded_from == number, table.c.recorded_to == number)


def _take_back(connection: Connection, table: Table, number: int, own: int) -> int:
    closed = connection.execute(
        update(table)
        .where(table.c.recorded_from == number, table.c.recorded_to.is_(None))
        .values(recorded_to=own)
    )
    kept = _kept(table)
    restored = connection.execute(
        insert(table).from_select(
            [*kept, "recorded_from"],
            select(*(table.c[name] for name in kept), literal(own)).where(
                table.c.recorded_to == number
            ),
        )
    )
    return int(closed.rowcount) + int(restored.rowcount)


def _kept(table: Table) -> Sequence[str]:
    """Columns a row keeps when it is believed again: all but its number and its recorded time."""
    gone = SHARED_COLUMNS - {"valid", "cause", "begun_by"}
    return [column.name for column in table.columns if column.name not in gone]
