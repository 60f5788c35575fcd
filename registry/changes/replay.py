"""Replay (重放): rows of another registry's changes, written so that the tables become equal.

Rows come in the log's order: change by change, table by table, those no longer believed before
those now believed. Many changes are written together, a table at a time: first the rows that stop
being believed, then the new ones, so that no moment holds two beliefs of one fact.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Table, any_, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import ARRAY

from registry.changes.bulk import copy_rows
from registry.changes.lines import row_columns
from registry.tables import LOGGED_TABLES, VERSION_TABLES

BATCH = 20_000
TABLES: dict[str, Table] = {str(table.name): table for table in LOGGED_TABLES}
IDENTITY = "version_id"


class Replay:
    """Gathers rows and writes them inside the caller's transaction; `flush` ends it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._new: dict[str, dict[Any, list[Any]]] = defaultdict(dict)
        self._closed: dict[str, dict[int, int]] = defaultdict(dict)
        self._held = 0

    def take(self, number: int, table: str, side: str, row: Mapping[str, Any]) -> None:
        """One row of change `number`, in exact form."""
        fresh = self._new[table]
        if side == "old":
            own = row[IDENTITY]
            # A row written and closed within the batch is written closed.
            if own in fresh:
                fresh[own][-1] = number
            else:
                self._closed[table][own] = number
        else:
            values = [row[column.name] for column in row_columns(TABLES[table])]
            key = row[IDENTITY] if IDENTITY in row else row[TABLES[table].info["key"]]
            fresh[key] = [*values, number, None]
        self._held += 1
        if self._held >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        for name, table in TABLES.items():
            self._close(table, self._closed.get(name, {}))
        for name, table in TABLES.items():
            write_rows(self._connection, table, self._new.get(name, {}).values())
        self._new.clear()
        self._closed.clear()
        self._held = 0

    def _close(self, table: Table, closed: Mapping[int, int]) -> None:
        if not closed:
            return
        pairs = (
            func.unnest(
                literal(list(closed), ARRAY(BigInteger)),
                literal(list(closed.values()), ARRAY(BigInteger)),
            )
            .table_valued("own", "number")
            .render_derived(name="closing")
        )
        self._connection.execute(
            update(table)
            .where(table.c.version_id == pairs.c.own)
            .values(recorded_to=pairs.c.number)
        )


def write_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Write exact rows: the values of `row_columns`, then `recorded_from` and `recorded_to`."""
    names = [column.name for column in row_columns(table)]
    if IDENTITY in table.c:
        return copy_rows(connection, table, [*names, "recorded_from", "recorded_to"], rows)
    without_end = (row[:-1] for row in rows)
    return copy_rows(connection, table, [*names, "recorded_from"], without_end)


def continue_numbering(connection: Connection) -> None:
    """After a replay: let the tables' own numbering go on above what was copied."""
    # A table without rows has no top, and setval leaves its sequence alone then.
    tops = (
        select(
            func.setval(
                func.pg_get_serial_sequence(str(table.name), "version_id"),
                func.max(table.c.version_id),
            )
        )
        for table in VERSION_TABLES
    )
    connection.execute(union_all(*tops)).all()


def forget_rows(connection: Connection, table: Table, keys: Sequence[Any]) -> None:
    """Take rows out by what identifies them: only in a copy of a scope, which holds no past."""
    own = table.c.version_id if IDENTITY in table.c else table.c[table.info["key"]]
    connection.execute(table.delete().where(own == any_(literal(list(keys), ARRAY(own.type)))))
