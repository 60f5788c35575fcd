"""What webhooks carry: a change as a CloudEvent, whole or thin, and the test message."""

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from api import clock
from api.encoding import encode
from api.events import event_of
from api.feed_view import query_of
from api.push.courier import Message
from registry.changes.model import Change
from registry.subscriptions.model import Payload, Subscription

MANY = ("items", "items_href", "transforms", "transforms_href")
"""What a thin event leaves out."""


def message_of(
    connection: Connection,
    one: Change,
    subscriber: Subscription,
    *,
    public_url: str,
    previous: int | None,
) -> Message | None:
    """A change as one subscriber gets it; None: nothing of it lies in its view.

    Args:
        previous: the change that was sent or given up before this one; None: out of turn.
    """
    event = event_of(connection, one, public_url=public_url, view=subscriber.view)
    if event is None:
        return None
    if subscriber.payload is Payload.THIN:
        event = {**event, "data": _thin(event["data"], one, subscriber, public_url)}
    order = (
        {"Registry-Redelivery": "1"}
        if previous is None
        else {"Registry-Previous-Change": str(previous)}
    )
    return Message(
        message_id=f"{subscriber.subscription_id}:{one.number}",
        body=encode(event),
        headers={"Registry-Change": str(one.number), **order},
    )


def ping_of(subscriber: Subscription, *, public_url: str) -> Message:
    """A message that carries no change, to see whether the receiver answers."""
    identity = f"{subscriber.subscription_id}:ping-{uuid4().hex[:12]}"
    event = {
        "specversion": "1.0",
        "id": identity,
        "source": f"{public_url}/v1/subscriptions",
        "type": "place-registry.ping.v1",
        "time": clock.now(),
        "subject": f"subscriptions/{subscriber.subscription_id}",
        "datacontenttype": "application/json",
        "data": {"delivered_to": subscriber.delivered_to},
    }
    return Message(message_id=identity, body=encode(event), headers={})


def _thin(
    body: dict[str, Any], one: Change, subscriber: Subscription, public_url: str
) -> dict[str, Any]:
    query = query_of(subscriber.view)
    href = f"{public_url}/v1/changes/{one.number}" + (f"?{query}" if query else "")
    return {**{name: told for name, told in body.items() if name not in MANY}, "href": href}
