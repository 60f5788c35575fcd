"""Succession (沿革): who follows whom through an act, read off what became of the members."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from registry.changes.model import Verb
from registry.changes.timeline import at
from registry.restructuring.cutting import areal, size_m2
from registry.restructuring.drawing import Drawing
from registry.restructuring.ledger import Census

EDGES = UUID("0f6fbb43-3a2f-5d4e-8d5a-2b2f1f6f7c11")


@dataclass(frozen=True, slots=True)
class Edge:
    """One predecessor and one successor, or the lack of one of them, with its note."""

    succession_id: UUID
    predecessor_id: UUID | None
    successor_id: UUID | None
    kind: str
    share_members: float | None = None
    share_area: float | None = None
    share_addresses: float | None = None
    note: str | None = None

    def values(self) -> dict[str, Any]:
        """The columns of its version."""
        return {
            "predecessor_id": self.predecessor_id,
            "successor_id": self.successor_id,
            "kind": self.kind,
            "share_members": self.share_members,
            "share_area": self.share_area,
            "share_addresses": self.share_addresses,
            "note": self.note,
        }


def edges_of(drawing: Drawing, after: Census) -> tuple[Edge, ...]:
    """All edges of an act, in a stable order.

    A unit with members is followed by the units its members now belong to, itself included when
    it goes on. A unit without members is followed by its declared successors, or by those who
    have its land and doors. A correction makes no edges: nothing followed anything.
    """
    if drawing.paper.verb is Verb.CORRECT:
        return ()
    found = [
        *_by_members(drawing, after),
        *_by_declaration(drawing),
        *_from_nothing(drawing, after),
        *_by_land(drawing, after),
    ]
    unique = {edge.succession_id: edge for edge in found}
    return tuple(sorted(unique.values(), key=lambda edge: edge.succession_id.bytes))


def _by_members(drawing: Drawing, after: Census) -> Iterator[Edge]:
    members = drawing.parts(drawing.before)
    for unit in sorted(_touched(drawing), key=lambda one: one.bytes):
        children = members.get(unit, [])
        if not children:
            continue
        heirs = Counter(_heir(child, unit, drawing, after) for child in children)
        heirs.pop(None, None)
        if set(heirs) == {unit} and drawing.causes.get(unit) not in SELF_EDGES:
            continue
        areas = _weights(children, unit, drawing, after, _areas(drawing, children))
        addresses = _weights(children, unit, drawing, after, _addresses(drawing, children, members))
        for heir, count in heirs.items():
            if heir is None:
                continue
            yield _edge(
                drawing,
                unit,
                heir,
                _kind(drawing, unit, heir, len(heirs)),
                share_members=count / len(children),
                share_area=None if areas is None else areas.get(heir, 0.0),
                share_addresses=None if addresses is None else addresses.get(heir, 0.0),
            )


SELF_EDGES = frozenset({"retype", "rename", "reparent"})
"""Causes worth an edge from a unit to itself: its law, name or parent changed."""


def _by_declaration(drawing: Drawing) -> Iterator[Edge]:
    with_members = drawing.parts(drawing.before)
    for unit, (successors, note) in drawing.ended.items():
        if not successors:
            yield _edge(drawing, unit, None, "abolish", note=note)
        elif unit not in with_members and unit not in drawing.divided:
            share = 1.0 if len(successors) == 1 else None
            for heir in successors:
                yield _edge(
                    drawing,
                    unit,
                    heir,
                    drawing.causes[unit],
                    share_area=share,
                    share_addresses=share,
                )
    yield from _by_origin(drawing, set(with_members))
    yield from _by_themselves(drawing, set(with_members))


def _by_origin(drawing: Drawing, with_members: set[UUID]) -> Iterator[Edge]:
    for unit, origins in drawing.origins.items():
        for origin in origins:
            if origin not in with_members and origin not in drawing.divided:
                yield _edge(drawing, origin, unit, "split")


def _by_themselves(drawing: Drawing, with_members: set[UUID]) -> Iterator[Edge]:
    for unit, cause in drawing.causes.items():
        goes_on = unit in drawing.before.units and unit not in drawing.ended
        if goes_on and unit not in with_members and cause in SELF_EDGES:
            yield _edge(drawing, unit, unit, cause, share_area=1.0, share_addresses=1.0)


def _by_land(drawing: Drawing, after: Census) -> Iterator[Edge]:
    """Units divided on the ground that have no members to tell who follows them: whoever has
    their land and doors in the end, with the share of each."""
    with_members = drawing.parts(drawing.before)
    for unit in drawing.divided:
        if unit in with_members or unit not in drawing.before.units:
            continue
        areas, doors = _land_shares(drawing, unit), drawing.door_book.shares(unit, drawing.heir)
        for heir in sorted({*areas, *doors}, key=lambda one: one.bytes):
            if heir not in after.units:
                continue
            kind = "split" if heir in drawing.established else "transfer"
            yield _edge(
                drawing,
                unit,
                heir,
                "continue" if heir == unit else kind,
                share_area=areas.get(heir, 0.0) if areas else None,
                share_addresses=doors.get(heir, 0.0) if doors else None,
            )


LEAST_SHARE = 1e-9
"""Of an area: less is rounding, not land."""


def _land_shares(drawing: Drawing, unit: UUID) -> dict[UUID, float]:
    """Which share of the land a unit had is whose now; empty: it had none that is known."""
    version = at(drawing.ledger.territories.get(unit, ()), drawing.on)
    if version is None:
        return {}
    whole = version.value("territory")
    level = drawing.before.level(unit)
    found: dict[UUID, float] = {}
    for heir in drawing.drawn | {unit}:
        held = at(drawing.territories.get(heir, ()), drawing.on)
        if held is None or drawing.level_of(heir) != level:
            continue
        share = size_m2(areal(whole.intersection(held.value("territory"))))
        if share > LEAST_SHARE * version.value("area_m2"):
            found[heir] = share
    total = sum(found.values())
    return {heir: share / total for heir, share in found.items()}


def _from_nothing(drawing: Drawing, after: Census) -> Iterator[Edge]:
    populated = drawing.parts(after)
    for unit in drawing.established:
        if unit in populated or drawing.origins.get(unit):
            continue
        followed = any(unit in successors for successors, _note in drawing.ended.values())
        if not followed:
            yield _edge(drawing, None, unit, "establish", note="no predecessor is known")


def _touched(drawing: Drawing) -> set[UUID]:
    lost = {
        parent
        for child in drawing.moved
        if (parent := drawing.before.parent(child)) and drawing.same_tree(child, parent)
    }
    units = {*lost, *drawing.ended, *drawing.causes}
    return {unit for unit in units if unit is not None and unit in drawing.before.units}


def _heir(child: UUID, unit: UUID, drawing: Drawing, after: Census) -> UUID | None:
    if child in after.units:
        return after.parent(child)
    successors, _note = drawing.ended.get(child, ((), None))
    return (
        after.parent(successors[0])
        if len(successors) == 1
        else unit
        if unit in after.units
        else None
    )


def _kind(drawing: Drawing, unit: UUID, heir: UUID, heirs: int) -> str:
    cause = drawing.causes.get(unit)
    if heir == unit:
        return cause if cause in SELF_EDGES and heirs == 1 and cause else "continue"
    if unit in drawing.ended and cause in ("merge", "absorb"):
        return cause
    if heir in drawing.established:
        return "split" if heirs > 1 or unit not in drawing.ended else "establish"
    return "absorb" if unit in drawing.ended and heirs == 1 else "transfer"


def _areas(drawing: Drawing, children: list[UUID]) -> dict[UUID, float] | None:
    found: dict[UUID, float] = {}
    for child in children:
        territory = at(drawing.ledger.territories.get(child, ()), drawing.on)
        if territory is None:
            return None
        found[child] = float(territory.value("area_m2"))
    return found


def _addresses(
    drawing: Drawing, children: list[UUID], members: Mapping[UUID, list[UUID]]
) -> dict[UUID, float]:
    counts = drawing.ledger.address_counts

    def beneath(unit: UUID) -> int:
        own = counts[unit].total if unit in counts else 0
        return own + sum(beneath(child) for child in members.get(unit, []))

    return {child: float(beneath(child)) for child in children}


def _weights(
    children: list[UUID],
    unit: UUID,
    drawing: Drawing,
    after: Census,
    weight: dict[UUID, float] | None,
) -> dict[UUID, float] | None:
    total = sum(weight.values()) if weight else 0.0
    if not weight or total == 0.0:
        return None
    shares: dict[UUID, float] = {}
    for child in children:
        heir = _heir(child, unit, drawing, after)
        if heir is not None:
            shares[heir] = shares.get(heir, 0.0) + weight[child] / total
    return shares


def _edge(
    drawing: Drawing,
    predecessor: UUID | None,
    successor: UUID | None,
    kind: str,
    **shares: Any,
) -> Edge:
    name = f"{drawing.paper.title}|{drawing.on}|{predecessor}|{successor}"
    return Edge(uuid5(EDGES, name), predecessor, successor, kind, **shares)
