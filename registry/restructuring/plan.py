"""A plan (调整方案): every effect of a paper, worked out and listed before anything is written.

`draw_up` is pure: the same paper on the same ledger gives the same plan. A preview shows it, a
commit writes it; neither does anything else, so the preview is what the commit then does.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Table

from registry.changes.model import Verb
from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, begin, difference
from registry.divisions.tables import (
    division_code_version,
    division_version,
    succession_version,
    territory_version,
)
from registry.errors import PlanBreaksRules
from registry.lines.following import ADJUSTED
from registry.names.tables import place_name_version
from registry.restructuring.checks import breaches_of
from registry.restructuring.door_book import DoorMove
from registry.restructuring.doors import EdgeDoor
from registry.restructuring.drawing import Drawing
from registry.restructuring.findings import Finding, Severity
from registry.restructuring.homonyms import double_names, doubled_divisions
from registry.restructuring.ledger import Census, Ledger
from registry.restructuring.operations import draw
from registry.restructuring.paper import Paper
from registry.restructuring.regulations import regulations_of
from registry.restructuring.succession import Edge, edges_of
from registry.restructuring.territories import follow_members, inherit_land


@dataclass(frozen=True, slots=True)
class Effect:
    """One fact whose timeline the plan rewrites."""

    table: Table
    key: UUID
    before: Timeline
    after: Timeline


@dataclass(frozen=True, slots=True)
class Plan:
    """All effects of a paper, in the order they are written."""

    paper: Paper
    drawn_at: int
    before: Census
    after: Census
    established: Mapping[UUID, str]
    effects: tuple[Effect, ...]
    edges: tuple[Edge, ...]
    rehomed: Mapping[UUID, UUID]
    """Ended units with addresses of their own, and the one unit that takes these over."""
    codes_before: Mapping[UUID, Timeline]
    codes_after: Mapping[UUID, Timeline]
    breaches: tuple[str, ...]
    warnings: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    """Breaches, warnings and notices as values; the two lists above are their sentences."""
    door_moves: tuple[DoorMove, ...] = ()
    """Addresses of units divided on the ground that belong to another unit afterwards."""
    edge_doors: tuple[EdgeDoor, ...] = ()
    """Doors of such units that a person must still settle."""
    allocated: Mapping[UUID, str] = field(default_factory=dict)
    """Codes the registry found; provisional until published."""
    layers: Mapping[UUID, str] = field(default_factory=dict)
    """The tree each division belongs to."""

    @property
    def digest(self) -> str:
        """SHA-256 of the effects: two plans with equal digests do the same."""
        lines = [
            [
                effect.table.name,
                str(effect.key),
                [_plain(version) for version in effect.after],
            ]
            for effect in self.effects
        ]
        lines += [
            ["doors", str(move.to_division), sorted(map(str, move.address_ids))]
            for move in self.door_moves
        ]
        text = json.dumps(lines, ensure_ascii=False, sort_keys=True, default=_text)
        return hashlib.sha256(text.encode()).hexdigest()

    def rows_to_write(self) -> dict[str, int]:
        """Rows each table will gain, addresses that change their division left aside."""
        count: dict[str, int] = {"division": len(self.established)} if self.established else {}
        for effect in self.effects:
            _closed, written = difference(effect.before, effect.after)
            count[effect.table.name] = count.get(effect.table.name, 0) + len(written)
        return count

    @property
    def line_cause(self) -> str:
        """How boundary lines change that follow its territories; see `registry.lines.following`."""
        return "correct" if self.paper.verb is Verb.CORRECT else ADJUSTED

    def refuse_if_broken(self) -> None:
        """Refuse a plan with breaches.

        Raises:
            PlanBreaksRules: lists them all.
        """
        if self.breaches:
            broken = [one for one in self.findings if one.severity is Severity.ERROR]
            raise PlanBreaksRules(self.breaches, [one.facts() for one in broken])


def draw_up(paper: Paper, ledger: Ledger) -> Plan:
    """Work out everything a paper does.

    Raises:
        RegistryError: a reference, code or timeline forbids an operation; the class says which.
    """
    drawing = draw(Drawing(ledger, paper))
    inherit_land(drawing)
    follow_members(drawing)
    after = Census.take(drawing.divisions, paper.effective_on)
    edges = edges_of(drawing, after)
    rehomed = _rehomed(drawing)
    # All doors of a unit may be known though nothing divides it: they go with the unit then.
    moves = tuple(
        one for one in drawing.door_book.moves(drawing.heir) if one.from_division not in rehomed
    )
    findings = tuple(_findings(drawing, after, edges, moves))
    return Plan(
        paper=paper,
        drawn_at=ledger.head,
        before=drawing.before,
        after=after,
        established=drawing.established,
        effects=(
            *_rewritten(division_version, ledger.divisions, drawing.divisions),
            *_rewritten(division_code_version, ledger.codes, drawing.codes),
            *_rewritten(territory_version, ledger.territories, drawing.territories),
            *_rewritten(place_name_version, _names_before(ledger), drawing.names),
            *(_recorded(edge, paper.effective_on) for edge in edges),
        ),
        edges=edges,
        rehomed=rehomed,
        codes_before=ledger.codes,
        codes_after=drawing.codes,
        breaches=tuple(str(one) for one in findings if one.severity is Severity.ERROR),
        warnings=tuple(str(one) for one in findings if one.severity is Severity.WARNING),
        findings=findings,
        door_moves=moves,
        edge_doors=tuple(drawing.door_book.edge),
        allocated=drawing.allocated,
        layers={**ledger.layers, **drawing.established},
    )


def _findings(
    drawing: Drawing, after: Census, edges: Sequence[Edge], moves: Sequence[DoorMove]
) -> Iterator[Finding]:
    yield from breaches_of(drawing, after, edges, moves)
    if drawing.paper.verb is Verb.CORRECT:
        return
    yield from double_names(drawing, after, moves)
    yield from doubled_divisions(drawing, after)
    yield from regulations_of(drawing, after)


def _names_before(ledger: Ledger) -> dict[UUID, Timeline]:
    return {place.place_name_id: place.name for place in ledger.places.values()}


def _rewritten(
    table: Table, before: Mapping[UUID, Timeline], after: Mapping[UUID, Timeline]
) -> list[Effect]:
    return [
        Effect(table, key, before.get(key, ()), timeline)
        for key, timeline in sorted(after.items(), key=lambda item: item[0].bytes)
        if timeline is not before.get(key)
    ]


def _recorded(edge: Edge, on: date) -> Effect:
    timeline = begin((), Period.since(on), edge.values(), edge.kind)
    return Effect(succession_version, edge.succession_id, (), timeline)


def _rehomed(drawing: Drawing) -> dict[UUID, UUID]:
    counts = drawing.ledger.address_counts
    return {
        ended: drawing.heir(ended)
        for ended, (successors, _note) in drawing.ended.items()
        if len(successors) == 1 and ended in counts and ended not in drawing.divided
    }


def _plain(version: Version) -> list[Any]:
    values = {name: _text(value) for name, value in version.values.items()}
    return [_text(version.valid.start), _text(version.valid.end), values]


def _text(value: object) -> object:
    if isinstance(value, BaseGeometry):
        return value.wkb_hex
    return value if value is None or isinstance(value, int | float | str) else str(value)
