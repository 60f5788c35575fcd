"""Boundary updates on the wire: the report as JSON, geometries as GeoJSON (EPSG:4490)."""

from typing import Any
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import ground_m2
from registry.boundaries.edit_effects import EditShown
from registry.boundaries.edits import Side
from registry.boundaries.findings import Finding
from registry.boundaries.model import BoundaryUpdate, MovedGround
from registry.boundaries.report import Report

MOST_LISTED = 1000
PLACES = 9


def line_of(update: BoundaryUpdate) -> dict[str, Any]:
    """An update in a list."""
    return {
        "id": update.update_id,
        "title": update.title,
        "reason": update.reason,
        "doors": update.doors,
        "note": update.note,
        "decree": update.decree,
        "basis": update.basis,
        "source": update.source,
        "state": update.state,
        "author": update.author,
        "based_on": update.based_on,
        "effective_on": update.effective_on,
        "created_at": update.created_at,
        "revision": update.revision,
        "accepted_repairs": update.accepted,
        "decided_by": update.decided_by,
        "change": update.change_number,
    }


def report_of(report: Report) -> dict[str, Any]:
    """A whole report."""
    effects = report.effects
    return {
        "update": line_of(report.update),
        "obstacles": report.obstacles,
        "moved": [
            {**_named(report, one), "change": number}
            for one, number in sorted(report.moved.items())
        ],
        "divisions": [_division(report, one) for one in _changed(report)],
        "edits": [_edit(one) for one in report.edits],
        "findings": [
            finding_of(report, number, one) for number, one in enumerate(report.findings, start=1)
        ],
        "effects": {
            "ground": [_passing(report, one) for one in effects.ground],
            "doors": {
                "count": len(effects.doors),
                "listed": [
                    {
                        "code": one.code,
                        "from": _named(report, one.from_division),
                        "to": _named(report, one.to_division),
                        "position": [one.lon, one.lat],
                    }
                    for one in effects.doors[:MOST_LISTED]
                ],
            },
            "names": [
                {
                    "id": one.named_place_id,
                    "name": one.name,
                    "category": one.category,
                    "from": _named(report, one.from_division),
                    "to": None if one.to_division is None else _named(report, one.to_division),
                    "newly_cut": one.cut,
                }
                for one in effects.places[:MOST_LISTED]
            ],
            "markers": [
                {
                    "id": one.marker_id,
                    "number": one.number,
                    "kind": one.kind,
                    "state": one.state,
                    "position": [one.spot.x, one.spot.y],
                }
                for one in effects.markers
            ],
        },
        "steps": report.steps,
    }


def finding_of(report: Report, number: int, finding: Finding) -> dict[str, Any]:
    """One finding."""
    place = finding.where.representative_point()
    return {
        "number": number,
        "kind": finding.kind,
        "blocking": finding.blocking,
        "legacy": finding.legacy,
        "divisions": [_named(report, one) for one in finding.divisions],
        "outline_of": None if finding.parent_id is None else _named(report, finding.parent_id),
        "place": [round(place.x, PLACES), round(place.y, PLACES)],
        "size": round(finding.size, 3),
        "unit": finding.unit,
        "tolerance": finding.tolerance,
        "geometry": geojson_of(finding.where),
        "repairs": [
            {
                "id": one.repair_id,
                "kind": one.kind,
                "alters": [_named(report, UUID(key)) for key in one.repair.keys],
            }
            for one in finding.repairs
        ],
    }


def geojson_of(geometry: BaseGeometry | None) -> dict[str, Any] | None:
    """A geometry as GeoJSON; None: there is none."""
    return None if geometry is None else shapely.geometry.mapping(geometry)


def _changed(report: Report) -> list[UUID]:
    units = report.ground.units
    return sorted(
        report.ground.changed, key=lambda one: (-units[one].level, units[one].code or "", one.bytes)
    )


def _division(report: Report, division_id: UUID) -> dict[str, Any]:
    ground = report.ground
    before, after = ground.before.get(division_id), ground.after[division_id]
    origin = report.drawn[division_id].origin if division_id in report.drawn else "followed"
    was_m2 = 0.0 if before is None else ground_m2(before)
    now_m2 = ground_m2(after)
    return {
        **_named(report, division_id),
        "level": ground.units[division_id].level,
        "origin": origin,
        "area_before_m2": round(was_m2, 2),
        "area_after_m2": round(now_m2, 2),
        "area_change_m2": round(now_m2 - was_m2, 2),
        "before": geojson_of(before),
        "after": geojson_of(after),
    }


def _edit(one: EditShown) -> dict[str, Any]:
    """A feature besides territories, before and after."""
    edit = one.edit
    return {
        "collection": edit.collection,
        "id": edit.feature_id,
        "name": one.name,
        "action": edit.action,
        "altered": one.altered,
        "before": _side(one.before),
        "after": _side(one.after),
        "moved_m": None if one.moved_m is None else round(one.moved_m, 2),
        "lies_in": None
        if one.holder is None
        else {"id": one.holder.division_id, "code": one.holder.code, "name": one.holder.name},
        "based_on": edit.based_on,
        "changed_by": one.changed_by,
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {"geometry": geojson_of(side.geometry), "properties": side.attributes}


def _passing(report: Report, moved: MovedGround) -> dict[str, Any]:
    """A piece of ground, minus for who gives it and plus for who takes it."""
    ends = ((moved.from_division, -1), (moved.to_division, 1))
    return {
        "from": None if moved.from_division is None else _named(report, moved.from_division),
        "to": None if moved.to_division is None else _named(report, moved.to_division),
        "area_m2": round(moved.area_m2, 2),
        "signed": [
            {**_named(report, one), "area_m2": round(sign * moved.area_m2, 2)}
            for one, sign in ends
            if one is not None
        ],
        "geometry": geojson_of(moved.ground),
    }


def _named(report: Report, division_id: UUID) -> dict[str, Any]:
    unit = report.units[division_id]
    return {"id": division_id, "code": unit.code, "name": unit.name}
