"""What a change did, row by row: derived from the version tables, never stored a second time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from sqlalchemy import Connection, RowMapping, Table, func, or_, select
from sqlalchemy.dialects.postgresql import Range

from registry.changes.tables import registry_head
from registry.tables import COLLECTIONS, LOGGED_TABLES

STREAMED_ROWS = 2000
COLLECTION_OF = {table.name: name for name, tables in COLLECTIONS.items() for table in tables}


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """What a change did to one fact (变更明细): rows no longer believed, rows now believed."""

    collection: str
    table: str
    object_id: UUID
    cause: str | None
    old: tuple[dict[str, Any], ...]
    new: tuple[dict[str, Any], ...]


def items_of(connection: Connection, number: int, *, exact: bool = False) -> Iterator[ChangeItem]:
    """The items of one change, in the order a replica can write them.

    Args:
        exact: geometries as EWKB hex instead of GeoJSON, as a replica needs them.
    """
    for table in LOGGED_TABLES:
        key = table.c[table.info["key"]]
        order = (key, table.c.version_id) if "version_id" in table.c else (key,)
        rows = connection.execution_options(yield_per=STREAMED_ROWS).execute(
            select(table).where(_touched_by(table, number)).order_by(*order)
        )
        for object_id, group in groupby(rows.mappings(), key=lambda row, name=key.name: row[name]):  # type: ignore[misc]  # -- the default binds the loop's key
            yield _item(table, object_id, list(group), number, exact=exact)


def item_counts(connection: Connection, first: int, last: int) -> dict[int, int]:
    """Rows touched by each change from `first` to `last`."""
    counts = dict.fromkeys(range(first, last + 1), 0)
    for table in LOGGED_TABLES:
        columns = [
            table.c.recorded_from,
            *([table.c.recorded_to] if "recorded_to" in table.c else []),
        ]
        for column in columns:
            rows = connection.execute(
                select(column, func.count()).where(column.between(first, last)).group_by(column)
            )
            for number, count in rows:
                counts[number] += count
    return counts


def head_of(connection: Connection) -> int:
    """Number of the latest change."""
    number: int = connection.execute(select(registry_head.c.number)).scalar_one()
    return number


def _touched_by(table: Table, number: int) -> Any:
    if "recorded_to" not in table.c:
        return table.c.recorded_from == number
    return or_(table.c.recorded_from == number, table.c.recorded_to == number)


def _item(
    table: Table, object_id: UUID, rows: list[RowMapping], number: int, *, exact: bool
) -> ChangeItem:
    old = [row for row in rows if row.get("recorded_to") == number]
    new = [row for row in rows if row["recorded_from"] == number]
    # A row that only shortens what was believed keeps its old cause; the others tell why.
    fresh = [row["cause"] for row in new if row.get("begun_by") == number]
    return ChangeItem(
        collection=COLLECTION_OF[table.name],
        table=str(table.name),
        object_id=object_id,
        cause=fresh[0] if fresh else None,
        old=tuple(_plain_row(row, exact=exact) for row in old),
        new=tuple(_plain_row(row, exact=exact) for row in new),
    )


def _plain_row(row: RowMapping, *, exact: bool) -> dict[str, Any]:
    return {
        str(name): _plain(value, exact=exact)
        for name, value in row.items()
        if name not in ("recorded_from", "recorded_to")
    }


def _plain(value: Any, *, exact: bool) -> Any:
    if isinstance(value, WKBElement):
        return value.desc if exact else mapping(to_shape(value))
    if isinstance(value, Range):
        return {"from": _day(value.lower), "to": _day(value.upper)}
    return value


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def as_rows(items: Iterable[ChangeItem]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Flatten items into (table, "old" or "new", row)."""
    for item in items:
        for row in item.old:
            yield item.table, "old", row
        for row in item.new:
            yield item.table, "new", row
