"""Examples of annulments and corrections, shown in the OpenAPI document."""

from typing import Any

from api.examples import DECREE, PREVIEW

REASONED: dict[str, Any] = {
    "reason": "省政府撤销原批复",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕9号"},
}
CORRECTING: dict[str, Any] = {
    "reason": "批复载明的生效日期有误",
    "effective_on": "2021-01-05",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
}
WINDOW: dict[str, Any] = {"until": "2022-01-06"}
ASKED: dict[str, Any] = {
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "kind": "annul",
    "change_number": 31,
    "restructuring_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "state": "submitted",
    "reason": REASONED["reason"],
    "decree": {**DECREE, "effective_on": None},
    "author": "demo-reviewer",
    "created_at": "2026-01-01T00:00:00Z",
    "drawn_at": 40,
    "effects_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "decided_by": None,
    "result_number": None,
}
OBSTACLE: dict[str, Any] = {
    "object": "address",
    "id": "6f1f7a52-2f0b-5f0e-9f54-6a3c8f8f3f10",
    "name": "35021300010X",
    "attribute": "division_id",
    "why": "depends",
    "valid_from": "2021-02-01",
    "valid_to": None,
    "changes": [{"number": 38, "title": "新编门牌"}],
    "on": "凤翔社区",
}
UNDOING_PREVIEW: dict[str, Any] = {
    "kind": "annul",
    "change": 31,
    "corrections": [],
    "title": "撤销:马巷镇撤镇设街",
    "digest": ASKED["effects_digest"],
    "plan": PREVIEW,
    "addresses_rewritten": 0,
    "plates": 12,
    "later": [{"number": 36, "title": "更正名称"}],
    "obstacles": [OBSTACLE],
}
AMENDMENTS: dict[str, Any] = {
    "change": 31,
    "amendments": [
        {
            "change": 31,
            "kind": "corrected",
            "by": 41,
            "reason": CORRECTING["reason"],
            "effective_on": "2021-01-05",
            "decree": DECREE,
        }
    ],
}
