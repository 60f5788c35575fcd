"""What moved under a plan since it was drawn: facts of its units that later changes touched."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, or_, select, union

from registry.addresses.tables import address, address_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at, timelines
from registry.changes.timeline import Timeline, at
from registry.divisions.tables import (
    division_code_version,
    division_version,
    territory_version,
)
from registry.names.tables import place_extent_version, place_name_version
from registry.restructuring.ledger import Ledger
from registry.tables import VERSION_TABLES

MOST_LISTED = 200
"""Objects of one kind that a list names; more are counted."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One object that changed since, as it was on the plan's day and as it is."""

    object: str
    """division, code, territory, name or address."""
    id: UUID
    name: str | None
    changes: tuple[int, ...]
    before: dict[str, Any] | None
    """Values that differ; None: it was not there."""
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Span:
    """Changes after one number up to another."""

    after: int
    until: int

    def touched(self, table: Table) -> ColumnElement[bool]:
        """Rows written or no longer believed by one of them."""
        return or_(
            table.c.recorded_from.between(self.after + 1, self.until),
            table.c.recorded_to.between(self.after + 1, self.until),
        )


def moved_since(
    connection: Connection, divisions: Collection[UUID], on: date, span: Span
) -> list[Moved]:
    """Every object of these divisions that changes of a span touched, by kind, then by change."""
    ids = list(divisions)
    named = select(place_extent_version.c.named_place_id).where(
        place_extent_version.c.division_id.in_(ids)
    )
    scopes: list[tuple[str, Table, ColumnElement[bool]]] = [
        ("division", division_version, division_version.c.division_id.in_(ids)),
        ("code", division_code_version, division_code_version.c.division_id.in_(ids)),
        ("territory", territory_version, territory_version.c.division_id.in_(ids)),
        ("name", place_name_version, place_name_version.c.named_place_id.in_(named)),
        ("address", address_version, address_version.c.division_id.in_(ids)),
    ]
    found: list[Moved] = []
    for what, table, scope in scopes:
        found.extend(_moved(connection, what, table, scope, on, span))
    return found


def still_true(connection: Connection, ledger: Ledger, on: date, until: int) -> bool:
    """Whether everything a ledger says is still so after change `until`.

    Asked under the lock of the head, it tells whether a plan drawn before the lock may be written.
    Door numbers may have changed meanwhile; anything else a ledger could know of must not have.
    """
    span = Span(ledger.head, until)
    if span.after == span.until:
        return True
    others = [table for table in VERSION_TABLES if table is not address_version]
    structural = union(*(_any_row(table, span) for table in others))
    if connection.execute(structural.limit(1)).first() is not None:
        return False
    return _counts_hold(connection, ledger, AsOf(on, until), span)


def _any_row(table: Table, span: Span) -> Select[Any]:
    return select(literal(1)).where(span.touched(table).self_group()).limit(1).subquery().select()


def _counts_hold(connection: Connection, ledger: Ledger, now: AsOf, span: Span) -> bool:
    version = address_version.c
    touched = set(
        connection.scalars(
            select(version.division_id).where(span.touched(address_version)).distinct()
        )
    ) & set(ledger.layers)
    if touched & set(ledger.doors):
        return False  # which part of a divided unit a door falls to may depend on any of its values
    rows = connection.execute(
        select(
            version.division_id,
            func.count(),
            func.count().filter(version.carrier_id.is_(None)),
        )
        .where(version.division_id.in_(touched), seen_at(address_version, now))
        .group_by(version.division_id)
    )
    counts = {division_id: (total, bare) for division_id, total, bare in rows}
    return all(
        counts.get(unit, (0, 0)) == (own.total, own.without_carrier)
        if (own := ledger.address_counts.get(unit)) is not None
        else unit not in counts
        for unit in touched
    )


def _moved(
    connection: Connection,
    what: str,
    table: Table,
    scope: ColumnElement[bool],
    on: date,
    span: Span,
) -> list[Moved]:
    changes = _changes(connection, table, scope, span)
    keys = sorted(changes, key=lambda key: (changes[key], key.bytes))[:MOST_LISTED]
    key_column = table.c[table.info["key"]]
    before = timelines(connection, table, key_column.in_(keys), span.after)
    after = timelines(connection, table, key_column.in_(keys), span.until)
    names = _names(connection, what, keys, before, after)
    return [
        Moved(what, key, names.get(key), changes[key], *_differing(before, after, key, on))
        for key in keys
    ]


def _changes(
    connection: Connection, table: Table, scope: ColumnElement[bool], span: Span
) -> dict[UUID, tuple[int, ...]]:
    key = table.c[table.info["key"]]
    begun = select(key.label("key"), table.c.recorded_from.label("change")).where(
        scope, table.c.recorded_from.between(span.after + 1, span.until)
    )
    ended = select(key, table.c.recorded_to).where(
        scope, table.c.recorded_to.between(span.after + 1, span.until)
    )
    found: dict[UUID, set[int]] = {}
    for one, number in connection.execute(union(begun, ended)):
        found.setdefault(one, set()).add(number)
    return {one: tuple(sorted(numbers)) for one, numbers in found.items()}


def _differing(
    before: Mapping[UUID, Timeline], after: Mapping[UUID, Timeline], key: UUID, on: date
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    old, new = at(before.get(key, ()), on), at(after.get(key, ()), on)
    if old is None or new is None:
        return _shown(old.values) if old else None, _shown(new.values) if new else None
    other = [name for name in new.values if _plain(old.value(name)) != _plain(new.value(name))]
    return (
        _shown({name: old.value(name) for name in other}),
        _shown({name: new.value(name) for name in other}),
    )


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, BaseGeometry):
        return f"{value.geom_type}, {len(value.wkb)} bytes"
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _names(
    connection: Connection,
    what: str,
    keys: Iterable[UUID],
    before: Mapping[UUID, Timeline],
    after: Mapping[UUID, Timeline],
) -> dict[UUID, str]:
    if what == "address":
        rows = connection.execute(
            select(address.c.address_id, address.c.code).where(address.c.address_id.in_(list(keys)))
        )
        return {row.address_id: row.code for row in rows}
    column = {"division": "name", "code": "code", "name": "text"}.get(what)
    found: dict[UUID, str] = {}
    for key in keys:
        line = after.get(key) or before.get(key)
        if line and column is not None:
            found[key] = str(line[-1].value(column))
    return found
