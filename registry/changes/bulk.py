"""COPY: the way many rows come in and go out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import ClauseElement, Connection, Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

SEPARATOR = b"\x02"
UNQUOTED = rb"(FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"
"""CSV whose quote and delimiter never occur in text: every value comes as it is."""
WITH_HEADER = b"(FORMAT csv, HEADER)"
"""CSV as office programs read it, quoted where it must be."""


def copy_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Stream rows into a table inside the caller's transaction; returns how many."""
    raw = connection.connection.driver_connection
    assert raw is not None
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_out(
    connection: Connection,
    statement: ClauseElement,
    values: Mapping[str, object],
    *,
    form: bytes = UNQUOTED,
) -> Iterator[bytes]:
    """Stream the rows of a statement out by COPY, as fast as the database can write them.

    Args:
        values: of the statement's parameters.
        form: unless said otherwise values come as bare text, parted by `SEPARATOR`, without
            quoting: only for columns whose text holds no control characters, such as JSON.
    """
    rest = b""
    for block in copied_blocks(connection, statement, values, form=form):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        yield from lines
    assert not rest


def copied_blocks(
    connection: Connection, statement: ClauseElement, values: Mapping[str, object], *, form: bytes
) -> Iterator[bytes]:
    """The same as the bytes come, cut anywhere."""
    dialect = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # -- the dialect is untyped
    compiled = statement.compile(dialect=dialect)
    given = {**compiled.params, **values}
    raw = connection.connection.driver_connection
    assert raw is not None
    whole = b"COPY (" + str(compiled).encode() + b") TO STDOUT " + form
    with raw.cursor() as cursor, cursor.copy(whole, given) as copy:
        yield from map(bytes, copy)
