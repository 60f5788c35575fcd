"""The consumer board (下游系统): who has taken in which change, who lags, who has passed an act."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.changes.store import ChangeStore
from registry.changes.tables import change
from registry.errors import (
    AcknowledgementGoesBack,
    ChangeIsUnknown,
    ConsumerBelongsToAnother,
    ConsumerIsUnknown,
)
from registry.restructuring.model import State
from registry.restructuring.tables import restructuring
from registry.subscriptions.model import Consumer, Subscription
from registry.subscriptions.store import SubscriptionStore
from registry.subscriptions.tables import consumer

LATEST_ACTS = 10
_NOW = func.clock_timestamp()


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """A webhook on the board; of its address only the host, the rest may be a secret."""

    id: UUID
    holder: str
    host: str
    state: str
    delivered_to: int
    lag: int
    paused_why: str | None


@dataclass(frozen=True, slots=True)
class ConsumerLine:
    """A consumer on the board."""

    name: str
    holder: str
    acknowledged: int
    acknowledged_at: datetime
    note: str | None
    lag: int
    """Changes not acknowledged."""
    lag_s: float
    """Age of the oldest of them, in seconds; 0 when there is none."""
    webhooks: tuple[WebhookLine, ...]
    """Those of its holder."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A restructuring (区划调整) that was carried out, and who has moved past its change."""

    restructuring_id: UUID
    title: str
    effective_on: date
    change: int
    passed: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Who has moved to which change."""

    head: int
    consumers: tuple[ConsumerLine, ...]
    """Those furthest behind first."""
    webhooks: tuple[WebhookLine, ...]
    """Of holders who have acknowledged nothing."""
    restructurings: tuple[Passage, ...]
    """The latest, the last first."""


def acknowledge(
    connection: Connection, name: str, number: int, *, holder: str, note: str | None
) -> Consumer:
    """A consumer says that it has taken in everything up to a change; saying it again is no error.

    Raises:
        ChangeIsUnknown: `number` lies beyond the head.
        ConsumerBelongsToAnother: another holder used the name first.
        AcknowledgementGoesBack: the consumer has acknowledged more already.
    """
    head = ChangeStore(connection).head()
    if not 0 <= number <= head:
        raise ChangeIsUnknown(number=number, head=head)
    first = {"acknowledged": number, "acknowledged_at": _NOW, "note": note}
    connection.execute(
        upsert(consumer).values(name=name, holder=holder, **first).on_conflict_do_nothing()
    )
    held = _held(connection, name)
    if held.holder != holder:
        raise ConsumerBelongsToAnother(name)
    if number < held.acknowledged:
        raise AcknowledgementGoesBack(name=name, given=number, acknowledged=held.acknowledged)
    connection.execute(
        update(consumer)
        .where(consumer.c.name == name)
        .values(**{**first, "note": held.note if note is None else note})
    )
    return _held(connection, name)


def forget(connection: Connection, name: str, *, holder: str | None) -> None:
    """Take a consumer off the board; its name is free again.

    Args:
        holder: whose it must be; None: anybody's.

    Raises:
        ConsumerIsUnknown: there is none of that name.
        ConsumerBelongsToAnother: it is another's.
    """
    held = _held(connection, name)
    if holder is not None and held.holder != holder:
        raise ConsumerBelongsToAnother(name)
    connection.execute(delete(consumer).where(consumer.c.name == name))


def board(connection: Connection) -> Board:
    """Everybody who follows, and how far each has come."""
    head = ChangeStore(connection).head()
    webhooks = [_webhook(one, head) for one in SubscriptionStore(connection).all()]
    following = change.alias("following")
    age_s = func.extract("epoch", _NOW - following.c.recorded_at)
    rows = (
        connection.execute(
            select(consumer, func.greatest(age_s, 0).label("age_s"))
            .outerjoin(following, following.c.number == consumer.c.acknowledged + 1)
            .order_by(consumer.c.acknowledged, consumer.c.name)
        )
        .mappings()
        .all()
    )
    known = {row["holder"] for row in rows}
    consumers = tuple(_line(row, head, webhooks) for row in rows)
    return Board(
        head=head,
        consumers=consumers,
        webhooks=tuple(one for one in webhooks if one.holder not in known),
        restructurings=_passages(connection, consumers),
    )


def _passages(connection: Connection, consumers: tuple[ConsumerLine, ...]) -> tuple[Passage, ...]:
    acts = connection.execute(
        select(
            restructuring.c.restructuring_id,
            restructuring.c.title,
            restructuring.c.effective_on,
            restructuring.c.change_number,
        )
        .where(restructuring.c.state == State.COMMITTED.value)
        .order_by(restructuring.c.change_number.desc())
        .limit(LATEST_ACTS)
    )
    return tuple(
        Passage(
            restructuring_id=act.restructuring_id,
            title=act.title,
            effective_on=act.effective_on,
            change=act.change_number,
            passed=tuple(c.name for c in consumers if c.acknowledged >= act.change_number),
            waiting=tuple(c.name for c in consumers if c.acknowledged < act.change_number),
        )
        for act in acts
    )


def _held(connection: Connection, name: str) -> Consumer:
    row = (
        connection.execute(select(consumer).where(consumer.c.name == name).with_for_update())
        .mappings()
        .first()
    )
    if row is None:
        raise ConsumerIsUnknown(name)
    return Consumer(
        name=row["name"],
        holder=row["holder"],
        acknowledged=row["acknowledged"],
        acknowledged_at=row["acknowledged_at"],
        note=row["note"],
    )


def _line(row: RowMapping, head: int, webhooks: list[WebhookLine]) -> ConsumerLine:
    return ConsumerLine(
        name=row["name"],
        holder=row["holder"],
        acknowledged=row["acknowledged"],
        acknowledged_at=row["acknowledged_at"],
        note=row["note"],
        # The head was read before the row: what came in between counts as no lag.
        lag=max(0, head - row["acknowledged"]),
        lag_s=float(row["age_s"] or 0),
        webhooks=tuple(one for one in webhooks if one.holder == row["holder"]),
    )


def _webhook(one: Subscription, head: int) -> WebhookLine:
    return WebhookLine(
        id=one.subscription_id,
        holder=one.holder,
        host=urlsplit(one.url).hostname or "",
        state=one.state.value,
        delivered_to=one.delivered_to,
        lag=max(0, head - one.delivered_to),
        paused_why=one.paused_why,
    )
