"""The two answers a change to a scope (范围) is the difference of, and how they are compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE, aggregate_order_by
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from registry.changes.roots import Root, roots_of
from registry.changes.view import FeedView
from registry.names.tables import place_extent_version
from registry.tables import COLLECTIONS

STREAMED_ROWS = 2000
MOST_CANDIDATES = 20_000
"""Above this many keys it is quicker to compare the whole scope before and after."""


def tables_of(view: FeedView) -> tuple[str, ...]:
    """Names of the tables a view shows, in the order a replica can write them."""
    return tuple(
        str(table.name)
        for collection, tables in COLLECTIONS.items()
        if not view.collections or collection in view.collections
        for table in tables
    )


def place_of(name: ColumnElement[Any], tables: tuple[str, ...]) -> ColumnElement[int]:
    """What orders rows by their table."""
    return func.array_position(_array(tables, Text()), name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The arguments of `scope_rows_v6`."""

    roots: tuple[Root, ...] | None
    kinds: tuple[str, ...]
    known: int

    @classmethod
    def of(cls, connection: Connection, view: FeedView, known: int) -> "Scope":
        roots = None if view.within is None else roots_of(connection, view.within, known)
        return cls(roots, tuple(sorted(view.kinds)), known)

    def rows(self, name: str, only: Iterable[UUID] | None) -> TableValuedAlias:
        """The call, as a table."""
        return func.scope_rows_v6(
            *self._root_arguments(),
            _array(self.kinds or None, Text()),
            literal(self.known, BigInteger),
            _array(only, Uuid()),
        ).table_valued(
            column("table_name", Text),
            column("key", Uuid),
            column("version_id", BigInteger),
            column("within", DATEMULTIRANGE),
            name=name,
        )

    def divisions(self) -> Select[Any]:
        """The divisions of the scope with their days."""
        return select(
            func.scope_divisions_v1(
                *self._root_arguments(), literal(self.known, BigInteger)
            ).table_valued(
                column("division_id", Uuid),
                column("inside", DATEMULTIRANGE),
                column("around", DATEMULTIRANGE),
            )
        )

    def _root_arguments(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        if self.roots is None:
            return _array(None, Uuid()), cast(null(), ARRAY(DATERANGE))
        days = [f"[{root.days.start or ''},)" for root in self.roots]
        return (
            _array([root.division_id for root in self.roots], Uuid()),
            cast(_array(days, Text()), ARRAY(DATERANGE)),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A scope before and after a change."""

    before: Scope
    after: Scope
    tables: tuple[str, ...]
    number: int

    @classmethod
    def of(cls, connection: Connection, view: FeedView, number: int) -> "Step":
        return cls(
            Scope.of(connection, view, number - 1),
            Scope.of(connection, view, number),
            tables_of(view),
            number,
        )

    def facts(self, connection: Connection) -> Iterable[RowMapping]:
        """The facts that differ, as `difference` gives them, streamed when they may be many."""
        plan_quickly(connection)
        only = self.candidates(connection)
        if only is None:
            return connection.execute(
                self.difference(None), execution_options={"yield_per": STREAMED_ROWS}
            ).mappings()
        found = connection.execute(self.difference(only)).mappings().all()
        beside = self._referred(connection, found) - set(only)
        if not beside:
            return found
        return connection.execute(self.difference([*only, *beside])).mappings().all()

    def candidates(
        self, connection: Connection, *, most: int = MOST_CANDIDATES
    ) -> list[UUID] | None:
        """The keys the change can have altered in the scope; None: more than `most`, or nearly."""
        found = func.scope_candidates_v6(
            literal(self.number, BigInteger), _array(self._moved(connection), Uuid())
        ).table_valued(column("key", Uuid))
        # The same key may come twice, so what the limit cuts off is seen before they are counted.
        keys = connection.scalars(select(found.c.key).limit(most + 1)).all()
        return None if len(keys) > most else sorted(set(keys), key=lambda key: key.bytes)

    def _moved(self, connection: Connection) -> list[UUID]:
        """Divisions whose days in the scope differ."""
        if self.before.roots is None:
            return []
        before, after = self.before.divisions(), self.after.divisions()
        differing = union(before.except_(after), after.except_(before)).subquery()
        return list(connection.scalars(select(differing.c.division_id).distinct()))

    def _referred(self, connection: Connection, found: Iterable[RowMapping]) -> set[UUID]:
        """Divisions whose identity may come or go because a place's extent did."""
        extents = {
            version_id
            for fact in found
            if fact["table_name"] == place_extent_version.name
            for version_id in (*(fact["old_ids"] or ()), *(fact["new_ids"] or ()))
        }
        if not extents:
            return set()
        division_id = place_extent_version.c.division_id
        return set(
            connection.scalars(
                select(division_id)
                .where(
                    place_extent_version.c.version_id.in_(extents),
                    division_id.is_not(None),
                )
                .distinct()
            )
        )

    def difference(self, only: Iterable[UUID] | None) -> Select[Any]:
        """Facts that differ: their rows before and after, each side's ids, days and their union."""
        before, after = self.before.rows("before", only), self.after.rows("after", only)
        nothing = literal(0, BigInteger)
        both = before.join(
            after,
            and_(
                before.c.table_name == after.c.table_name,
                before.c.key == after.c.key,
                func.coalesce(before.c.version_id, nothing)
                == func.coalesce(after.c.version_id, nothing),
            ),
            full=True,
        )
        name = func.coalesce(before.c.table_name, after.c.table_name)
        key = func.coalesce(before.c.key, after.c.key)
        return (
            select(
                name.label("table_name"),
                key.label("key"),
                *_side("old", before),
                *_side("new", after),
            )
            .select_from(both)
            .where(
                name.in_(self.tables),
                or_(
                    before.c.key.is_(None),
                    after.c.key.is_(None),
                    before.c.within.is_distinct_from(after.c.within),
                ),
            )
            .group_by(name, key)
            .order_by(place_of(name, self.tables), key)
        )


def plan_quickly(connection: Connection) -> None:
    """Until the transaction ends: compiling one of these statements takes longer than running it."""
    connection.scalar(select(func.set_config("jit", "off", true())))


def _side(name: str, side: TableValuedAlias) -> tuple[ColumnElement[Any], ...]:
    shown = side.c.key.is_not(None)
    order = side.c.version_id
    return (
        func.array_agg(aggregate_order_by(side.c.version_id, order))
        .filter(shown)
        .label(f"{name}_ids"),
        func.array_agg(aggregate_order_by(cast(side.c.within, Text), order))
        .filter(shown)
        .label(f"{name}_within"),
        cast(func.range_agg(side.c.within), Text).label(f"{name}_days"),
    )


def _array(values: Iterable[Any] | None, item: TypeEngine[Any]) -> ColumnElement[Any]:
    given = null() if values is None else literal(list(values), ARRAY(item))
    return cast(given, ARRAY(item))
