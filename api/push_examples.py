"""Examples of webhooks and of the consumer board shown in the OpenAPI document."""

from typing import Any

SUBSCRIPTION: dict[str, Any] = {
    "id": "3f6d3a52-57c0-4c3a-9a40-0c2f2a4f0b11",
    "holder": "district-platform",
    "url": "https://hooks.example.org/registry",
    "within": "b7d3c1e2-1f0d-5c55-9a35-0a8f6ad8b4c7",
    "collections": ["divisions"],
    "kinds": [],
    "payload": "full",
    "state": "active",
    "created_at": "2026-01-01T00:00:00.000001Z",
    "delivered_to": 31,
    "failures": 0,
    "next_attempt_at": None,
    "paused_why": None,
}
CREATED = {**SUBSCRIPTION, "secret": "whsec_plJ3nmyCDGBKInavdOK15jsl8KxqX1V2lv0KAVQ1bCE="}
SUBSCRIPTIONS = {"subscriptions": [SUBSCRIPTION]}
DELIVERY: dict[str, Any] = {
    "change": 31,
    "attempts": 2,
    "state": "delivered",
    "last_status": 204,
    "last_error": None,
    "last_at": "2026-01-01T00:00:01.000001Z",
}
DELIVERIES = {"deliveries": [DELIVERY]}
DEAD = {
    "deliveries": [
        {**DELIVERY, "attempts": 10, "state": "dead", "last_status": 500, "last_error": "HTTP 500"}
    ]
}
OUTCOME = {"delivered": True, "status": 204, "error": None}
CONSUMER: dict[str, Any] = {
    "name": "district-platform",
    "holder": "district-platform",
    "acknowledged": 30,
    "acknowledged_at": "2026-01-01T00:00:01.000001Z",
    "note": None,
}
WEBHOOK = {
    "id": SUBSCRIPTION["id"],
    "holder": "district-platform",
    "host": "hooks.example.org",
    "state": "active",
    "delivered_to": 31,
    "lag": 0,
    "paused_why": None,
}
BOARD: dict[str, Any] = {
    "head": 31,
    "consumers": [{**CONSUMER, "lag": 1, "lag_s": 12.5, "webhooks": [WEBHOOK]}],
    "webhooks": [],
    "restructurings": [
        {
            "restructuring_id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c8",
            "title": "撤销马巷镇、新店镇,设立马巷街道、新店街道",
            "effective_on": "2021-01-06",
            "change": 31,
            "passed": [],
            "waiting": ["district-platform"],
        }
    ],
}
