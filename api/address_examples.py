"""Examples of addresses and matches shown in the OpenAPI document."""

from typing import Any

from api.examples import DECREE, PROBLEM

DIVISIONS = [
    {
        "id": "0b1c1e7f-6f0d-5c55-9a35-0a8f6ad8b4c7",
        "level": 5,
        "kind": "community",
        "name": "琼头社区",
        "code": "350213004005",
        "valid_from": "2021-10-31",
    },
    {
        "id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7",
        "level": 4,
        "kind": "subdistrict",
        "name": "凤翔街道",
        "code": "350213004",
        "valid_from": "2021-10-31",
    },
]
TEXT = "福建省厦门市翔安区凤翔街道琼头社区琼头中里9号"
FORMER = "福建省厦门市翔安区马巷镇琼头社区琼头中里9号"
COMPONENTS: dict[str, Any] = {
    "carrier": {
        "id": "5a1c1e7f-6f0d-5c55-9a35-0a8f6ad8b4c7",
        "name": "琼头中里",
        "romanisation": "Qióngtóu Zhōnglǐ",
    },
    "number": 9,
    "sub_number": None,
    "building": None,
    "unit": None,
    "floor": None,
    "room": None,
}
ADDRESS: dict[str, Any] = {
    "address": {
        "id": "9d1c1e7f-6f0d-5c55-9a35-0a8f6ad8b4c7",
        "code": "7K3M9QXA2FDT",
        "text": TEXT,
        "texts": {
            "full": TEXT,
            "legal": "福建省厦门市翔安区琼头中里9号",
            "plate": "琼头中里9号",
            "label": "琼头中里9号",
        },
        "components": COMPONENTS,
        "status": "current",
        "in_force": True,
        "generated": True,
        "valid_from": None,
        "valid_to": None,
        "text_dual": None,
        "dual_names": None,
    },
    "position": {
        "lon": 118.251,
        "lat": 24.652,
        "method": "generated",
        "accuracy_m": 50.0,
        "inherited": False,
    },
    "divisions": DIVISIONS,
}
ADDRESS_HISTORY = {
    "id": ADDRESS["address"]["id"],
    "code": "7K3M9QXA2FDT",
    "texts": [
        {
            "text": FORMER,
            "legal": "福建省厦门市翔安区琼头中里9号",
            "valid_from": None,
            "valid_to": "2021-01-06",
            "change": 1,
            "title": "Demonstration: Divisions before 2000",
            "decree": None,
        }
    ],
    "versions": [],
}
MATCH = {
    "grade": "A",
    "score": 1.0,
    "found": "door",
    "of_address": 0,
    "tokens": [
        {"text": "马巷镇", "role": "township", "matched": "马巷镇", "how": "former name"},
        {"text": "琼头中里", "role": "carrier", "matched": "琼头中里", "how": "exact"},
        {"text": "9号", "role": "number", "matched": None, "how": "exact"},
    ],
    "via": [
        {
            "text": "马巷镇",
            "now": "凤翔街道",
            "division_id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c8",
            "ended_on": "2021-01-06",
            "change": 31,
            "title": "撤销马巷镇、新店镇,设立马巷街道、新店街道",
            "decree": DECREE,
        }
    ],
}
MATCHES = {
    "query": FORMER,
    "results": [{**ADDRESS, "match": MATCH}],
    "reading": {
        "text": FORMER,
        "steps": [],
        "notes": [],
        "addresses": [FORMER],
        "elements": [
            {"text": "马巷镇", "role": "township"},
            {"text": "琼头中里", "role": "carrier"},
            {"text": "9号", "role": "number"},
        ],
    },
    "missing": [],
    "located": {
        "level": "door",
        "name": None,
        "lon": 118.251,
        "lat": 24.652,
        "method": "generated",
        "accuracy_m": 50.0,
    },
}
NEAREST = {
    "crs": "cgcs2000",
    "point": {"lon": 118.251, "lat": 24.652},
    "where": "territory",
    "where_from": "illustrative",
    "divisions": DIVISIONS,
    "results": [
        {
            **ADDRESS,
            "distance_m": 12.4,
            "side": {"hand": "left", "parity": "odd", "derived_from": "doors"},
        }
    ],
    "road": {"id": COMPONENTS["carrier"]["id"], "name": "琼头路", "distance_m": 31.5},
    "crossing": {
        "roads": ["琼头路", "海翔大道"],
        "lon": 118.252,
        "lat": 24.653,
        "distance_m": 150.2,
    },
}
COMPLETED = {
    "query": "mxz",
    "crs": "cgcs2000",
    "results": [
        {
            "text": "马巷镇",
            "type": "division",
            "kind": "subdistrict",
            "id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7",
            "code": None,
            "former": True,
            "now": ["马巷街道"],
            "within": [["翔安区", "厦门市", "福建省"]],
            "position": None,
        }
    ],
}
CODE: str = ADDRESS["address"]["code"]
BINARY = {"type": "string", "format": "binary"}
BATCH_ROWS = {
    "csv": f"nr,地址\n1,{FORMER}\n",
    "ndjson": f'{{"nr":1,"地址":"{FORMER}"}}\n',
}
_MATCHED: dict[str, object] = {
    "nr": 1,
    "地址": FORMER,
    "match_grade": "A",
    "match_score": 1.0,
    "match_code": CODE,
    "match_text": TEXT,
    "match_status": "current",
    "match_lon": 118.251,
    "match_lat": 24.652,
    "match_accuracy_m": 50.0,
    "match_via": "马巷镇 → 凤翔街道 2021-01-06 闽政文〔2021〕3号",
    "match_candidates": None,
    "match_error": None,
}
BATCH: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows in order, each with what was found.",
        "content": {
            "application/x-ndjson": {"schema": BINARY, "example": _MATCHED},
            "text/csv": {
                "schema": BINARY,
                "example": ",".join(_MATCHED)
                + "\n"
                + ",".join("" if one is None else str(one) for one in _MATCHED.values()),
            },
        },
    },
    "4XX": PROBLEM,
}
