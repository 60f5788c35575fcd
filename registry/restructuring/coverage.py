"""Coverage that a plan's result must keep: no gap, no overlap, area conserved (Order 65 art 3).

Everything here is a breach, `V02`, with the tolerance the rule wants stated: `TOLERANCE_M2`.
"""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon

from registry.changes.timeline import Timeline, Version, at
from registry.divisions.model import LAYERS_OF_THE_STATE
from registry.divisions.territory import joined
from registry.restructuring.cutting import areal, size_m2
from registry.restructuring.dividing import TOLERANCE_M2
from registry.restructuring.drawing import Drawing
from registry.restructuring.findings import Finding, error
from registry.restructuring.ledger import Census

AREA_TOLERANCE = 1e-9
"""Relative: rounding of ellipsoidal areas, far below a square metre for a township."""


def gaps_of(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """Where land is missing, double, or comes from nowhere."""
    yield from _areas(drawing, after)
    yield from _overlaps(drawing, after)
    yield from _conserved(drawing, after)


def _areas(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """A unit covers what its members cover; what did not agree before is legacy."""
    members = drawing.parts(after)
    for unit, timeline in drawing.territories.items():
        if timeline is drawing.ledger.territories.get(unit) or unit not in after.units:
            continue
        whole = at(timeline, drawing.on)
        mine = members.get(unit, [])
        parts = [at(drawing.territories.get(one, ()), drawing.on) for one in mine]
        known = [part for part in parts if part is not None]
        if whole is None or not known or len(known) < len(parts):
            continue
        area, total = (
            whole.value("area_m2"),
            sum(part.value("area_m2") for part in known),
        )
        if abs(area - total) <= _allowed(total):
            continue
        legacy_m2 = _double_m2(drawing, unit, mine) if total > area else 0.0
        if abs(area - total) > _allowed(total) + legacy_m2:
            name = after.name(unit)
            yield error(
                "V02",
                f"{name}: its members cover {total:.0f} m² but it covers {area:.0f} m²; their "
                "territories overlap or leave a gap: draw them again, or let it follow its members",
                f"{name}所辖单位合计 {total:.0f} 平方米，而其自身为 {area:.0f} 平方米，有重叠或空缺："
                "请改绘，或由其范围随所辖单位而定",
                unit,
            )


def _allowed(area_m2: float) -> float:
    return max(TOLERANCE_M2, AREA_TOLERANCE * area_m2)


def _double_m2(drawing: Drawing, unit: UUID, members: Collection[UUID]) -> float:
    """How much of the land of these members was covered twice before the act."""
    former = {*members, *drawing.parts(drawing.before).get(unit, [])}
    former |= {
        one for one, (successors, _note) in drawing.ended.items() if {*successors} & {*members}
    }
    held = [_held(drawing.ledger.territories, one, drawing) for one in former]
    known = [one for one in held if one is not None]
    together = joined([one.value("territory") for one in known])
    return float(sum(one.value("area_m2") for one in known)) - size_m2(together)


def _overlaps(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """Territories the paper draws must not lie over others of their level and tree."""
    ground = {
        unit: version.value("territory")
        for unit in after.units
        if (version := at(drawing.territories.get(unit, ()), drawing.on)) is not None
    }
    units = list(ground)
    tree = shapely.STRtree([ground[unit] for unit in units])
    seen: set[frozenset[UUID]] = set()
    for unit in sorted(drawing.drawn & set(ground), key=lambda one: one.bytes):
        for place in tree.query(ground[unit], predicate="intersects"):
            other = units[int(place)]
            pair = frozenset({unit, other})
            if other == unit or pair in seen or after.level(other) != after.level(unit):
                continue
            seen.add(pair)
            if not drawing.same_tree(unit, other):
                continue
            over_m2 = _over_m2(ground[unit], ground[other]) - _legacy_m2(drawing, unit, other)
            if over_m2 > TOLERANCE_M2:
                first, second = after.name(unit), after.name(other)
                yield error(
                    "V02",
                    f"{first} and {second} would overlap by {over_m2:.0f} m²: adjust both sides of "
                    "their line",
                    f"{first}与{second}将重叠 {over_m2:.0f} 平方米：请同时调整界线两侧",
                    unit,
                    other,
                )


def _legacy_m2(drawing: Drawing, one: UUID, other: UUID) -> float:
    """How much of what the two have now was covered twice before the act."""
    return _over_m2(_land_before(drawing, one), _land_before(drawing, other))


def _land_before(drawing: Drawing, unit: UUID) -> MultiPolygon:
    """The land a unit had, with that of units it takes over whole."""
    taken = [
        one
        for one, (successors, _note) in drawing.ended.items()
        if successors == (unit,) and one not in drawing.divided
    ]
    held = [_held(drawing.ledger.territories, one, drawing) for one in (unit, *taken)]
    return joined([one.value("territory") for one in held if one is not None])


def _over_m2(one: MultiPolygon, other: MultiPolygon) -> float:
    return size_m2(areal(one.intersection(other)))


def _conserved(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """What one unit loses another gains, level by level, unless the act says why not."""
    if drawing.paper.area_changes is not None:
        return
    changed: dict[tuple[int, bool], list[UUID]] = {}
    for unit, timeline in drawing.territories.items():
        if timeline is drawing.ledger.territories.get(unit):
            continue
        state = drawing.layer(unit) in LAYERS_OF_THE_STATE
        changed.setdefault((_level(drawing, after, unit), state), []).append(unit)
    for (level, state), units in sorted(changed.items()):
        if not state or not _all_known(drawing, after, level, units):
            continue
        before_m2 = sum(_m2(drawing.ledger.territories.get(unit, ()), drawing) for unit in units)
        after_m2 = sum(_m2(drawing.territories[unit], drawing) for unit in units)
        gained = after_m2 - before_m2
        if abs(gained) > _allowed(after_m2):
            gained = _won_m2(drawing, units)
        if abs(gained) > _allowed(after_m2):
            names = "、".join(sorted(_either(drawing, after, unit) for unit in units)[:4])
            word, wort = ("appear", "多出") if gained > 0 else ("vanish", "缺少")
            yield error(
                "V02",
                f"{abs(gained):.0f} m² {word} among {names}: give them to a neighbour or take them "
                "from one in the same paper, or say why in `area_changes`",
                f"{names}合计{wort} {abs(gained):.0f} 平方米：请在同一方案中与相邻单位一并调整，"
                "或在 area_changes 中说明原因",
                *units,
            )


def _won_m2(drawing: Drawing, units: Collection[UUID]) -> float:
    """What these units win together; land covered twice before is not lost by being joined."""
    ends = [
        joined([one.value("territory") for one in held if one is not None])
        for held in (
            [_held(territories, unit, drawing) for unit in units]
            for territories in (drawing.territories, drawing.ledger.territories)
        )
    ]
    return size_m2(ends[0]) - size_m2(ends[1])


def _all_known(drawing: Drawing, after: Census, level: int, changed: Collection[UUID]) -> bool:
    """Whether every unit of a level that the act touches has a territory where it is in force."""
    for unit in {*drawing.causes, *changed}:
        if _level(drawing, after, unit) != level:
            continue
        if unit in drawing.before.units and not _held(drawing.ledger.territories, unit, drawing):
            return False
        if unit in after.units and not _held(drawing.territories, unit, drawing):
            return False
    return True


def _held(territories: Mapping[UUID, Timeline], unit: UUID, drawing: Drawing) -> Version | None:
    return at(territories.get(unit, ()), drawing.on)


def _m2(timeline: Timeline, drawing: Drawing) -> float:
    version = at(timeline, drawing.on)
    return 0.0 if version is None else float(version.value("area_m2"))


def _level(drawing: Drawing, after: Census, unit: UUID) -> int:
    census = after if unit in after.units else drawing.before
    return census.level(unit) if unit in census.units else 0


def _either(drawing: Drawing, after: Census, unit: UUID) -> str:
    return after.name(unit) if unit in after.units else drawing.before.name(unit)
