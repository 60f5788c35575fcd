"""The state of the registry exactly after a change (快照), as lines, and hashes of them.

A line holds one row: `{"table":"address_version","row":{…,"recorded_from":27}}`, in exact form
(see `lines.py`) or in the public one. `history` gives rows that are no longer believed too, with
`recorded_to`; in a scope every row carries `within`, its days in the scope.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from registry.changes.bulk import copy_out
from registry.changes.feed import public_columns
from registry.changes.lines import as_json, exact_columns
from registry.changes.scope import ScopedRow, scoped_rows
from registry.changes.view import FeedView
from registry.tables import COLLECTIONS

AT_ONCE = 2000
KNOWN: ColumnElement[int] = bindparam("known", type_=BigInteger)
NOTHING = literal_column("''::bytea", LargeBinary)


@dataclass(frozen=True, slots=True)
class RangeHash:
    """The hash of one part of a table: rows whose key begins with a hexadecimal digit."""

    table: str
    range: str
    rows: int
    sha256: str
    """SHA-256, in hexadecimal, of the SHA-256 digests of the exact lines set end to end, in order
    of key, then version_id."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which state is asked for, and how it is written."""

    known: int
    view: FeedView
    history: bool = False
    public: bool = False


def tables_shown(view: FeedView) -> list[Table]:
    """The tables of a view, in the order a replica can write them."""
    return [
        table
        for name, tables in COLLECTIONS.items()
        if not view.collections or name in view.collections
        for table in tables
    ]


def snapshot_lines(connection: Connection, asked: Snapshot) -> Iterator[bytes]:
    """Every row of a state as a line, table by table, in order of key, then version_id."""
    if asked.view.is_scoped:
        yield from _scoped(connection, asked)
        return
    for table in tables_shown(asked.view):
        statement = select(_line(table, asked)).where(_held(table, asked)).order_by(*_order(table))
        yield from copy_out(connection, statement, {"known": asked.known})


def state_hashes(connection: Connection, view: FeedView, known: int) -> list[RangeHash]:
    """Hashes of a state's exact lines, a table and a range of keys at a time."""
    asked = Snapshot(known, view)
    if asked.view.is_scoped:
        return hashes_of(_scoped_with_keys(connection, asked))
    found: list[RangeHash] = []
    for table in tables_shown(view):
        key = cast(table.c[table.info["key"]], Text)
        digit = func.left(key, 1)
        each = func.sha256(func.convert_to(_line(table, asked), "UTF8"), type_=LargeBinary)
        together = func.string_agg(each, aggregate_order_by(NOTHING, *_order(table)))
        rows = connection.execute(
            select(digit, func.count(), func.encode(func.sha256(together), "hex"))
            .where(_held(table, asked))
            .group_by(digit)
            .order_by(digit),
            {"known": known},
        )
        found += [RangeHash(str(table.name), *row) for row in rows]
    return found


def hashes_of(lines: Iterator[tuple[str, str, bytes]]) -> list[RangeHash]:
    """The same of lines that come with their table and key, in the order of a snapshot."""
    running: dict[tuple[str, str], Any] = defaultdict(hashlib.sha256)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for table, key, line in lines:
        place = table, key[0]
        running[place].update(hashlib.sha256(line).digest())
        counts[place] += 1
    return [
        RangeHash(table, digit, counts[table, digit], digest.hexdigest())
        for (table, digit), digest in running.items()
    ]


def _scoped(connection: Connection, asked: Snapshot) -> Iterator[bytes]:
    for _table, _key, line in _scoped_with_keys(connection, asked):
        yield line


def _scoped_with_keys(connection: Connection, asked: Snapshot) -> Iterator[tuple[str, str, bytes]]:
    tables = {str(table.name): table for table in tables_shown(asked.view)}
    rows = scoped_rows(connection, asked.view, asked.known)
    for name, group in groupby(rows, key=lambda row: row.table):
        while batch := list(islice(group, AT_ONCE)):
            yield from _batch(connection, tables[name], batch, asked)


def _batch(
    connection: Connection, table: Table, batch: list[ScopedRow], asked: Snapshot
) -> Iterator[tuple[str, str, bytes]]:
    by_version = "version_id" in table.c
    own = table.c.version_id if by_version else table.c[table.info["key"]]
    wanted = [row.version_id if by_version else row.key for row in batch]
    rows = connection.execute(
        select(own, _line(table, asked)).where(own == any_(literal(wanted, ARRAY(own.type)))),
        {"known": asked.known},
    )
    lines: dict[Any, str] = {found[0]: found[1] for found in rows}
    for row in batch:
        line = lines[row.version_id if by_version else row.key]
        if row.within is not None:
            line = f'{line[:-2]},"within":"{row.within}"}}}}'
        yield str(table.name), str(row.key), line.encode()


def _line(table: Table, asked: Snapshot) -> ColumnElement[str]:
    columns = [
        *(public_columns(table) if asked.public else exact_columns(table)),
        table.c.recorded_from,
    ]
    if asked.history and "recorded_to" in table.c:
        ended = case((table.c.recorded_to <= KNOWN, table.c.recorded_to), else_=null())
        columns.append(ended.label("recorded_to"))
    head = literal(f'{{"table":"{table.name}","row":', Text)
    return head.concat(as_json(table, columns)).concat(literal("}", Text))


def _held(table: Table, asked: Snapshot) -> ColumnElement[bool]:
    written = table.c.recorded_from <= KNOWN
    if asked.history or "recorded_to" not in table.c:
        return written
    return written & or_(table.c.recorded_to.is_(None), table.c.recorded_to > KNOWN)


def _order(table: Table) -> tuple[ColumnElement[Any], ...]:
    key = table.c[table.info["key"]]
    return (key, table.c.version_id) if "version_id" in table.c else (key,)
