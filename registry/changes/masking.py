"""Facts of which nobody can tell what would stand: an annulment had nothing to do while others spoke.

When a work is annulled while a later one covers what it did, the annulment writes little or nothing
of the fact. Were the later work annulled after that, what it covers would come back although it was
annulled. So what was annulled since, with other work on the same fact between it and its
annulment, is for a person to decide: they annul in the reverse order.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, Select, Table, any_, select, union_all

from registry.changes.amendments import Undone
from registry.changes.rows import key_array, touched_by


def touched_among(
    connection: Connection, table: Table, keys: Iterable[UUID], numbers: Sequence[int]
) -> dict[UUID, set[int]]:
    """By fact, those of some changes that touched it."""
    if not numbers:
        return {}
    key = table.c[table.info["key"]]
    wanted = key == any_(key_array(keys))
    ends = (table.c.recorded_from, table.c.recorded_to)
    rows = connection.execute(
        union_all(*(select(key, end).where(wanted, end.in_(numbers)) for end in ends))
    )
    found: dict[UUID, set[int]] = {}
    for one, number in rows:
        found.setdefault(one, set()).add(number)
    return found


def is_masked(
    first: int,
    touched: Iterable[int],
    moments: Sequence[int],
    undone: Sequence[Undone],
    own: frozenset[int],
) -> bool:
    """Whether an annulment made since may have had less to do with a fact than it would have.

    Args:
        first: the act that is to be annulled or corrected; it touched the fact.
        touched: annulled changes that touched it.
        moments: changes after the act that touched it.
        own: the act's own corrections and annulments.
    """
    wanted = set(touched)
    others = {first, *(number for number in moments if number not in own)}
    return any(
        number < between < by for number, by in undone if number in wanted for between in others
    )


def met_before(table: Table, first: int, undone: Sequence[Undone]) -> Select[UUID]:
    """Keys of facts an act touched, and before it something that was annulled after it."""
    key = table.c[table.info["key"]]
    earlier = [one.number for one in undone if one.number < first]
    return select(key).where(
        key.in_(touched_by(table, [first])), key.in_(touched_by(table, earlier))
    )
