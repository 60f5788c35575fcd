"""Digests of what changes did to tables, computed where the rows are."""

from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    LargeBinary,
    Select,
    Table,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from registry.changes.lines import new_lines, old_lines
from registry.hot import HotStatement, run
from registry.log.record import TableDigest
from registry.tables import LOGGED_TABLES

NAMES = tuple(str(table.name) for table in LOGGED_TABLES)
NOTHING = literal_column("''::bytea", LargeBinary)


def digests(connection: Connection, first: int, last: int) -> dict[int, list[TableDigest]]:
    """What each change from `first` to `last` did, table by table, in the order of the log."""
    raw = connection.connection.driver_connection
    assert raw is not None
    rows = run(raw, _statement(), first=first, last=last)
    found: dict[int, list[TableDigest]] = defaultdict(list)
    for number, place, old, new, digest in sorted(rows, key=lambda row: (row[0], row[1])):
        found[number].append(TableDigest(NAMES[place], old, new, digest))
    return found


@cache
def _statement() -> HotStatement:
    """Asked at every commit, so it is written once and prepared once a connection."""
    parts = (_digests(table, place) for place, table in enumerate(LOGGED_TABLES))
    return HotStatement.of(union_all(*parts))


def _digests(table: Table, place: int) -> Select[Any]:
    sides: Any = _hashed(new_lines(table))
    if "recorded_to" in table.c:
        sides = union_all(_hashed(old_lines(table)), sides)
    lines = sides.subquery()
    ordered = aggregate_order_by(NOTHING, lines.c.rank, lines.c.place)
    return select(
        lines.c.number,
        literal(place, Integer),
        func.count().filter(lines.c.rank == 0),
        func.count().filter(lines.c.rank == 1),
        func.encode(func.sha256(func.string_agg(lines.c.sha256, ordered)), "hex"),
    ).group_by(lines.c.number)


def _hashed(side: Select[Any]) -> Select[Any]:
    """Lines as their digests, made where they are read: what is sorted then is 32 bytes a line."""
    lines = side.subquery()
    each = func.sha256(func.convert_to(lines.c.line, "UTF8"), type_=LargeBinary)
    return select(lines.c.number, lines.c.rank, lines.c.place, each.label("sha256"))
