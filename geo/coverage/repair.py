"""Repairs offered for defects, and what becomes of the pieces when some are accepted."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import areal, sound, width_m
from geo.coverage.model import (
    Coverage,
    Defect,
    DefectKind,
    Piece,
    Repair,
    RepairKind,
    Tolerance,
)
from geo.coverage.sharing import with_shared_vertices, without_vertices


def offer(
    coverage: Coverage,
    defects: Sequence[Defect],
    edited: Collection[str],
    tolerance: Tolerance | None = None,
) -> tuple[Repair, ...]:
    """Ways to mend the defects, in their order; of several for one defect the likeliest first.

    A narrow strip is a slip of the hand: the edited piece is laid onto its neighbour. Anything wider
    was meant: what nobody edited gives way, or takes what was given up. Neighbours under other
    parents are never altered.

    Args:
        edited: keys of the pieces that were delivered.
    """
    limits = tolerance or Tolerance()
    own = {one.key: one.territory for one in coverage.pieces}
    return tuple(
        repair
        for place, defect in enumerate(defects)
        for repair in _repairs(place, defect, own, edited, limits)
    )


def likeliest(offered: Sequence[Repair]) -> tuple[Repair, ...]:
    """The first repair of each defect."""
    found: dict[int, Repair] = {}
    for one in offered:
        found.setdefault(one.defect, one)
    return tuple(found.values())


def repaired(
    coverage: Coverage, accepted: Sequence[Repair], tolerance: Tolerance | None = None
) -> dict[str, MultiPolygon]:
    """The pieces that differ when these repairs are carried out, in this order."""
    limits = tolerance or Tolerance()
    before = {one.key: one.territory for one in coverage.pieces}
    held: dict[str, BaseGeometry] = dict(before)
    for repair in accepted:
        for key, ground in repair.adds.items():
            held[key] = areal(shapely.union(sound(held[key]), ground))
        for key, ground in repair.takes.items():
            held[key] = areal(shapely.difference(sound(held[key]), ground))
        for key, points in repair.drops.items():
            held[key] = without_vertices(held[key], points)
        for key in repair.untangles:
            held[key] = sound(held[key])
    touched = {key for repair in accepted for key in repair.keys}
    around = {one.key: one.territory for one in coverage.neighbours}
    shared = with_shared_vertices(
        {**{key: sound(one) for key, one in held.items()}, **around},
        touched,
        reach_m=limits.vertex_m,
        fixed=around.keys(),
    )
    result = {key: areal(held[key]) for key in touched} | shared
    return {
        key: one for key, one in result.items() if not one.equals_exact(areal(before[key]))
    }  # fmt: skip


def with_territories(coverage: Coverage, changed: Mapping[str, BaseGeometry]) -> Coverage:
    """The coverage with some pieces in another shape."""
    pieces = tuple(
        Piece(one.key, changed[one.key], one.seat) if one.key in changed else one
        for one in coverage.pieces
    )
    return replace(coverage, pieces=pieces)


def _repairs(
    place: int,
    defect: Defect,
    own: Mapping[str, BaseGeometry],
    edited: Collection[str],
    limits: Tolerance,
) -> Iterator[Repair]:
    mine = [key for key in defect.keys if key in own]
    if not mine:
        return
    first = next((key for key in mine if key in edited), mine[0])
    if defect.kind in _RINGS:
        yield Repair(RepairKind.TRIM, place, untangles=(first,))
    elif defect.kind is DefectKind.MISSING_VERTEX:
        yield Repair(RepairKind.SNAP, place, shares=tuple(mine))
    elif defect.kind is DefectKind.SPIKE:
        tip = shapely.get_coordinates(defect.where)[1]
        yield Repair(RepairKind.TRIM, place, drops={first: ((float(tip[0]), float(tip[1])),)})
    elif defect.unit == "m2":
        yield from _of_ground(place, defect, _in_order(mine, edited, defect, limits), own)


def _in_order(
    mine: Sequence[str], edited: Collection[str], defect: Defect, limits: Tolerance
) -> list[tuple[str, bool]]:
    """Who is altered, the likeliest first, and whether that lays an edge onto another."""
    narrow = len(defect.keys) > 1 and width_m(areal(defect.where).geoms[0]) < limits.snap_m
    ranked = sorted(mine, key=lambda key: (key in edited) is not narrow)
    return [(key, narrow) for key in ranked[:MOST_OFFERED]]


def _of_ground(
    place: int, defect: Defect, chosen: list[tuple[str, bool]], own: Mapping[str, BaseGeometry]
) -> Iterator[Repair]:
    for key, narrow in chosen:
        if defect.note == "gap":
            how = RepairKind.SNAP if narrow else RepairKind.FILL
            yield Repair(how, place, adds={key: defect.where})
        elif not defect.where.covers(own[key]):
            # What would leave nothing of a piece is for a person to decide.
            how = RepairKind.SNAP if narrow else RepairKind.TRIM
            yield Repair(how, place, takes={key: defect.where})


_RINGS = frozenset({DefectKind.SELF_CROSSING, DefectKind.DANGLING})
MOST_OFFERED = 3
