"""A scope (范围) of the registry, and what a change does to it: rows that enter, leave or differ.

What a scope shows after a change is one answer of the function `scope_rows_v6`. What a change does
to a scope is, by definition, the difference between the answers before and after it. A consumer
takes out the old rows of every item by (table, version_id), or by key where there is none, puts in
the new ones, and holds what the scope shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Table, Text, cast, select

from registry.changes.crossing import Movement, crossings
from registry.changes.feed import COLLECTION_OF, plain_row
from registry.changes.scope_step import (
    STREAMED_ROWS,
    Scope,
    Step,
    place_of,
    plan_quickly,
    tables_of,
)
from registry.changes.view import FeedView
from registry.tables import LOGGED_TABLES

__all__ = ["Movement", "ScopedItem", "ScopedRow", "scoped_items", "scoped_rows"]

FACTS_AT_ONCE = 500
SIDES = ("old", "new")
TABLES: dict[str, Table] = {str(table.name): table for table in LOGGED_TABLES}


class ScopedRow(NamedTuple):
    """One row a scope shows."""

    table: str
    key: UUID
    version_id: int | None
    """None: a row of identities."""
    within: str | None
    """The days of its `valid` on which it lies in the scope, as PostgreSQL writes a multirange."""


@dataclass(frozen=True, slots=True)
class ScopedItem:
    """What a change did to one fact as a scope shows it (变更明细)."""

    collection: str
    table: str
    object_id: UUID
    cause: str | None
    movement: Movement | None
    """None: it did not cross the edge; it may have begun, ended or differ."""
    movement_days: str | None
    """The days gained or lost by crossing; None for identities, and where there is no movement."""
    synthetic: bool
    """The change wrote no row of this fact; something above or beside it moved."""
    old: tuple[dict[str, Any], ...]
    """Rows as the feed has them, with the change they were recorded by and their days `within`."""
    new: tuple[dict[str, Any], ...]


def scoped_rows(
    connection: Connection, view: FeedView, known: int, *, only: Sequence[UUID] | None = None
) -> Iterator[ScopedRow]:
    """What a view shows after change `known`, streamed, in the order a replica can write it.

    Args:
        only: divisions, named places, addressable objects and addresses to look at; None: all.
    """
    plan_quickly(connection)
    shown = Scope.of(connection, view, known).rows("shown", only)
    tables = tables_of(view)
    rows = connection.execute(
        select(shown.c.table_name, shown.c.key, shown.c.version_id, cast(shown.c.within, Text))
        .where(shown.c.table_name.in_(tables))
        .order_by(
            place_of(shown.c.table_name, tables), shown.c.key, shown.c.version_id.nulls_first()
        ),
        execution_options={"yield_per": STREAMED_ROWS},
    )
    for row in rows:
        yield ScopedRow(*row)


def scoped_items(
    connection: Connection, view: FeedView, number: int, *, exact: bool = False
) -> Iterator[ScopedItem]:
    """What a change did to a view, in the order a replica can write it.

    Args:
        exact: geometries as EWKB hex instead of GeoJSON, as a replica needs them.
    """
    facts = Step.of(connection, view, number).facts(connection)
    for name, group in groupby(facts, key=lambda fact: fact["table_name"]):
        while batch := list(islice(group, FACTS_AT_ONCE)):
            yield from _items(connection, TABLES[name], batch, number, exact=exact)


def _items(
    connection: Connection, table: Table, facts: list[RowMapping], number: int, *, exact: bool
) -> Iterator[ScopedItem]:
    contents = _contents(connection, table, facts)
    crossed = crossings(connection, table, facts, number)
    for fact in facts:
        crossing = crossed[fact["key"]]
        new = _shown(table, fact, "new", contents)
        fresh = [row["cause"] for row, _ in new if row.get("begun_by") == number]
        yield ScopedItem(
            collection=COLLECTION_OF[str(table.name)],
            table=str(table.name),
            object_id=fact["key"],
            cause=fresh[0] if fresh else None,
            movement=crossing.movement,
            movement_days=crossing.days,
            synthetic=not crossing.written,
            old=_plain(_shown(table, fact, "old", contents), exact=exact),
            new=_plain(new, exact=exact),
        )


def _contents(
    connection: Connection, table: Table, facts: list[RowMapping]
) -> dict[UUID | int, RowMapping]:
    """Whole rows by version_id, or by key where there is none."""
    if "version_id" in table.c:
        wanted = {one for fact in facts for side in SIDES for one in fact[f"{side}_ids"] or ()}
        by = table.c.version_id
    else:
        wanted, by = {fact["key"] for fact in facts}, table.c[table.info["key"]]
    rows = connection.execute(select(table).where(by.in_(wanted))).mappings()
    return {row[by.name]: row for row in rows}


def _shown(
    table: Table, fact: RowMapping, side: str, contents: dict[UUID | int, RowMapping]
) -> list[tuple[RowMapping, str | None]]:
    ids, days = fact[f"{side}_ids"] or (), fact[f"{side}_within"] or ()
    names = ids if "version_id" in table.c else [fact["key"]] * len(ids)
    return [(contents[name], within) for name, within in zip(names, days, strict=True)]


def _plain(
    shown: list[tuple[RowMapping, str | None]], *, exact: bool
) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            **plain_row(row, exact=exact),
            "recorded_from": row["recorded_from"],
            "within": within,
        }
        for row, within in shown
    )
