"""A change as an event on the wire: CloudEvents 1.0, the same in pages, streams and webhooks."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from api.views import change_out
from registry.changes.feed import item_counts, items_of
from registry.changes.model import Change
from registry.changes.view import WHOLE, FeedView

INLINE_ROWS = 1000
"""A change that touched more rows than this names a stream of its items instead."""


def event_of(
    connection: Connection, one: Change, *, public_url: str, view: FeedView = WHOLE
) -> dict[str, Any] | None:
    """One change as a CloudEvent, whole or not at all; None when nothing of it is in the view."""
    rows = item_counts(connection, one.number, one.number)[one.number]
    body: dict[str, Any] = msgspec.to_builtins(change_out(one))
    body["row_count"] = rows
    if rows <= INLINE_ROWS:
        body["items"] = list(items_of(connection, one.number))
    else:
        body["items_href"] = f"/v1/changes/{one.number}/items"
    return {
        "specversion": "1.0",
        "id": str(one.number),
        "source": f"{public_url}/v1/changes",
        "type": f"place-registry.{one.verb.value}.v1",
        "time": one.recorded_at,
        "subject": f"changes/{one.number}",
        "datacontenttype": "application/json",
        "data": body,
    }
