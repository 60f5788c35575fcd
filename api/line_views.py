"""Boundary lines and markers on the wire."""

from dataclasses import asdict
from typing import Any

import shapely

from registry.lines.model import BoundaryLine, BoundaryMarker

LINE: dict[str, Any] = {
    "id": "0c7c2b36-14dc-4f0e-8f3e-6b1c1a0a7d31",
    "left": {"id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7", "name": "马巷街道"},
    "right": {"id": "c1d3c1e2-1f0d-5c55-9a35-0a8f6ad8b4c7", "name": "新店街道"},
    "level": 4,
    "number": "0001",
    "length_m": 5120.4,
    "legal_status": "agreed",
    "technical_status": "surveyed",
    "accuracy_m": 0.5,
    "agreed_length_m": 5118.0,
    "agreement": {"number": "翔政〔2020〕5号", "on": "2020-05-01", "sha256": None},
    "description": None,
    "inspected_on": "2024-05-01",
    "inspection_due_on": "2029-05-01",
    "segments": [
        {
            "kind": "river",
            "begins": "0001001Q",
            "ends": "0001002Q",
            "along": "九溪",
            "length_m": 830.0,
            "description": "沿溪中心线",
        }
    ],
    "valid": {"from": None, "to": None},
    "geometry": {"type": "MultiLineString", "coordinates": []},
}
MARKER: dict[str, Any] = {
    "id": "5b7c2b36-14dc-4f0e-8f3e-6b1c1a0a7d31",
    "line_id": LINE["id"],
    "number": "0001001Q",
    "kind": "single",
    "material": "花岗岩",
    "face_texts": None,
    "keeper": "马巷街道办事处",
    "state": "standing",
    "accuracy_m": 0.05,
    "photos": [],
    "landmarks": [{"name": "水闸", "bearing_deg": 35.0, "distance_m": 42.5}],
    "valid": {"from": "2020-05-01", "to": None},
    "geometry": {"type": "Point", "coordinates": [118.25, 24.66]},
}


def line_of(line: BoundaryLine) -> dict[str, Any]:
    """One line."""
    return {
        "id": line.line_id,
        "left": {"id": line.left_id, "name": line.left_name},
        "right": {"id": line.right_id, "name": line.right_name},
        "level": line.level,
        "number": line.number,
        "length_m": line.length_m,
        "legal_status": line.legal_status,
        "technical_status": line.technical_status,
        "accuracy_m": line.accuracy_m,
        "agreed_length_m": line.agreed_length_m,
        "agreement": {
            "number": line.agreement_number,
            "on": line.agreement_on,
            "sha256": line.agreement_sha256,
        },
        "description": line.description,
        "inspected_on": line.inspected_on,
        "inspection_due_on": line.inspection_due_on(),
        "segments": [asdict(one) for one in line.segments],
        "valid": {"from": line.valid.start, "to": line.valid.end},
        "geometry": shapely.geometry.mapping(line.course),
    }


def marker_of(marker: BoundaryMarker) -> dict[str, Any]:
    """One marker."""
    return {
        "id": marker.marker_id,
        "line_id": marker.line_id,
        "number": marker.number,
        "kind": marker.kind,
        "material": marker.material,
        "face_texts": marker.face_texts,
        "keeper": marker.keeper,
        "state": marker.state,
        "accuracy_m": marker.accuracy_m,
        "photos": marker.photos,
        "landmarks": [asdict(one) for one in marker.landmarks],
        "valid": {"from": marker.valid.start, "to": marker.valid.end},
        "geometry": shapely.geometry.mapping(marker.spot),
    }


def feature_of(shown: dict[str, Any]) -> dict[str, Any]:
    """The same as a GeoJSON feature."""
    properties = {name: value for name, value in shown.items() if name not in ("id", "geometry")}
    return {
        "type": "Feature",
        "id": shown["id"],
        "geometry": shown["geometry"],
        "properties": properties,
    }
