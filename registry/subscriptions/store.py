"""All SQL of webhooks (订阅) and their deliveries; times come from the database's clock."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.changes.tables import registry_head
from registry.errors import SubscriptionIsUnknown
from registry.subscriptions.model import (
    Delivery,
    DeliveryState,
    Outcome,
    Payload,
    Subscription,
    SubscriptionState,
)
from registry.subscriptions.tables import delivery, subscription

KEPT_DELIVERED = 100
"""Deliveries that arrived are remembered this far back, for each subscription."""
_NOW = func.clock_timestamp()


class SubscriptionStore:
    """Webhooks inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, values: Mapping[str, Any]) -> None:
        """Write a new subscription."""
        self._connection.execute(insert(subscription).values(**values))

    def find(self, subscription_id: UUID) -> Subscription | None:
        """One subscription, if there is one."""
        return self._one(subscription_id, lock=False)

    def get(self, subscription_id: UUID, *, holder: str | None = None) -> Subscription:
        """One subscription.

        Args:
            holder: whose it must be; None: anybody's.

        Raises:
            SubscriptionIsUnknown: none has that id, or it is another's.
        """
        return _of(holder, self._one(subscription_id, lock=False), subscription_id)

    def hold(self, subscription_id: UUID, *, holder: str | None = None) -> Subscription:
        """One subscription, locked until the transaction ends; see `get`."""
        return _of(holder, self._one(subscription_id, lock=True), subscription_id)

    def all(self, *, holder: str | None = None) -> list[Subscription]:
        """Every subscription, or those of one holder, oldest first."""
        whose = subscription.c.holder == holder if holder is not None else text("true")
        rows = self._connection.execute(
            select(subscription)
            .where(whose)
            .order_by(subscription.c.created_at, subscription.c.subscription_id)
        ).mappings()
        return [_to_subscription(row) for row in rows]

    def amend(self, subscription_id: UUID, **values: Any) -> None:
        """Change columns of a subscription."""
        self._connection.execute(
            update(subscription)
            .where(subscription.c.subscription_id == subscription_id)
            .values(**values)
        )

    def wait(self, subscription_id: UUID, seconds: float) -> None:
        """Leave a subscription alone for so many seconds."""
        self.amend(
            subscription_id, next_attempt_at=_NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        )

    def remove(self, subscription_id: UUID) -> None:
        """Forget a subscription and its deliveries."""
        self._connection.execute(
            delete(subscription).where(subscription.c.subscription_id == subscription_id)
        )

    def due(self) -> list[UUID]:
        """Subscriptions with something to deliver now, those behind the most first."""
        head = select(registry_head.c.number).scalar_subquery()
        return list(
            self._connection.scalars(
                select(subscription.c.subscription_id)
                .where(_active(), subscription.c.delivered_to < head, _rested())
                .order_by(subscription.c.delivered_to, subscription.c.subscription_id)
            )
        )

    def next_due_s(self) -> float | None:
        """Seconds until the first of those that rest may be tried again; None: nobody rests."""
        seconds = self._connection.scalar(
            select(func.extract("epoch", func.min(subscription.c.next_attempt_at) - _NOW)).where(
                _active(), subscription.c.next_attempt_at > _NOW
            )
        )
        return None if seconds is None else float(seconds)

    def ready(self, subscription_id: UUID) -> Subscription | None:
        """The subscription, if it may be delivered to at this moment."""
        row = (
            self._connection.execute(
                select(subscription).where(
                    subscription.c.subscription_id == subscription_id, _active(), _rested()
                )
            )
            .mappings()
            .first()
        )
        return None if row is None else _to_subscription(row)

    def delivery(self, subscription_id: UUID, number: int) -> Delivery | None:
        """What became of one change so far, if it is remembered."""
        row = (
            self._connection.execute(
                select(delivery).where(
                    delivery.c.subscription_id == subscription_id,
                    delivery.c.change_number == number,
                )
            )
            .mappings()
            .first()
        )
        return None if row is None else _to_delivery(row)

    def record(
        self, subscription_id: UUID, number: int, outcome: Outcome, state: DeliveryState
    ) -> None:
        """Write down one more attempt and what came of it."""
        told = {
            "state": state.value,
            "last_status": outcome.status,
            "last_error": outcome.error,
            "last_at": _NOW,
        }
        self._connection.execute(
            upsert(delivery)
            .values(subscription_id=subscription_id, change_number=number, attempts=1, **told)
            .on_conflict_do_update(
                index_elements=[delivery.c.subscription_id, delivery.c.change_number],
                set_={"attempts": delivery.c.attempts + 1, **told},
            )
        )
        if state is DeliveryState.DELIVERED:
            self._trim(subscription_id)

    def deliveries(
        self, subscription_id: UUID, *, state: DeliveryState | None = None, limit: int
    ) -> list[Delivery]:
        """The latest deliveries, latest change first."""
        conditions = [delivery.c.subscription_id == subscription_id]
        if state is not None:
            conditions.append(delivery.c.state == state.value)
        rows = self._connection.execute(
            select(delivery)
            .where(*conditions)
            .order_by(delivery.c.change_number.desc())
            .limit(limit)
        ).mappings()
        return [_to_delivery(row) for row in rows]

    def _trim(self, subscription_id: UUID) -> None:
        arrived = and_(
            delivery.c.subscription_id == subscription_id,
            delivery.c.state == DeliveryState.DELIVERED.value,
        )
        oldest_kept = (
            select(delivery.c.change_number)
            .where(arrived)
            .order_by(delivery.c.change_number.desc())
            .offset(KEPT_DELIVERED - 1)
            .limit(1)
            .scalar_subquery()
        )
        self._connection.execute(
            delete(delivery).where(arrived, delivery.c.change_number < oldest_kept)
        )

    def _one(self, subscription_id: UUID, *, lock: bool) -> Subscription | None:
        statement = select(subscription).where(subscription.c.subscription_id == subscription_id)
        if lock:
            statement = statement.with_for_update()
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else _to_subscription(row)


def _active() -> ColumnElement[bool]:
    return subscription.c.state == SubscriptionState.ACTIVE.value


def _rested() -> ColumnElement[bool]:
    return or_(subscription.c.next_attempt_at.is_(None), subscription.c.next_attempt_at <= _NOW)


def _of(holder: str | None, found: Subscription | None, wanted: UUID) -> Subscription:
    if found is None or (holder is not None and found.holder != holder):
        raise SubscriptionIsUnknown(str(wanted))
    return found


def _to_subscription(row: RowMapping) -> Subscription:
    return Subscription(
        subscription_id=row["subscription_id"],
        holder=row["holder"],
        url=row["url"],
        within=row["within"],
        collections=tuple(row["collections"]),
        kinds=tuple(row["kinds"]),
        payload=Payload(row["payload"]),
        state=SubscriptionState(row["state"]),
        created_at=row["created_at"],
        delivered_to=row["delivered_to"],
        sent_to=row["sent_to"],
        failures=row["failures"],
        next_attempt_at=row["next_attempt_at"],
        paused_why=row["paused_why"],
    )


def _to_delivery(row: RowMapping) -> Delivery:
    return Delivery(
        subscription_id=row["subscription_id"],
        change=row["change_number"],
        attempts=row["attempts"],
        state=DeliveryState(row["state"]),
        last_status=row["last_status"],
        last_error=row["last_error"],
        last_at=row["last_at"],
    )
