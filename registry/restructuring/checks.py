"""Invariants of lineage and coverage that a plan's result must keep (`design.md` §2, law 12)."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from registry.changes.timeline import at
from registry.divisions.model import STATISTICAL, STATUTORY, DivisionKind, check_code
from registry.errors import CodeOutsideBlock
from registry.restructuring.drawing import Drawing
from registry.restructuring.ledger import Census, code_on
from registry.restructuring.succession import Edge

SHARE_TOLERANCE = 1e-9
AREA_TOLERANCE = 1e-9
"""Relative: rounding of ellipsoidal areas, far below a square metre for a township."""


def breaches_of(drawing: Drawing, after: Census, edges: Sequence[Edge]) -> Iterator[str]:
    """What forbids the plan, each in one line that says what to mend."""
    yield from _orphans(drawing, after)
    yield from _cycles_and_levels(drawing, after)
    yield from _outliving(drawing)
    yield from _lost(drawing)
    yield from _homeless(drawing)
    yield from _shares(drawing, edges)
    yield from _areas(drawing, after)


def warnings_of(drawing: Drawing, after: Census) -> Iterator[str]:
    """What is allowed but should be looked at."""
    yield from _namesakes(drawing, after)
    yield from _village_blocks(drawing, after)


def _orphans(drawing: Drawing, after: Census) -> Iterator[str]:
    for parent, children in after.members().items():
        if parent in drawing.ended:
            names = "、".join(sorted(after.name(child) for child in children))
            yield (
                f"{drawing.before.name(parent)} ends but {len(children)} members stay behind "
                f"({names}): transfer or abolish them"
            )


def _cycles_and_levels(drawing: Drawing, after: Census) -> Iterator[str]:
    for unit in sorted(set(drawing.causes) & set(after.units), key=lambda one: one.bytes):
        parent = after.parent(unit)
        if parent is None:
            continue
        if parent not in after.units:
            if parent not in drawing.ended:
                yield f"{after.name(unit)}: its parent is not in force on {drawing.on}"
            continue
        if unit in list(after.ancestors(parent)):
            yield f"{after.name(unit)} would lie inside itself"
        elif after.level(parent) >= after.level(unit):
            yield f"{after.name(unit)} cannot lie under {after.name(parent)}: same or lower level"


def _outliving(drawing: Drawing) -> Iterator[str]:
    for unit in drawing.causes:
        for version in drawing.divisions[unit]:
            parent = version.value("parent_id")
            if parent is None or parent not in drawing.divisions:
                continue
            lives = [one.valid for one in drawing.divisions[parent]]
            if not version.valid.covered_by(lives) and parent not in drawing.ended:
                yield f"{version.value('name')} would outlive its parent"


def _lost(drawing: Drawing) -> Iterator[str]:
    for unit, (successors, note) in drawing.ended.items():
        if not successors and not note:
            yield (
                f"{drawing.before.name(unit)} ends without a successor: name `successors`, "
                "or say why there is none in `no_successor`"
            )
        if unit in successors:
            yield f"{drawing.before.name(unit)} cannot succeed itself"


def _homeless(drawing: Drawing) -> Iterator[str]:
    for unit, (successors, _note) in drawing.ended.items():
        count = drawing.ledger.address_counts.get(unit)
        if count is not None and count.total and len(successors) != 1:
            yield (
                f"{drawing.before.name(unit)} ends with {count.total} addresses of its own: "
                "exactly one successor must take them over"
            )


def _shares(drawing: Drawing, edges: Sequence[Edge]) -> Iterator[str]:
    sums: dict[UUID, float] = {}
    for edge in edges:
        if edge.predecessor_id is not None and edge.share_members is not None:
            sums[edge.predecessor_id] = sums.get(edge.predecessor_id, 0.0) + edge.share_members
    for unit, total in sums.items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            yield f"the parts of {drawing.before.name(unit)} make {total:.3f} of it, not 1"


def _areas(drawing: Drawing, after: Census) -> Iterator[str]:
    members = after.members()
    for unit, timeline in drawing.territories.items():
        if timeline is drawing.ledger.territories.get(unit) or unit not in after.units:
            continue
        whole = at(timeline, drawing.on)
        parts = [at(drawing.territories.get(one, ()), drawing.on) for one in members.get(unit, [])]
        known = [part for part in parts if part is not None]
        if whole is None or not known or len(known) < len(parts):
            continue
        area, total = (
            whole.value("area_m2"),
            sum(part.value("area_m2") for part in known),
        )
        if abs(area - total) > max(1.0, AREA_TOLERANCE * total):
            yield (
                f"{after.name(unit)}: its members cover {total:.0f} m² but it covers {area:.0f} m²; "
                "their territories overlap or leave a gap"
            )


def _namesakes(drawing: Drawing, after: Census) -> Iterator[str]:
    named: dict[tuple[UUID | None, str], list[UUID]] = {}
    for unit in after.units:
        county = next((one for one in after.ancestors(unit) if after.level(one) == 3), None)
        named.setdefault((county, after.name(unit)), []).append(unit)
    for (_county, name), units in named.items():
        if len(units) > 1 and any(unit in drawing.causes for unit in units):
            yield f"{len(units)} units of one county are called {name}"


def _village_blocks(drawing: Drawing, after: Census) -> Iterator[str]:
    if drawing.paper.code_scheme != STATISTICAL:
        return
    for unit in sorted(set(drawing.causes) & set(after.units), key=lambda one: one.bytes):
        code = code_on(drawing.codes, unit, STATISTICAL, drawing.on)
        kind = DivisionKind(after.units[unit].value("kind"))
        if code is None or kind.level != 5 or drawing.established.get(unit, STATUTORY) != STATUTORY:
            continue
        try:
            check_code(code, kind)
        except CodeOutsideBlock as error:
            yield f"{after.name(unit)}: {error}"
