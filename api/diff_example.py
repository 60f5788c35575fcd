"""The example of a difference for the OpenAPI document."""

from typing import Any

from api.examples import MAXIANG

DIFFERENCE: dict[str, Any] = {
    "from": {"at": "2021-01-05", "change": 41},
    "to": {"at": "2021-01-06", "change": 41},
    "within": None,
    "counts": {"divisions": {"added": 0, "removed": 0, "changed": 2}},
    "differences": [
        {
            "collection": "divisions",
            "id": MAXIANG["id"],
            "status": "changed",
            "fields": ["name", "kind", "codes"],
            "before": {"name": "马巷镇", "kind": "town"},
            "after": {"name": "马巷街道", "kind": "subdistrict"},
            "changes": [1, 28],
        }
    ],
    "next": None,
}
