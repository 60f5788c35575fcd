"""Lineage (沿革): the graph of who followed whom, and which acts lie between two points in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from registry.changes.period import AsOf
from registry.changes.rows import history_of, known_at
from registry.divisions.tables import (
    division_code_version,
    division_version,
    succession_version,
    territory_version,
)

Act = tuple[date | None, int]
"""The day something took effect, None for before our sources; and the change that says so."""


@dataclass(frozen=True, slots=True)
class SuccessionEdge:
    """One predecessor, one successor, the day and the change."""

    predecessor_id: UUID | None
    successor_id: UUID | None
    kind: str
    on: date | None
    change: int
    share_members: float | None
    share_area: float | None
    share_addresses: float | None
    note: str | None
    basis_area: str | None = None
    """What the areas of the predecessor's members rested on when the act was drawn up; several
    are joined by `;`. Only read where shares are composed, see `LineageStore.between`."""


class LineageStore:
    """Succession edges inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def graph(self, division_id: UUID, known: int) -> list[SuccessionEdge]:
        """Every edge that leads to or from a division, through any number of acts."""
        reached, found = (
            {division_id},
            dict[tuple[UUID | None, UUID | None, date | None], SuccessionEdge](),
        )
        frontier = {division_id}
        while frontier:
            edges = self._edges(
                known,
                or_(
                    succession_version.c.predecessor_id.in_(list(frontier)),
                    succession_version.c.successor_id.in_(list(frontier)),
                ),
            )
            found |= {(e.predecessor_id, e.successor_id, e.on): e for e in edges}
            ends = {one for e in edges for one in (e.predecessor_id, e.successor_id) if one}
            frontier = ends - reached
            reached |= ends
        return sorted(found.values(), key=_order)

    def successors(self, division_id: UUID, known: int) -> list[SuccessionEdge]:
        """Who directly followed a division, itself left out."""
        edges = self._edges(known, succession_version.c.predecessor_id == division_id)
        return [edge for edge in edges if edge.successor_id != division_id]

    def between(self, start: AsOf, end: AsOf) -> list[SuccessionEdge]:
        """Edges seen at `end` and not at `start`, with bases, in order of day and change.

        An edge whose shares were corrected in between was seen at both points and is left out.
        """
        earlier = succession_version.alias("earlier")
        seen_before = exists().where(
            earlier.c.succession_id == succession_version.c.succession_id, _begun(earlier, start)
        )
        rows = self._connection.execute(
            select(succession_version, _basis_of_members().label("basis_area")).where(
                _begun(succession_version, end), ~seen_before
            )
        ).mappings()
        return sorted((_to_edge(row, row["basis_area"]) for row in rows), key=_order)

    def own_acts(self, start: AsOf, end: AsOf) -> dict[UUID, list[Act]]:
        """By division: when it got another name, kind, parent or code, seen at `end` and not at
        `start`; in order."""
        found: dict[UUID, set[Act]] = {}
        for table in (division_version, division_code_version):
            for division_id, day, number in self._connection.execute(
                _begun_between(table, start, end)
            ):
                found.setdefault(division_id, set()).add((day, number))
        return {one: in_order(acts) for one, acts in found.items()}

    def _edges(self, known: int, condition: ColumnElement[bool]) -> list[SuccessionEdge]:
        rows = self._connection.execute(
            select(succession_version).where(condition, history_of(succession_version, known))
        ).mappings()
        return sorted((_to_edge(row) for row in rows), key=_order)


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Acts by day, then change; those from before our sources first."""
    return sorted(acts, key=lambda act: (act[0] or date.min, act[1]))


def _begun(table: Any, at: AsOf) -> ColumnElement[bool]:
    """Rows known at the point that began to hold on its day or before."""
    begins = func.lower(table.c.valid)
    return and_(known_at(table, at.known), or_(begins.is_(None), begins <= at.valid_on))


def _begun_between(table: Table, start: AsOf, end: AsOf) -> Select[Any]:
    # A row cut short is written again with the same beginning and the same origin: no news.
    key, earlier = table.info["key"], table.alias("earlier")
    seen_before = exists().where(
        earlier.c[key] == table.c[key],
        earlier.c.begun_by == table.c.begun_by,
        func.lower(earlier.c.valid).is_not_distinct_from(func.lower(table.c.valid)),
        _begun(earlier, start),
    )
    return (
        select(table.c.division_id, func.lower(table.c.valid), table.c.begun_by)
        .where(_begun(table, end), ~seen_before)
        .distinct()
    )


def _basis_of_members() -> ColumnElement[str | None]:
    """What an edge's share by area was measured on: the territories the predecessor's members had
    on the day of the act, as known before the change that carried it out."""
    edge, member, territory = succession_version.c, division_version, territory_version
    before = edge.begun_by - 1
    day = func.lower(edge.valid)
    return (
        select(
            func.string_agg(
                distinct(territory.c.basis),
                aggregate_order_by(literal(";", Text), territory.c.basis),
            )
        )
        .join(member, member.c.division_id == territory.c.division_id)
        .where(
            edge.share_area.is_not(None),
            member.c.parent_id == edge.predecessor_id,
            *(_held(table, day, before) for table in (member, territory)),
        )
        .correlate(succession_version)
        .scalar_subquery()
    )


def _held(table: Table, day: Any, known: Any) -> ColumnElement[bool]:
    return and_(table.c.valid.op("@>")(day), known_at(table, known))


def _to_edge(row: RowMapping, basis_area: str | None = None) -> SuccessionEdge:
    return SuccessionEdge(
        predecessor_id=row["predecessor_id"],
        successor_id=row["successor_id"],
        kind=row["kind"],
        on=row["valid"].lower,
        change=row["begun_by"],
        share_members=row["share_members"],
        share_area=row["share_area"],
        share_addresses=row["share_addresses"],
        note=row["note"],
        basis_area=basis_area,
    )


def _order(edge: SuccessionEdge) -> tuple[date, int, str]:
    return (edge.on or date.min, edge.change, f"{edge.predecessor_id}{edge.successor_id}")
