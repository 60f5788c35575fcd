"""Lineage (沿革): the graph of who followed whom, and how shares compose through several acts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, or_, select

from registry.changes.rows import history_of
from registry.divisions.tables import succession_version


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


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a division became (part of) another; None: not known."""

    members: float | None
    area: float | None
    addresses: float | None

    def times(self, edge: SuccessionEdge) -> "Share":
        """The share after one more act."""
        return Share(
            _product(self.members, edge.share_members),
            _product(self.area, edge.share_area),
            _product(self.addresses, edge.share_addresses),
        )

    def plus(self, other: "Share | None") -> "Share":
        """Two parts that meet in one division again."""
        if other is None:
            return self
        return Share(
            _sum(self.members, other.members),
            _sum(self.area, other.area),
            _sum(self.addresses, other.addresses),
        )


WHOLE = Share(1.0, 1.0, 1.0)


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

    def between(self, start: date, end: date, known: int) -> list[SuccessionEdge]:
        """Edges of acts after `start` and up to and including `end`, in order of day and change."""
        begins = func.lower(succession_version.c.valid)
        return self._edges(known, (begins > start) & (begins <= end))

    def _edges(self, known: int, condition: ColumnElement[bool]) -> list[SuccessionEdge]:
        rows = self._connection.execute(
            select(succession_version).where(condition, history_of(succession_version, known))
        ).mappings()
        edges = [
            SuccessionEdge(
                predecessor_id=row["predecessor_id"],
                successor_id=row["successor_id"],
                kind=row["kind"],
                on=row["valid"].lower,
                change=row["begun_by"],
                share_members=row["share_members"],
                share_area=row["share_area"],
                share_addresses=row["share_addresses"],
                note=row["note"],
            )
            for row in rows
        ]
        return sorted(edges, key=_order)


def heirs(
    division_ids: Collection[UUID], edges: Sequence[SuccessionEdge]
) -> dict[UUID, dict[UUID, tuple[Share, tuple[SuccessionEdge, ...]]]]:
    """What became of each division: its heirs with composed shares and the edges that led there.

    A division no edge speaks of is its own heir, whole.
    """
    acts = _by_act(edges)
    return {one: _walk(one, acts) for one in division_ids}


Path = tuple[Share, tuple[SuccessionEdge, ...]]


def _walk(division_id: UUID, acts: list[dict[UUID, list[SuccessionEdge]]]) -> dict[UUID, Path]:
    held: dict[UUID, Path] = {division_id: (WHOLE, ())}
    for act in acts:
        after: dict[UUID, Path] = {}
        for unit, (share, trail) in held.items():
            for heir, (part, step) in _step(unit, share, act.get(unit)).items():
                known = after.get(heir)
                total = part if known is None else part.plus(known[0])
                earlier = () if known is None else known[1]
                after[heir] = (total, _merged(earlier, (*trail, *step)))
        held = after
    return held


def _step(
    unit: UUID, share: Share, edges: list[SuccessionEdge] | None
) -> dict[UUID, tuple[Share, tuple[SuccessionEdge, ...]]]:
    if not edges:
        return {unit: (share, ())}
    found: dict[UUID, tuple[Share, tuple[SuccessionEdge, ...]]] = {}
    for edge in edges:
        if edge.successor_id is not None:
            whole = len(edges) == 1
            part = share if whole and edge.share_members is None else share.times(edge)
            found[edge.successor_id] = (part, (edge,))
    return found


def _by_act(edges: Iterable[SuccessionEdge]) -> list[dict[UUID, list[SuccessionEdge]]]:
    acts: dict[tuple[date, int], dict[UUID, list[SuccessionEdge]]] = {}
    for edge in edges:
        if edge.predecessor_id is not None:
            act = acts.setdefault((edge.on or date.min, edge.change), {})
            act.setdefault(edge.predecessor_id, []).append(edge)
    return [acts[key] for key in sorted(acts)]


def _merged(
    one: tuple[SuccessionEdge, ...], other: tuple[SuccessionEdge, ...]
) -> tuple[SuccessionEdge, ...]:
    return (*one, *(edge for edge in other if edge not in one))


def _product(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one * other


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _order(edge: SuccessionEdge) -> tuple[date, int, str]:
    return (edge.on or date.min, edge.change, f"{edge.predecessor_id}{edge.successor_id}")
