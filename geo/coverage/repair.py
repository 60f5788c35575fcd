"""Repairs offered for defects, and what becomes of the pieces when some are accepted."""

from collections.abc import Collection, Mapping, Sequence
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
    """At most one repair for every defect, in the order of the defects.

    Ground is given to and taken from edited pieces where one of them takes part; what nobody has
    edited is altered only where nothing else can be. Neighbours under other parents never are.

    Args:
        edited: keys of the pieces that were delivered.
    """
    limits = tolerance or Tolerance()
    own = {one.key: one.territory for one in coverage.pieces}
    found = (
        _repair(place, defect, own, edited, limits) for place, defect in enumerate(defects)
    )  # fmt: skip
    return tuple(one for one in found if one is not None)


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


def _repair(
    place: int,
    defect: Defect,
    own: Mapping[str, BaseGeometry],
    edited: Collection[str],
    limits: Tolerance,
) -> Repair | None:
    mine = [key for key in defect.keys if key in own]
    chosen = next((key for key in mine if key in edited), mine[0] if mine else None)
    if chosen is None:
        return None
    if defect.kind in _RINGS:
        return Repair(RepairKind.TRIM, place, untangles=(chosen,))
    if defect.kind is DefectKind.MISSING_VERTEX:
        return Repair(RepairKind.SNAP, place, shares=tuple(mine))
    if defect.kind is DefectKind.SPIKE:
        tip = tuple(shapely.get_coordinates(defect.where)[1].tolist())
        return Repair(RepairKind.TRIM, place, drops={chosen: (tip,)})
    if defect.unit != "m2" or defect.where.covers(own[chosen]):
        # What would be left with nothing is for a person to decide.
        return None
    return _of_ground(place, defect, chosen, limits)


def _of_ground(place: int, defect: Defect, chosen: str, limits: Tolerance) -> Repair:
    narrow = width_m(areal(defect.where).geoms[0]) < limits.snap_m
    if defect.note == "gap":
        how = RepairKind.SNAP if narrow else RepairKind.FILL
        return Repair(how, place, adds={chosen: defect.where})
    # An overlap, what lies beyond the parent, or a part too thin to be one.
    own_part = len(defect.keys) == 1
    how = RepairKind.SNAP if narrow and not own_part else RepairKind.TRIM
    return Repair(how, place, takes={chosen: defect.where})


_RINGS = frozenset({DefectKind.SELF_CROSSING, DefectKind.DANGLING})
