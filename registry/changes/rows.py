"""How versions become rows and rows become versions, the same for every version table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    Table,
    Uuid,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import Range

from registry.changes.period import AsOf, Period
from registry.changes.timeline import Timeline, Version

SHARED_COLUMNS = frozenset(
    {"version_id", "valid", "cause", "begun_by", "recorded_from", "recorded_to"}
)


def seen_at(table: FromClause, at: AsOf) -> ColumnElement[bool]:
    """Rows of a version table that hold on the day, as known after the change."""
    return and_(table.c.valid.contains(at.valid_on), known_at(table, at.known))


def known_at(table: FromClause, known: int) -> ColumnElement[bool]:
    """Rows believed after change `known`, whatever day they speak of."""
    return and_(
        table.c.recorded_from <= known,
        or_(table.c.recorded_to.is_(None), table.c.recorded_to > known),
    )


history_of = known_at
"""All that is believed of a fact's past and future; the name says that no day is chosen."""


def value_columns(table: Table) -> list[Column[Any]]:
    """The columns that carry the fact itself."""
    key = table.info["key"]
    return [c for c in table.columns if c.name not in SHARED_COLUMNS and c.name != key]


def to_range(period: Period) -> Range[Any]:
    """A period as the database writes it."""
    return Range(period.start, period.end, bounds="[)")


def to_period(valid: Range[Any]) -> Period:
    """A database range as a period."""
    return Period(valid.lower, valid.upper)


def plain(value: Any) -> Any:
    """A database value as the domain holds it: shapely geometries instead of WKB."""
    return to_shape(value) if isinstance(value, WKBElement) else value


def stored(column: Column[Any], value: Any) -> Any:
    """A domain value as the database wants it."""
    if isinstance(value, BaseGeometry) and isinstance(column.type, Geometry):
        return from_shape(value, srid=column.type.srid, extended=True)
    return value


def to_version(table: Table, row: RowMapping) -> Version:
    """One row as a version."""
    values = {c.name: plain(row[c.name]) for c in value_columns(table)}
    return Version(
        valid=to_period(row["valid"]),
        values=MappingProxyType(values),
        cause=row["cause"],
        begun_by=row["begun_by"],
        version_id=row["version_id"],
    )


def to_row(table: Table, key: UUID, version: Version, number: int) -> dict[str, Any]:
    """A version as the row that change `number` writes."""
    row = {c.name: stored(c, version.values.get(c.name)) for c in value_columns(table)}
    row[table.info["key"]] = key
    row["valid"] = to_range(version.valid)
    row["cause"] = version.cause
    row["begun_by"] = number if version.begun_by is None else version.begun_by
    row["recorded_from"] = number
    return row


def timelines(
    connection: Connection,
    table: Table,
    condition: ColumnElement[bool],
    known: int | None = None,
) -> dict[UUID, Timeline]:
    """The believed timelines of all facts that have a believed row meeting the condition.

    Args:
        known: what was believed after that change; None: now.
    """
    key = table.c[table.info["key"]]
    held = table.c.recorded_to.is_(None) if known is None else known_at(table, known)
    rows = connection.execute(
        select(table).where(condition, held).order_by(key, table.c.valid)
    ).mappings()
    found: dict[UUID, list[Version]] = {}
    for row in rows:
        found.setdefault(row[key.name], []).append(to_version(table, row))
    return {one: _ordered(versions) for one, versions in found.items()}


def lines_of(
    connection: Connection, table: Table, keys: Iterable[UUID], known: int | None = None
) -> dict[UUID, Timeline]:
    """Believed timelines of facts; those with no version are left out. One parameter however many keys.

    Args:
        known: what was believed after that change; None: now.
    """
    key = table.c[table.info["key"]]
    return timelines(connection, table, key == any_(key_array(keys)), known)


@dataclass(frozen=True, slots=True)
class Beliefs:
    """All that was believed of one fact from some change on."""

    rows: tuple[tuple[Version, int, int | None], ...]
    """Versions with the change that wrote them and the one that stopped believing them."""

    def after(self, known: int) -> Timeline:
        """What was believed after change `known`."""
        return _ordered(
            [
                version
                for version, since, until in self.rows
                if since <= known and (until is None or until > known)
            ]
        )

    def moments(self) -> tuple[int, ...]:
        """The changes that made a difference, in order."""
        numbers = {number for _version, *ends in self.rows for number in ends}
        return tuple(sorted(number for number in numbers if number is not None))


def beliefs_of(
    connection: Connection, table: Table, keys: Iterable[UUID], since: int
) -> dict[UUID, Beliefs]:
    """What was believed of facts after change `since` and after each later one."""
    key = table.c[table.info["key"]]
    rows = connection.execute(
        select(table)
        .where(key == any_(key_array(keys)))
        .where(or_(table.c.recorded_to.is_(None), table.c.recorded_to > since))
    ).mappings()
    found: dict[UUID, list[tuple[Version, int, int | None]]] = {}
    for row in rows:
        ends = row["recorded_from"], row["recorded_to"]
        found.setdefault(row[key.name], []).append((to_version(table, row), *ends))
    return {one: Beliefs(tuple(held)) for one, held in found.items()}


def key_array(keys: Iterable[UUID]) -> ColumnElement[Sequence[UUID]]:
    """Keys as one parameter, however many there are."""
    return literal(sorted(keys, key=lambda one: one.bytes), ARRAY(Uuid()))


def touched_by(table: Table, numbers: Sequence[int]) -> Select[UUID]:
    """Keys of the facts some changes touched."""
    key = table.c[table.info["key"]]
    return select(key).where(
        or_(table.c.recorded_from.in_(numbers), table.c.recorded_to.in_(numbers))
    )


def last_believed(connection: Connection, table: Table, key: UUID, known: int) -> int | None:
    """The last change after which anything was believed of a fact that is not believed any more."""
    ended: int | None = connection.scalar(
        select(func.max(table.c.recorded_to)).where(
            table.c[table.info["key"]] == key, table.c.recorded_to <= known
        )
    )
    return None if ended is None else ended - 1


def _ordered(versions: Sequence[Version]) -> Timeline:
    return tuple(sorted(versions, key=lambda version: version.valid.sort_key))


def frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A read-only copy."""
    return MappingProxyType(dict(values))
