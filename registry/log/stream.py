"""The log as a stream of lines: what an export holds, a replica replays and a verifier hashes.

One change after the other: its record, the very bytes of its leaf, then its rows in the order
their digests are made in. A line that begins `{"number":` is a record, one that begins
`{"table":` a row.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, Table, select, union_all
from sqlalchemy.sql.expression import CompoundSelect

from registry.changes.bulk import SEPARATOR, copy_out
from registry.changes.lines import new_lines, old_lines
from registry.log.record import ChangeRecord, read_record
from registry.log.store import LogStore
from registry.tables import LOGGED_TABLES

WINDOW_ROWS = 20_000
"""Rows of several small changes read at once; a change with more is streamed by itself."""
WINDOW_CHANGES = 500
EVERY_TABLE = frozenset(str(table.name) for table in LOGGED_TABLES)
Statement = Select[tuple[object, ...]] | CompoundSelect[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class _Window:
    records: Mapping[int, str]
    tables: tuple[Table, ...]

    @property
    def first(self) -> int:
        return min(self.records)

    @property
    def last(self) -> int:
        return max(self.records)


def log_lines(
    connection: Connection, first: int, last: int, shown: Container[str] = EVERY_TABLE
) -> Iterator[bytes]:
    """The lines of the changes `first` to `last`, without their newlines.

    Args:
        shown: names of the tables whose rows are wanted; records come all the same.
    """
    for window in _windows(connection, first, last, shown):
        values = {"first": window.first, "last": window.last}
        if len(window.records) == 1:
            yield window.records[window.first].encode()
            for table in window.tables:
                yield from copy_out(connection, lines_of(table), values)
        else:
            yield from _small_changes(connection, window, values)


def _small_changes(
    connection: Connection, window: _Window, values: Mapping[str, int]
) -> Iterator[bytes]:
    found: dict[int, list[bytes]] = defaultdict(list)
    for table in window.tables:
        for line in copy_out(connection, _numbered(table), values):
            at, _separator, text = line.partition(SEPARATOR)
            found[int(at)].append(text)
    for number, record in window.records.items():
        yield record.encode()
        yield from found.get(number, ())


def _windows(
    connection: Connection, first: int, last: int, shown: Container[str]
) -> Iterator[_Window]:
    store = LogStore(connection)
    for start in range(first, last + 1, WINDOW_CHANGES):
        held: dict[int, str] = {}
        seen: list[ChangeRecord] = []
        rows = 0
        for number, text in store.records(start, min(last, start + WINDOW_CHANGES - 1)).items():
            record = read_record(text)
            if held and rows + record.row_count > WINDOW_ROWS:
                yield _Window(held, _touched(seen, shown))
                held, seen, rows = {}, [], 0
            held[number] = text
            seen.append(record)
            rows += record.row_count
        if held:
            yield _Window(held, _touched(seen, shown))


def _touched(records: list[ChangeRecord], shown: Container[str]) -> tuple[Table, ...]:
    names = {one.table for record in records for one in record.rows if one.table in shown}
    return tuple(table for table in LOGGED_TABLES if table.name in names)


def lines_of(table: Table) -> Statement:
    """The lines of a table that changes FIRST to LAST wrote or closed, in the log's order."""
    lines = _sides(table).subquery()
    return select(lines.c.line).order_by(lines.c.number, lines.c.rank, lines.c.place)


def _numbered(table: Table) -> Statement:
    lines = _sides(table).subquery()
    return select(lines.c.number, lines.c.line).order_by(
        lines.c.number, lines.c.rank, lines.c.place
    )


def _sides(table: Table) -> Statement:
    if "recorded_to" not in table.c:
        return new_lines(table)
    return union_all(old_lines(table), new_lines(table))
