"""What became of a division (沿革): heirs through several acts, and how shares compose."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry.divisions.lineage import SuccessionEdge

NOTHING_LEFT = 1e-9
"""Shares are computed in floating point; a rest below this is none."""


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

    def plus(self, other: "Share") -> "Share":
        """Two parts that meet in one division again."""
        return Share(
            _sum(self.members, other.members),
            _sum(self.area, other.area),
            _sum(self.addresses, other.addresses),
        )


WHOLE = Share(1.0, 1.0, 1.0)
UNKNOWN = Share(None, None, None)


@dataclass(frozen=True, slots=True)
class Path:
    """How much of a division reached an heir, and by which acts."""

    share: Share
    trail: tuple[SuccessionEdge, ...] = ()
    """Every edge on the way."""
    measured: tuple[SuccessionEdge, ...] = ()
    """The edges that divided something: the share is made of theirs."""

    def plus(self, other: "Path") -> "Path":
        """Two ways that meet."""
        return Path(
            self.share.plus(other.share),
            _merged(self.trail, other.trail),
            _merged(self.measured, other.measured),
        )


Heirs = Mapping[UUID | None, Path]
"""Paths by heir; under None what has no heir."""

_ByPredecessor = dict[UUID, list[SuccessionEdge]]


def heirs(
    division_ids: Collection[UUID], edges: Sequence[SuccessionEdge], going_on: Container[UUID]
) -> dict[UUID, Heirs]:
    """What became of each division, by id.

    A division no edge speaks of is its own heir, whole.

    Args:
        edges: acts are composed by day, then change.
        going_on: divisions in force after all these acts; one of them that an act only takes
            parts from is its own heir for the rest.
    """
    acts = _by_act(edges, going_on)
    spoken_of = {unit for act in acts for unit in act}
    return {
        one: _walk(one, acts) if one in spoken_of else {one: Path(WHOLE)} for one in division_ids
    }


def _walk(division_id: UUID, acts: Sequence[_ByPredecessor]) -> Heirs:
    held: dict[UUID | None, Path] = {division_id: Path(WHOLE)}
    for act in acts:
        after: dict[UUID | None, Path] = {}
        for unit, path in held.items():
            steps = None if unit is None else act.get(unit)
            for heir, part in _step(unit, path, steps):
                after[heir] = after[heir].plus(part) if heir in after else part
        held = after
    return held


def _step(
    unit: UUID | None, path: Path, edges: Sequence[SuccessionEdge] | None
) -> Iterable[tuple[UUID | None, Path]]:
    if not edges:
        return [(unit, path)]
    if len(edges) == 1 and edges[0].share_members in (None, 1.0):
        # One heir takes everything: nothing was measured, nothing had to be.
        return [(edges[0].successor_id, Path(path.share, (*path.trail, edges[0]), path.measured))]
    return [
        (
            edge.successor_id,
            Path(path.share.times(edge), (*path.trail, edge), (*path.measured, edge)),
        )
        for edge in edges
    ]


def _by_act(edges: Iterable[SuccessionEdge], going_on: Container[UUID]) -> list[_ByPredecessor]:
    acts: dict[tuple[date, int], _ByPredecessor] = {}
    for edge in edges:
        if edge.predecessor_id is not None:
            act = acts.setdefault((edge.on or date.min, edge.change), {})
            act.setdefault(edge.predecessor_id, []).append(edge)
    ordered = [acts[key] for key in sorted(acts)]
    later: set[UUID] = set()
    for act in reversed(ordered):
        for unit, steps in act.items():
            if unit in going_on or unit in later:
                steps.extend(_rest(unit, steps))
        later |= set(act)
    return ordered


def _rest(unit: UUID, edges: Sequence[SuccessionEdge]) -> list[SuccessionEdge]:
    """The edge from a unit that goes on to itself, where the act did not write one."""
    if any(edge.successor_id == unit for edge in edges):
        return []
    return [
        SuccessionEdge(
            predecessor_id=unit,
            successor_id=unit,
            kind="continue",
            on=edges[0].on,
            change=edges[0].change,
            share_members=_remainder(edge.share_members for edge in edges),
            share_area=_remainder(edge.share_area for edge in edges),
            share_addresses=_remainder(edge.share_addresses for edge in edges),
            note=None,
            basis_area=edges[0].basis_area,
        )
    ]


def _remainder(shares: Iterable[float | None]) -> float | None:
    given = list(shares)
    known = [share for share in given if share is not None]
    if len(known) < len(given):
        return None
    rest = 1.0 - sum(known)
    return rest if rest > NOTHING_LEFT else 0.0


def _merged(
    one: tuple[SuccessionEdge, ...], other: tuple[SuccessionEdge, ...]
) -> tuple[SuccessionEdge, ...]:
    return (*one, *(edge for edge in other if edge not in one))


def _product(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one * other


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
