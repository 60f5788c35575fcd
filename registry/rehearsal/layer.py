"""A layer over the registry's tables: the same names, the same columns, one act more.

A layer is a database schema. A connection whose `search_path` names it first reads, with the
statements it always runs, the registry as it stood after change N with further acts on top:

- of every table the log carries there is a view: the registry's rows, whose closing by a plan is
  added on the way, and the rows the plan writes. Both arms are plain selects without conditions,
  so the planner pulls them up and uses the registry's own indexes;
- what was recorded after N is moved out of sight by adding `LATER` to its change numbers;
- `registry_head` is a table of its own, so a work inside the layer waits for nobody's lock.

Inside the layer the verbs of the registry write as they do outside; rewrite rules of the views
lead each row to the layer's tables. They decide nothing but where a row is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg.errors import UndefinedTable
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    Select,
    Sequence,
    Table,
    case,
    func,
    insert,
    literal,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateIndex, CreateSchema, CreateSequence, CreateTable
from sqlalchemy.types import NullType

from registry.changes.tables import change, decree, registry_head
from registry.rehearsal.ddl import (
    Analyse,
    CloseRule,
    CreateView,
    DeleteRule,
    InsertRule,
    NumberRows,
)
from registry.tables import IDENTITY_TABLES, VERSION_TABLES

LATER = 1 << 40
"""Added to the numbers of changes that a layer does not know."""
FIRST_VERSION_ID = 1 << 60
"""Rows of a layer come after all rows of the registry."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The names of one layer's tables."""

    schema_name: str
    known: int
    """The last change of the registry that it shows."""

    def make(self, connection: Connection) -> None:
        """Create it, empty; `search_path` must still lead to the registry's own tables."""
        connection.execute(CreateSchema(self.schema_name))
        connection.execute(CreateSequence(self._version_ids()))
        self._copy(connection, registry_head)
        self._copy(connection, decree)
        for table in (*IDENTITY_TABLES, *VERSION_TABLES, change):
            self._overlay(connection, table)

    def enter(self, connection: Connection) -> int | None:
        """Let this transaction read and write in the layer, and hold it in place until it ends.

        Returns the number of the layer's last act; None when there is no such layer (any more):
        the transaction is then of no further use.
        """
        head = self._named(registry_head)
        # In one statement, on a table nothing else is called: a search path with a schema in it
        # that was dropped would quietly lead to the registry itself.
        try:
            found = connection.execute(select(head.c.number, _path(connection, self.schema_name)))
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                return None
            raise
        number: int = found.one()[0]
        return number

    def settle(self, connection: Connection) -> None:
        """After the last write: what was not touched costs nothing, what was gets its indexes."""
        connection.execute(select(_path(connection, None)))
        for table in (*IDENTITY_TABLES, *VERSION_TABLES):
            touched = [one for one in self._kept_of(table) if self._holds(connection, one)]
            if not touched:
                body = self._registry_arm(table, without_closed=True)
                connection.execute(CreateView(self._named(table), body))
            for kept in touched:
                for index in _indexes(table, kept):
                    connection.execute(CreateIndex(index))
                connection.execute(Analyse(kept))

    def _kept_of(self, table: Table) -> list[Table]:
        """Where the layer keeps what is written to a table of the log."""
        written = self._written(table)
        return [written, self._closed(table)] if "recorded_to" in table.c else [written]

    def _holds(self, connection: Connection, table: Table) -> bool:
        return bool(connection.scalar(select(select(literal(1)).select_from(table).exists())))

    def _copy(self, connection: Connection, table: Table) -> None:
        own = self._named(table)
        connection.execute(CreateTable(own))
        names = [column.name for column in table.columns]
        connection.execute(insert(own).from_select(names, select(table)))

    def _overlay(self, connection: Connection, table: Table) -> None:
        view, written, closed = self._named(table), self._written(table), self._closed(table)
        connection.execute(CreateTable(written))
        arms = [self._registry_arm(table), self._written_arm(table)]
        if "recorded_to" in table.c:
            connection.execute(CreateTable(closed))
        connection.execute(CreateView(view, union_all(*arms)))
        connection.execute(InsertRule(view, written))
        if "recorded_to" in table.c:
            connection.execute(NumberRows(view, self._version_ids()))
            connection.execute(CloseRule(view, closed))
            connection.execute(DeleteRule(view, written))

    def _registry_arm(self, table: Table, *, without_closed: bool = False) -> Select[Any]:
        arm = select(*self._columns(table, without_closed=without_closed))
        # The key of a change cannot be moved and still be looked up by; few read changes in bulk.
        return arm.where(table.c.number <= self.known) if table is change else arm

    def _columns(self, table: Table, *, without_closed: bool) -> Iterator[ColumnElement[Any]]:
        for column in table.columns:
            value: ColumnElement[Any] = _raw(column)
            if column.name == "recorded_from":
                value = self._out_of_sight(column)
            elif column.name == "recorded_to":
                value = self._closing(table, column, without_closed=without_closed)
            yield value.label(column.name)

    def _written_arm(self, table: Table) -> Select[Any]:
        written = self._written(table)
        columns: list[ColumnElement[Any]] = [_raw(column) for column in written.columns]
        if "recorded_to" in written.c:
            # An act closes what an earlier act of the same case has written.
            place = list(written.c).index(written.c.recorded_to)
            columns[place] = func.coalesce(written.c.recorded_to, self._closed_by(table, written))
        return select(
            *(one.label(column.name) for one, column in zip(columns, written.c, strict=True))
        )

    def _out_of_sight(self, column: Column[Any]) -> ColumnElement[Any]:
        return case((column > self.known, column + LATER), else_=column)

    def _closing(
        self, table: Table, column: Column[Any], *, without_closed: bool
    ) -> ColumnElement[Any]:
        later: ColumnElement[Any] = column + LATER
        if not without_closed:
            later = func.coalesce(self._closed_by(table, table), later)
        return case((column <= self.known, column), else_=later)

    def _closed_by(self, table: Table, rows: Table) -> ColumnElement[Any]:
        closed = self._closed(table)
        return (
            select(closed.c.closed_by)
            .where(closed.c.version_id == rows.c.version_id)
            .correlate(rows)
            .scalar_subquery()
        )

    def _named(self, table: Table) -> Table:
        return _like(table, table.name, self.schema_name)

    def _written(self, table: Table) -> Table:
        return _like(table, f"{table.name}_written", self.schema_name)

    def _closed(self, table: Table) -> Table:
        return Table(
            f"{table.name}_closed",
            MetaData(),
            Column("version_id", BigInteger, primary_key=True, autoincrement=False),
            Column("closed_by", BigInteger, nullable=False),
            schema=self.schema_name,
        )

    def _version_ids(self) -> "Sequence":
        return Sequence(
            "version_ids", start=FIRST_VERSION_ID, data_type=BigInteger, schema=self.schema_name
        )


def _like(table: Table, name: str, schema_name: str) -> Table:
    """The same columns under another name, without what only the registry's own table needs."""
    columns = [
        Column(c.name, c.type, primary_key=c.primary_key, autoincrement=False, nullable=c.nullable)
        for c in table.columns
    ]
    return Table(name, MetaData(), *columns, schema=schema_name)


def _indexes(table: Table, kept: Table) -> Iterator[Index]:
    """The indexes of a table for a table of the layer that has its columns."""
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        whole = index.dialect_options["postgresql"]["where"] is None
        if whole and all(column.name in kept.c for column in index.columns):
            columns = [kept.c[column.name] for column in index.columns]
            yield Index(index.name, *columns, **index.dialect_kwargs)


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """The column as it is stored: geometries are not turned into text on the way."""
    return type_coerce(column, NullType())


def _path(connection: Connection, schema_name: str | None) -> ColumnElement[str]:
    """Sets where this transaction looks for tables: in a schema before the registry's own."""
    own = connection.dialect.default_schema_name
    path = own if schema_name is None else f"{schema_name}, {own}"
    return func.set_config("search_path", path, literal_column("true"))
