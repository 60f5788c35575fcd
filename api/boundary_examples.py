"""Examples of boundary updates shown in the OpenAPI document."""

from typing import Any

_UNIT = {
    "id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7",
    "code": "350213002001",
    "name": "五星社区",
}
_OTHER = {**_UNIT, "id": "c1d3c1e2-1f0d-5c55-9a35-0a8f6ad8b4c7", "name": "琼头社区"}
_AREA: dict[str, Any] = {"type": "MultiPolygon", "coordinates": []}
UPDATE: dict[str, Any] = {
    "id": "0c7c2b36-14dc-4f0e-8f3e-6b1c1a0a7d31",
    "title": "五星社区东界测量",
    "reason": "re_digitisation",
    "doors": "stay",
    "note": None,
    "decree": None,
    "basis": "surveyed",
    "source": "界线.zip",
    "state": "draft",
    "author": "demo-surveyor",
    "based_on": 41,
    "effective_on": "2026-11-25",
    "created_at": "2026-11-25T08:00:00Z",
    "revision": 1,
    "accepted_repairs": [],
    "decided_by": None,
    "change": None,
}
REPORT: dict[str, Any] = {
    "update": UPDATE,
    "obstacles": ["coverage-is-broken"],
    "moved": [],
    "divisions": [
        {
            **_UNIT,
            "level": 5,
            "origin": "delivered",
            "area_before_m2": 1_200_000.0,
            "area_after_m2": 1_212_000.0,
            "area_change_m2": 12_000.0,
            "before": _AREA,
            "after": _AREA,
        }
    ],
    "edits": [
        {
            "collection": "boundary-markers",
            "id": "9c1f6a52-2f0b-5a0e-8f54-17796a2009b1",
            "name": "0001001Q",
            "action": "alter",
            "altered": ["geometry", "keeper"],
            "before": {
                "geometry": {"type": "Point", "coordinates": [118.25, 24.66]},
                "properties": {"number": "0001001Q", "keeper": None},
            },
            "after": {
                "geometry": {"type": "Point", "coordinates": [118.25, 24.66002]},
                "properties": {"number": "0001001Q", "keeper": "马巷街道办事处"},
            },
            "moved_m": 2.22,
            "lies_in": _UNIT,
            "based_on": 17,
            "changed_by": None,
        }
    ],
    "findings": [
        {
            "number": 1,
            "kind": "overlap",
            "blocking": True,
            "legacy": False,
            "divisions": [_UNIT, _OTHER],
            "outline_of": None,
            "place": [118.25, 24.66],
            "size": 12_000.0,
            "unit": "m2",
            "tolerance": 1.0,
            "geometry": {"type": "Polygon", "coordinates": []},
            "repairs": [{"id": "3f6a0c1d9b2e", "kind": "trim", "alters": [_OTHER]}],
        }
    ],
    "effects": {
        "ground": [],
        "doors": {"count": 0, "listed": []},
        "names": [],
        "markers": [],
    },
    "steps": [
        {
            "number": 1,
            "step": "file",
            "state": "draft",
            "who": "demo-surveyor",
            "happened_at": "2026-11-25T08:00:00Z",
            "reason": None,
            "facts": None,
        }
    ],
}
ASKED: dict[str, Any] = {
    "title": "五星社区东界测量",
    "reason": "re_digitisation",
    "doors": "stay",
    "territories": [{"division": "350213002001", "geometry": _AREA}],
}
