"""The exact form of rows: one JSON text a row, written by the database itself.

These bytes are what the log commits to, what an export holds and what a replica replays, so they
are made in one place. A line names its table, its side and the row:

    {"table":"address_version","side":"new","row":{"version_id":7,"address_id":"…",…}}

`new` rows carry every column but the recorded ones; geometries are EWKB in hexadecimal, little
endian; `valid` is the range as PostgreSQL writes it. `old` rows, which a change stops believing,
carry only their `version_id` and key: their contents stand in the change that wrote them.
"""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
)

RECORDED = frozenset({"recorded_from", "recorded_to"})
OLD, NEW = "old", "new"

FIRST: ColumnElement[int] = bindparam("first", type_=BigInteger)
LAST: ColumnElement[int] = bindparam("last", type_=BigInteger)


def row_columns(table: Table) -> list[Column[Any]]:
    """The columns an exact row carries, in order."""
    return [column for column in table.columns if column.name not in RECORDED]


def exact_columns(table: Table) -> list[ColumnElement[Any]]:
    """The same as the database writes them into a line."""
    return [_exact(column) for column in row_columns(table)]


def order_key(table: Table) -> Column[Any]:
    """What orders the rows of a change within a table and a side."""
    name: str = "version_id" if "version_id" in table.c else table.info["key"]
    return table.c[name]


def as_json(table: Table, columns: list[ColumnElement[Any]]) -> ColumnElement[str]:
    """A row of a table as JSON text."""
    row = select(*columns).correlate(table).subquery("r")
    whole = select(literal_column("r")).select_from(row).scalar_subquery()
    return cast(func.row_to_json(whole), Text)


def line_of(table: Table, side: str, columns: list[ColumnElement[Any]]) -> ColumnElement[str]:
    """The line of a row."""
    head = literal(f'{{"table":"{table.name}","side":"{side}","row":', Text)
    return head.concat(as_json(table, columns)).concat(literal("}", Text))


def new_lines(table: Table) -> Select[Any]:
    """Number, side, place and line of every row written by the changes FIRST to LAST."""
    return select(
        table.c.recorded_from.label("number"),
        literal(1, Integer).label("rank"),
        order_key(table).label("place"),
        line_of(table, NEW, exact_columns(table)).label("line"),
    ).where(table.c.recorded_from.between(FIRST, LAST))


def old_lines(table: Table) -> Select[Any]:
    """The same for the rows those changes stopped believing."""
    key = table.c[table.info["key"]]
    return select(
        table.c.recorded_to.label("number"),
        literal(0, Integer).label("rank"),
        order_key(table).label("place"),
        line_of(table, OLD, [table.c.version_id, key]).label("line"),
    ).where(table.c.recorded_to.between(FIRST, LAST))


def _exact(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Geometry):
        return func.encode(func.ST_AsEWKB(column, "NDR"), "hex").label(column.name)
    return column
