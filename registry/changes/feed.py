"""What changes did, fact by fact: derived from the version tables, never stored a second time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    RowMapping,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSON, Range

from registry.changes.lines import as_json, row_columns
from registry.tables import COLLECTIONS, LOGGED_TABLES

STREAMED_ROWS = 2000
COLLECTION_OF = {str(table.name): name for name, tables in COLLECTIONS.items() for table in tables}
COORDINATE_DIGITS = 15
"""Decimals of a degree: all a double holds."""
FIRST, LAST = (bindparam(name, type_=BigInteger) for name in ("first", "last"))


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """What a change did to one fact (变更明细): rows no longer believed, rows now believed."""

    collection: str
    table: str
    object_id: UUID
    cause: str | None
    old: tuple[Any, ...]
    """JSON objects; geometries are GeoJSON."""
    new: tuple[Any, ...]


def items_of(
    connection: Connection, number: int, tables: Iterable[Table] = LOGGED_TABLES
) -> Iterator[ChangeItem]:
    """The items of one change, streamed, in the order of the log's tables."""
    for _number, item in _items(connection, number, number, tables, yield_per=STREAMED_ROWS):
        yield item


def items_between(
    connection: Connection, first: int, last: int, tables: Iterable[Table] = LOGGED_TABLES
) -> dict[int, list[ChangeItem]]:
    """The items of several small changes, by number: one query a table, however many changes."""
    found: dict[int, list[ChangeItem]] = defaultdict(list)
    for number, item in _items(connection, first, last, tables):
        found[number].append(item)
    return found


def plain_row(row: RowMapping, *, exact: bool) -> dict[str, Any]:
    """A row as the feed shows it."""
    return {
        str(name): _plain(value, exact=exact)
        for name, value in row.items()
        if name not in ("recorded_from", "recorded_to")
    }


def public_columns(table: Table) -> list[ColumnElement[Any]]:
    """The columns of a row as people and maps want them: GeoJSON, periods with two ends."""
    return [_public(column) for column in row_columns(table)]


def _items(
    connection: Connection, first: int, last: int, tables: Iterable[Table], **streaming: int
) -> Iterator[tuple[int, ChangeItem]]:
    # A stream is a cursor of the database's: three trips instead of one.
    for table in tables:
        rows = connection.execute(
            _touched(table), {"first": first, "last": last}, execution_options=streaming
        )
        for (number, object_id), group in groupby(rows, key=lambda row: (row.number, row.key)):
            yield number, _item(table, number, object_id, list(group))


def _item(table: Table, number: int, object_id: UUID, rows: list[Row[Any]]) -> ChangeItem:
    # A row that only shortens what was believed keeps its old cause; the others tell why.
    fresh = [row.cause for row in rows if row.rank == 1 and row.begun_by == number]
    old, new = (
        tuple(msgspec.Raw(row.content.encode()) for row in rows if row.rank == rank)
        for rank in (0, 1)
    )
    return ChangeItem(
        collection=COLLECTION_OF[str(table.name)],
        table=str(table.name),
        object_id=object_id,
        cause=fresh[0] if fresh else None,
        old=old,
        new=new,
    )


def _touched(table: Table) -> Select[Any]:
    sides: Any = _side(table, "recorded_from", 1)
    if "recorded_to" in table.c:
        sides = union_all(_side(table, "recorded_to", 0), sides)
    rows = sides.subquery()
    return select(rows).order_by(rows.c.number, rows.c.key, rows.c.rank, rows.c.place)


def _side(table: Table, recorded: str, rank: int) -> Select[Any]:
    is_version = "version_id" in table.c
    return select(
        table.c[recorded].label("number"),
        table.c[table.info["key"]].label("key"),
        literal(rank, Integer).label("rank"),
        (table.c.version_id if is_version else literal(0, BigInteger)).label("place"),
        (table.c.cause if is_version else cast(null(), Text)).label("cause"),
        (table.c.begun_by if is_version else cast(null(), BigInteger)).label("begun_by"),
        as_json(table, public_columns(table)).label("content"),
    ).where(table.c[recorded].between(FIRST, LAST))


def _public(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Geometry):
        geojson = func.ST_AsGeoJSON(column, COORDINATE_DIGITS, 0)
        return cast(geojson, JSON).label(column.name)
    if column.name == "valid":
        ends = func.json_build_object("from", func.lower(column), "to", func.upper(column))
        return ends.label("valid")
    return column


def _plain(value: Any, *, exact: bool) -> Any:
    if isinstance(value, WKBElement):
        return value.desc if exact else mapping(to_shape(value))
    if isinstance(value, Range):
        return {"from": _day(value.lower), "to": _day(value.upper)}
    return value


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
