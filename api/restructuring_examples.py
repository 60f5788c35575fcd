"""Examples of a restructuring's life for its OpenAPI entries."""

from typing import Any

from api.examples import FILED, PAPER, PREVIEW

PLACED: dict[str, Any] = {
    **FILED,
    "case": FILED["id"],
    "act": 1,
    "scenario": "A",
    "revision": 4,
    "published": None,
}
STEP: dict[str, Any] = {
    "number": 3,
    "step": "approve",
    "state": "approved",
    "who": "approver",
    "happened_at": "2026-01-02T02:00:00Z",
    "reason": None,
    "digest": PREVIEW["digest"],
    "facts": None,
}
DEADLINE: dict[str, Any] = {
    "rule": "P05",
    "duty": "announcement",
    "counted_from": "2021-01-06",
    "due_on": "2021-01-21",
    "done_on": None,
    "standing": "late",
}
AMENDED: dict[str, Any] = {
    "kind": "corrected",
    "change": 57,
    "asked_by": "reviewer",
    "decided_by": "approver",
    "reason": "生效日期有误",
    "recorded_at": "2026-03-01T02:00:00Z",
}
WHOLE: dict[str, Any] = {
    **PLACED,
    "paper": PAPER,
    "steps": [STEP],
    "deadlines": [DEADLINE],
    "amendments": [AMENDED],
    "siblings": [],
}
REBASED: dict[str, Any] = {
    **PLACED,
    "state": "approved",
    "rebase": {
        "drawn_at": 30,
        "head": 42,
        "approval": "holds",
        "moved": [
            {
                "object": "address",
                "id": "2d6a3c1e-6f0d-5c55-9a35-0a8f6ad8b4c8",
                "name": "7K3M9QXA2FDT",
                "changes": [41],
                "before": {"number": 9},
                "after": {"number": 11},
            }
        ],
        "differing": [],
        "conflicts": [],
    },
}
ANNOUNCEMENT: dict[str, Any] = {
    "title": "关于撤销马巷镇设立马巷街道的公告",
    "restructuring_id": FILED["id"],
    "approving_authority": "福建省人民政府",
    "decree_number": "闽政文〔2021〕3号",
    "approved_on": "2021-01-06",
    "effective_on": "2021-01-06",
    "announced_on": "2021-01-10",
    "clauses": [
        "撤销马巷镇。",
        "设立马巷街道，以原马巷镇的行政区域为马巷街道的管辖范围。",
    ],
    "units": [
        {
            "name": "马巷街道",
            "romanisation": "Mǎxiàng Jiēdào",
            "belongs_to": "翔安区",
            "position": "位于翔安区，辖五星社区、琼头村、后亭村",
            "code": "350213002",
            "former": ["马巷镇（350213102）"],
        }
    ],
    "retired": [{"name": "马巷镇", "code": "350213102"}],
}
