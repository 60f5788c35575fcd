"""What is wrong with an update: defects of the coverages it takes part in, old ones told from new."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import areal, ground_m2
from geo.coverage.model import (
    PARENT,
    WARNINGS,
    Defect,
    DefectKind,
    Repair,
    metres_to_degrees,
)
from geo.coverage.repair import offer, repaired
from geo.coverage.validation import validate
from registry.boundaries.ground import TOLERANCE, Ground, Group, groups

ID_DIGITS = 12


@dataclass(frozen=True, slots=True)
class OfferedRepair:
    """A way to mend a finding; nothing happens until it is accepted."""

    repair_id: str
    kind: str
    division_id: UUID
    """The first division it alters."""
    repair: Repair


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of the territories as they would be."""

    kind: DefectKind
    divisions: tuple[UUID, ...]
    parent_id: UUID | None
    """Whose outline it is about; None: nobody's."""
    legacy: bool
    """It is there without the update."""
    where: BaseGeometry
    size: float
    unit: str
    tolerance: float
    note: str
    repairs: tuple[OfferedRepair, ...]

    @property
    def blocking(self) -> bool:
        """Whether the update cannot be submitted with it."""
        return self.kind not in WARNINGS and not self.legacy


@dataclass(frozen=True, slots=True)
class _Checked:
    group: Group
    findings: tuple[Finding, ...]


def findings_of(ground: Ground) -> tuple[Finding, ...]:
    """Every defect around an update; what it brings with it first."""
    found = [one for checked in _check(ground) for one in checked.findings]
    seen: set[tuple[object, ...]] = set()
    kept = []
    for one in sorted(found, key=lambda one: (one.legacy, not one.blocking)):
        # An overlap across two parents is seen from both of them.
        what = (one.kind, frozenset(one.divisions), round(one.size, 3))
        if one.kind is DefectKind.NEIGHBOUR_MISMATCH and what in seen:
            continue
        seen.add(what)
        kept.append(one)
    return tuple(kept)


def mended(ground: Ground, wanted: Collection[str]) -> tuple[dict[UUID, BaseGeometry], list[str]]:
    """Territories that accepted repairs give other shapes, and the repairs that were found."""
    changed: dict[UUID, BaseGeometry] = {}
    done: list[str] = []
    for checked in _check(ground):
        offered = [one for finding in checked.findings for one in finding.repairs]
        chosen = [one for one in offered if one.repair_id in wanted and one.repair_id not in done]
        if not chosen:
            continue
        after = repaired(checked.group.after, [one.repair for one in chosen], TOLERANCE)
        changed |= {UUID(key): territory for key, territory in after.items()}
        done += [one.repair_id for one in chosen]
    return changed, done


def _check(ground: Ground) -> list[_Checked]:
    drawn = {str(one) for one in ground.drawn}
    found = []
    for group in groups(ground):
        defects = validate(group.after, TOLERANCE)
        former = validate(group.before, TOLERANCE) if defects else ()
        repairs = offer(group.after, defects, drawn, TOLERANCE)
        found.append(
            _Checked(
                group,
                tuple(
                    _finding(group, place, defect, former, repairs)
                    for place, defect in enumerate(defects)
                ),
            )
        )
    return found


def _finding(
    group: Group, place: int, defect: Defect, former: Sequence[Defect], repairs: Sequence[Repair]
) -> Finding:
    parent = group.parent_id if PARENT in defect.keys else None
    return Finding(
        kind=defect.kind,
        divisions=tuple(UUID(key) for key in defect.keys if key != PARENT),
        parent_id=parent,
        legacy=_was_there(defect, former),
        where=defect.where,
        size=defect.size,
        unit=defect.unit,
        tolerance=defect.tolerance,
        note=defect.note,
        repairs=tuple(_offered(defect, one) for one in repairs if one.defect == place),
    )


def _was_there(defect: Defect, former: Sequence[Defect]) -> bool:
    """Whether all of a defect lies where one of its kind lay before."""
    alike = [one for one in former if (one.kind, one.note) == (defect.kind, defect.note)]
    if not alike:
        return False
    ground = shapely.union_all([one.where for one in alike])
    if defect.unit == "m2":
        fresh = areal(shapely.difference(defect.where, ground))
        return ground_m2(fresh) < TOLERANCE.area_m2
    return bool(ground.dwithin(defect.where, metres_to_degrees(TOLERANCE.vertex_m)))


def _offered(defect: Defect, repair: Repair) -> OfferedRepair:
    spot = shapely.set_precision(defect.place, 1e-9)
    keys = "|".join((*defect.keys, *repair.keys))
    what = f"{defect.kind}|{defect.size:.3f}|{repair.kind}|{keys}|{spot.wkt}"
    digest = hashlib.sha256(what.encode()).hexdigest()[:ID_DIGITS]
    return OfferedRepair(digest, repair.kind.value, UUID(repair.keys[0]), repair)
