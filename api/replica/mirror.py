"""A part of a registry in PostGIS: what a scope shows now, with the days each row lies in it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from psycopg import sql
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    literal,
    literal_column,
    select,
    text,
)

from api.replica.model import RowLine
from registry.changes.bulk import SEPARATOR, copy_out
from registry.changes.lines import as_json, exact_columns, row_columns
from registry.changes.replay import TABLES, forget_rows
from registry.changes.snapshot import tables_shown
from registry.changes.view import FeedView

BATCH = 20_000
FOREIGN_KEYS = text(
    "SELECT conrelid::regclass::text, conname FROM pg_constraint"
    " WHERE contype = 'f' AND conrelid = ANY(CAST(:tables AS regclass[]))"
)


class Collapsed:
    """Rows to take out and rows to put in, when several changes are written at once."""

    def __init__(self) -> None:
        self.out: dict[str, set[Any]] = {}
        self.put: dict[str, dict[Any, RowLine]] = {}
        self.size = 0

    def take(self, line: RowLine) -> None:
        """One more row of the feed."""
        own = identity_of(line)
        fresh = self.put.setdefault(line.table, {})
        if line.side == "old":
            if fresh.pop(own, None) is None:
                self.out.setdefault(line.table, set()).add(own)
        else:
            fresh[own] = line
        self.size += 1


def identity_of(line: RowLine) -> Any:
    """What a row is taken out by: its version, or its key where it has none."""
    if "version_id" in line.row:
        return line.row["version_id"]
    return line.row[TABLES[line.table].info["key"]]


class Mirror:
    """The tables of a registry without what binds them to rows that are not shown."""

    def __init__(self, view: FeedView) -> None:
        self._tables = tables_shown(view)
        self._is_scoped = view.is_scoped

    def prepare(self, connection: Connection) -> None:
        """Loosen the tables and give them their column of days."""
        names = [str(table.name) for table in self._tables]
        raw = connection.connection.driver_connection
        assert raw is not None
        for table, constraint in connection.execute(FOREIGN_KEYS, {"tables": names}).all():
            raw.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                    sql.Identifier(table), sql.Identifier(constraint)
                )
            )
        for name in names:
            raw.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN within datemultirange").format(
                    sql.Identifier(name)
                )
            )

    def load(self, connection: Connection, rows: Iterable[RowLine]) -> None:
        """Put rows in that are not there."""
        for name, group in groupby(rows, key=lambda line: line.table):
            _put(connection, TABLES[name], group)

    def apply(self, connection: Connection, rows: Iterable[tuple[int, RowLine]]) -> None:
        """Take old rows out and put new ones in, in the order of the feed."""
        held = Collapsed()
        for number, line in rows:
            line.row.setdefault("recorded_from", number)
            held.take(line)
            if held.size >= BATCH:
                self._write(connection, held)
                held = Collapsed()
        self._write(connection, held)

    def lines(self, connection: Connection) -> Iterator[tuple[str, str, bytes]]:
        """What it holds, as the lines of a snapshot: table, key, line."""
        for table in self._tables:
            key = table.c[table.info["key"]]
            is_version = "version_id" in table.c
            order = (key, table.c.version_id) if is_version else (key,)
            has_days = is_version and self._is_scoped
            days: ColumnElement[Any] = literal_column("within::text").label("within")
            columns = [
                *exact_columns(table),
                table.c.recorded_from,
                *([days] if has_days else []),
            ]
            head = literal(f'{{"table":"{table.name}","row":', Text)
            line = head.concat(as_json(table, columns)).concat(literal("}", Text))
            for both in copy_out(connection, select(cast(key, Text), line).order_by(*order), {}):
                own, _separator, text_ = both.partition(SEPARATOR)
                yield str(table.name), own.decode(), text_

    def _write(self, connection: Connection, held: Collapsed) -> None:
        for table in self._tables:
            gone = held.out.get(str(table.name))
            if gone:
                forget_rows(connection, table, sorted(gone))
        for table in self._tables:
            _put(connection, table, held.put.get(str(table.name), {}).values())


def _put(connection: Connection, table: Table, rows: Iterable[RowLine]) -> None:
    names = [column.name for column in row_columns(table)]
    raw = connection.connection.driver_connection
    assert raw is not None
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(str(table.name)),
        sql.SQL(", ").join(map(sql.Identifier, [*names, "recorded_from", "within"])),
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for line in rows:
            copy.write_row(
                [
                    *(_literal(line.row[name]) for name in names),
                    line.row["recorded_from"],
                    line.row.get("within"),
                ]
            )


def _literal(value: Any) -> Any:
    if isinstance(value, dict):
        return f"[{value['from'] or ''},{value['to'] or ''})"
    return value
