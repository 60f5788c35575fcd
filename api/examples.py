"""Examples shown in the OpenAPI document; a test asks the service for each and compares the form."""

from typing import Any

PROBLEM = {
    "description": "A rule was broken (RFC 9457); `code` is documented at `/problems/{code}`.",
    "content": {
        "application/problem+json": {
            "example": {
                "type": "/problems/date-is-invalid",
                "title": "日期无效",
                "status": 422,
                "detail": "2021-02-30 不是存在的日期或时刻,请写 YYYY-MM-DD 或 RFC 3339",
                "code": "date-is-invalid",
                "given": "2021-02-30",
            }
        }
    },
}

MAXIANG: dict[str, Any] = {
    "id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7",
    "status": "in_force",
    "kind": "subdistrict",
    "level": 4,
    "name": "马巷街道",
    "published_name": "马巷街道",
    "romanisation": "Mǎxiàng Jiēdào",
    "code": "350213002",
    "codes": {"statistical": "350213002"},
    "parent_id": "b7d3c1e2-1f0d-5c55-9a35-0a8f6ad8b4c7",
    "layer": "statutory",
    "valid": {"from": "2021-01-06", "to": None},
    "cause": "retype",
    "change": 31,
}
DECREE = {
    "number": "闽政文〔2021〕3号",
    "authority": "福建省人民政府",
    "title": None,
    "approved_on": "2021-01-06",
    "announced_on": None,
    "effective_on": "2021-01-06",
    "note": None,
}
EDGE = {
    "predecessor_id": MAXIANG["id"],
    "successor_id": "c1d3c1e2-1f0d-5c55-9a35-0a8f6ad8b4c7",
    "kind": "split",
    "on": "2021-10-31",
    "change": 32,
    "decree": DECREE,
    "share_members": 0.333,
    "share_area": 0.31,
    "share_addresses": 0.34,
    "note": None,
}
DIVISIONS = {"divisions": [MAXIANG], "next": None}
CHILDREN = {"divisions": [MAXIANG]}
DIVISION = {
    "division": MAXIANG,
    "chain": [
        {"id": MAXIANG["id"], "name": "马巷街道", "kind": "subdistrict", "code": "350213002"}
    ],
    "territory": {
        "area_m2": 61000000.0,
        "basis": "illustrative",
        "source": "illustrative partition of the district's outline",
        "valid": {"from": "2021-10-31", "to": None},
        "geometry": {"type": "MultiPolygon", "coordinates": []},
    },
    "successors": [],
    "decree": DECREE,
}
HISTORY = {
    "id": MAXIANG["id"],
    "versions": [
        {
            "valid": {"from": None, "to": "2021-01-06"},
            "name": "马巷镇",
            "published_name": "马巷镇",
            "kind": "town",
            "parent_id": MAXIANG["parent_id"],
            "codes": {"statistical": "350213102"},
            "cause": "import",
            "change": 1,
            "decree": None,
        }
    ],
    "codes": [],
}
LINEAGE = {"id": MAXIANG["id"], "nodes": [MAXIANG], "edges": [EDGE]}
BEARER = {
    "code": "350213102",
    "scheme": "statistical",
    "division_id": MAXIANG["id"],
    "name": "马巷镇",
    "kind": "town",
    "valid": {"from": None, "to": "2021-01-06"},
    "change": 1,
}
CODES = {"code": "350213102", "at": "2020-12-31", "in_force": [BEARER], "bearers": [BEARER]}
CHANGE: dict[str, Any] = {
    "number": 31,
    "recorded_at": "2026-01-01T00:00:00.000001Z",
    "author": "demo",
    "verb": "change",
    "title": "撤销马巷镇、新店镇,设立马巷街道、新店街道",
    "effective_on": "2021-01-06",
    "restructuring_id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c8",
    "source_key": None,
    "decree_id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c9",
    "decree": DECREE,
    "row_count": 9,
    "items": [
        {
            "collection": "divisions",
            "table": "division_version",
            "object_id": MAXIANG["id"],
            "cause": "retype",
            "old": [{"name": "马巷镇"}],
            "new": [{"name": "马巷镇"}, {"name": "马巷街道"}],
        }
    ],
}
CHANGES = [
    {
        "specversion": "1.0",
        "id": "31",
        "source": "http://127.0.0.1:8000/v1/changes",
        "type": "place-registry.change.v1",
        "time": "2026-01-01T00:00:00.000001Z",
        "subject": "changes/31",
        "datacontenttype": "application/json",
        "data": CHANGE,
    }
]
CROSSWALK: dict[str, Any] = {
    "from": "2020-06-30",
    "from_change": 67,
    "to": "2022-10-31",
    "to_change": 67,
    "within": MAXIANG["parent_id"],
    "level": 4,
    "status": "final",
    "rows": [
        {
            "level": 4,
            "old_id": MAXIANG["id"],
            "old_code": "350213102",
            "old_name": "马巷镇",
            "old_kind": "town",
            "old_parent": "翔安区",
            "new_id": EDGE["successor_id"],
            "new_code": "350213004",
            "new_name": "凤翔街道",
            "new_kind": "subdistrict",
            "new_parent": "翔安区",
            "relation": "split",
            "share_members": 0.167,
            "share_area": 0.15,
            "share_addresses": 0.2,
            "on": ["2021-01-06", "2021-10-31"],
            "decrees": ["闽政文〔2021〕3号"],
            "share_population": 0.31,
            "basis_area": "illustrative",
            "basis_population": "resident population, illustrative",
            "basis_addresses": "addresses in force",
            "shares_on": ["2021-10-31"],
            "changes": [31, 32],
            "old_codes": {"statistical": "350213102"},
            "new_codes": {"statistical": "350213004"},
            "population_on": ["2020-11-01"],
            "population_missing": None,
        }
    ],
}
CROSSWALK_OF_AN_ACT = {
    **CROSSWALK,
    "from": "2021-10-31",
    "from_change": 31,
    "to": "2021-10-31",
    "to_change": 32,
    "within": "restructuring/9a3a1c1e-6f0d-4c55-9a35-0a8f6ad8b4c7",
    "level": None,
}
PAPER = {
    "title": "撤销马巷镇,设立马巷街道",
    "effective_on": "2021-01-06",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "operations": [
        {
            "retype": {
                "division": "350213102",
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
            }
        }
    ],
}
PREVIEW: dict[str, Any] = {
    "title": PAPER["title"],
    "effective_on": "2021-01-06",
    "effective_precision": "day",
    "drawn_at": 30,
    "digest": "122c84604a3dd502018c9693569473df4b2f8ff4c417a984f9f05e2b0dcc26b2",
    "ended": [],
    "begun": [],
    "changed": [],
    "moved": [],
    "codes": [],
    "succession": [],
    "addresses": {
        "full_text_changes": 100000,
        "legal_text_changes": 1200,
        "rehomed": 0,
        "samples": [
            {
                "code": "7K3M9QXA2FDT",
                "before": "福建省厦门市翔安区马巷镇琼头社区琼头中里9号",
                "after": "福建省厦门市翔安区马巷街道琼头社区琼头中里9号",
            }
        ],
    },
    "rows_to_write": {"division_version": 2, "division_code_version": 2, "succession_version": 1},
    "warnings": [],
    "breaches": [],
}


FILED: dict[str, Any] = {
    "id": CHANGE["restructuring_id"],
    "title": PAPER["title"],
    "state": "committed",
    "effective_on": "2021-01-06",
    "author": "reviewer",
    "created_at": "2026-01-01T00:00:00Z",
    "drawn_at": 30,
    "effects_digest": PREVIEW["digest"],
    "approved_by": "approver",
    "committed_by": "approver",
    "change_number": 31,
}
PUBLISHED = {
    "at": "2026-01-01T00:00:00Z",
    "by": "reviewer",
    "change": 30,
    "digest": PREVIEW["digest"],
}
ITEM = CHANGE["items"][0]


def shows(example: Any) -> dict[int | str, dict[str, Any]]:
    """The responses of a route, for its OpenAPI entry."""
    return {
        200: {"content": {"application/json": {"example": example}}},
        "4XX": PROBLEM,
    }
