"""Verbs of webhooks (订阅): subscribe, pause, resume, and what follows from each attempt."""

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from registry.changes.store import ChangeStore
from registry.changes.view import FeedView
from registry.errors import ChangeIsNotYetDelivered, ChangeIsUnknown
from registry.subscriptions.model import (
    MOST_ATTEMPTS,
    MOST_GIVEN_UP,
    DeliveryState,
    Outcome,
    Payload,
    Subscription,
    SubscriptionState,
    wait_s,
)
from registry.subscriptions.store import SubscriptionStore

GONE = "the receiver answered 410 Gone"


def subscribe(
    connection: Connection,
    *,
    holder: str,
    url: str,
    payload: Payload,
    view: FeedView,
    after: int | None,
) -> Subscription:
    """A new subscription to the changes after `after`; None: to those yet to come.

    Raises:
        ChangeIsUnknown: `after` lies beyond the head.
    """
    head = ChangeStore(connection).head()
    if after is not None and not 0 <= after <= head:
        raise ChangeIsUnknown(number=after, head=head)
    start = head if after is None else after
    subscription_id = uuid4()
    store = SubscriptionStore(connection)
    store.add(
        {
            "subscription_id": subscription_id,
            "holder": holder,
            "url": url,
            "within": view.within,
            "collections": _listed(view.collections),
            "kinds": _listed(view.kinds),
            "payload": payload.value,
            "delivered_to": start,
            "sent_to": start,
        }
    )
    return store.get(subscription_id)


def pause(connection: Connection, subscription_id: UUID, *, holder: str | None, who: str) -> None:
    """Deliver nothing until it is resumed.

    Raises:
        SubscriptionIsUnknown: none has that id, or it is another's.
    """
    store = SubscriptionStore(connection)
    held = store.hold(subscription_id, holder=holder)
    if held.state is SubscriptionState.ACTIVE:
        store.amend(
            subscription_id, state=SubscriptionState.PAUSED.value, paused_why=f"paused by {who}"
        )


def resume(connection: Connection, subscription_id: UUID, *, holder: str | None) -> None:
    """Deliver again, from the change after the last one dealt with, at once.

    Raises:
        SubscriptionIsUnknown: none has that id, or it is another's.
    """
    store = SubscriptionStore(connection)
    store.hold(subscription_id, holder=holder)
    store.amend(
        subscription_id,
        state=SubscriptionState.ACTIVE.value,
        paused_why=None,
        failures=0,
        next_attempt_at=None,
    )


def skip(connection: Connection, subscription_id: UUID, *, to: int) -> None:
    """Changes up to `to` hold nothing for the view: they are dealt with."""
    store = SubscriptionStore(connection)
    held = store.hold(subscription_id)
    if held.delivered_to < to:
        store.amend(subscription_id, delivered_to=to)


def settle(
    connection: Connection,
    subscription_id: UUID,
    number: int,
    outcome: Outcome,
    *,
    first_wait_s: float,
    chance: float,
) -> DeliveryState:
    """Draw the consequences of one attempt at the change whose turn it is.

    Args:
        first_wait_s: the longest wait after the first failure.
        chance: 0 to 1, for the jitter.

    Raises:
        SubscriptionIsUnknown: it was removed meanwhile.
    """
    store = SubscriptionStore(connection)
    held = store.hold(subscription_id)
    before = store.delivery(subscription_id, number)
    attempts = 1 if before is None else before.attempts + 1
    state = _state(outcome, attempts)
    store.record(subscription_id, number, outcome, state)
    changed: dict[str, Any] = {}
    if state is not DeliveryState.RETRYING:
        given_up = 0 if outcome.delivered else held.failures + 1
        changed = {
            "delivered_to": max(number, held.delivered_to),
            "sent_to": max(number, held.sent_to),
            "failures": given_up,
            "next_attempt_at": None,
        }
        if given_up >= MOST_GIVEN_UP:
            changed |= _paused(f"{given_up} changes in a row could not be delivered")
    if outcome.gone:
        changed |= _paused(GONE)
    if changed:
        store.amend(subscription_id, **changed)
    if state is DeliveryState.RETRYING and not outcome.gone:
        seconds = wait_s(
            attempts, first_s=first_wait_s, chance=chance, asked_s=outcome.retry_after_s
        )
        store.wait(subscription_id, seconds)
    return state


def settle_again(
    connection: Connection, subscription_id: UUID, number: int, outcome: Outcome
) -> DeliveryState:
    """Write down what came of sending a change once more that had been dealt with.

    What arrived once has arrived; a dead letter stays one until it does.
    """
    store = SubscriptionStore(connection)
    store.hold(subscription_id)
    before = store.delivery(subscription_id, number)
    arrived = before is not None and before.state is DeliveryState.DELIVERED
    state = DeliveryState.DELIVERED if outcome.delivered or arrived else DeliveryState.DEAD
    store.record(subscription_id, number, outcome, state)
    return state


def check_dealt_with(held: Subscription, number: int) -> None:
    """Refuse to send a change again that has not had its turn.

    Raises:
        ChangeIsNotYetDelivered: its turn comes later.
    """
    if number > held.delivered_to:
        raise ChangeIsNotYetDelivered(number=number, delivered_to=held.delivered_to)


def _state(outcome: Outcome, attempts: int) -> DeliveryState:
    if outcome.delivered:
        return DeliveryState.DELIVERED
    if attempts >= MOST_ATTEMPTS and not outcome.gone:
        return DeliveryState.DEAD
    return DeliveryState.RETRYING


def _paused(why: str) -> dict[str, Any]:
    return {"state": SubscriptionState.PAUSED.value, "paused_why": why}


def _listed(names: Collection[str]) -> list[str]:
    return sorted(names)
