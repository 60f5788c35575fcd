"""The background work of webhooks: who is due, one after the other for each, all side by side.

Several servers over one database may run this. An advisory lock for each subscription sees to it
that only one of them delivers to it at a time; the lock goes with the connection that holds it.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from api.push.courier import Courier, Message
from api.push.messages import message_of
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.errors import SubscriptionIsUnknown
from registry.hot import conninfo_of
from registry.log.sealing import CHANNEL
from registry.subscriptions.commands import settle, skip
from registry.subscriptions.model import Subscription
from registry.subscriptions.store import SubscriptionStore

WORKERS = 8
"""So many receivers are served side by side."""
POLL_S = 1.0
LISTEN_S = 0.5
STOP_S = 1.0
LOOKED_AT = 100
"""Changes looked at in one transaction for one that concerns the subscriber."""
SENT_AT_ONCE = 20
"""Changes delivered before others get their turn."""

_LOG = logging.getLogger(__name__)


class Turn(Enum):
    """How a worker leaves a subscription."""

    MORE = auto()
    """There is more to do at once; others come first."""
    DONE = auto()
    ELSEWHERE = auto()
    """Another server is at it, or the database is away."""


@dataclass(slots=True)
class Push:
    """Delivers changes to subscribers until it is stopped."""

    database_url: str
    courier: Courier
    public_url: str
    first_wait_s: float
    _engine: Engine = field(init=False)
    _due: queue.SimpleQueue[UUID | None] = field(default_factory=queue.SimpleQueue)
    _taken: set[UUID] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._engine = make_engine(self.database_url, pool_size=WORKERS + 1)

    def start(self) -> None:
        """Begin; returns at once."""
        duties = [self._listen, self._dispatch, *[self._work] * WORKERS]
        self._threads = [threading.Thread(target=duty, daemon=True) for duty in duties]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End within a second. What is under way is cut and will be delivered again."""
        self._stopping.set()
        self._wake.set()
        self.courier.stop()
        for _worker in range(WORKERS):
            self._due.put(None)
        # Who still waits for a name server by then ends with the program.
        end_s = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, end_s - time.monotonic()))
        self._engine.dispose()

    def _listen(self) -> None:
        """Hear of commits at once; if the database is away, polling goes on alone."""
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    conninfo_of(self.database_url), autocommit=True, connect_timeout=2
                ) as listener:
                    listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    while not self._stopping.is_set():
                        for _notice in listener.notifies(timeout=LISTEN_S, stop_after=1):
                            self._wake.set()
            except psycopg.Error:
                self._stopping.wait(POLL_S)

    def _dispatch(self) -> None:
        """Hand those who are due to the workers."""
        while not self._stopping.is_set():
            rest_s = POLL_S
            try:
                rest_s = self._hand_out()
            except DBAPIError as error:
                _LOG.warning("webhooks wait for the database: %s", type(error).__name__)
            self._wake.wait(rest_s)
            self._wake.clear()

    def _hand_out(self) -> float:
        with self._engine.connect() as connection:
            store = SubscriptionStore(connection)
            due, next_s = store.due(), store.next_due_s()
        with self._lock:
            fresh = [one for one in due if one not in self._taken]
            self._taken.update(fresh)
        for one in fresh:
            self._due.put(one)
        return POLL_S if next_s is None else min(POLL_S, max(0.0, next_s))

    def _work(self) -> None:
        """Serve one subscription after the other."""
        while (one := self._due.get()) is not None and not self._stopping.is_set():
            try:
                turn = self._serve(one)
            except DBAPIError as error:
                _LOG.warning("webhook %s waits for the database: %s", one, type(error).__name__)
                turn = Turn.ELSEWHERE
            except Exception:  # noqa: BLE001 -- one subscription must not end the service of all
                # It stays due, and the next poll tries it again.
                _LOG.exception("webhook %s failed", one)
                turn = Turn.ELSEWHERE
            if turn is Turn.MORE:
                self._due.put(one)
                continue
            with self._lock:
                self._taken.discard(one)
            if turn is Turn.DONE:
                # It may be due again sooner than the next poll.
                self._wake.set()

    def _serve(self, subscription_id: UUID) -> Turn:
        """Deliver to one subscription for a while."""
        with self._engine.connect() as connection, _alone(connection, subscription_id) as mine:
            if not mine:
                return Turn.ELSEWHERE
            for _turn in range(SENT_AT_ONCE):
                if self._stopping.is_set() or not self._step(connection, subscription_id):
                    return Turn.DONE
        return Turn.MORE

    def _step(self, connection: Connection, subscription_id: UUID) -> bool:
        """Deal with the next change that concerns a subscription; whether to go on."""
        subscriber = SubscriptionStore(connection).ready(subscription_id)
        if subscriber is None:
            connection.commit()
            return False
        found, looked_to = self._next(connection, subscriber)
        try:
            if looked_to > subscriber.delivered_to:
                skip(connection, subscription_id, to=looked_to)
            connection.commit()
            if found is None:
                return looked_to > subscriber.delivered_to
            # No transaction is open while the receiver takes its time.
            outcome = self.courier.deliver(subscription_id, subscriber.url, found)
            if self.courier.stopped and not outcome.delivered:
                return False
            number = looked_to + 1
            settle(
                connection,
                subscription_id,
                number,
                outcome,
                first_wait_s=self.first_wait_s,
                chance=random.random(),  # noqa: S311 -- spreads load, guards nothing
            )
            connection.commit()
        except SubscriptionIsUnknown:
            connection.rollback()
            return False
        return outcome.delivered

    def _next(self, connection: Connection, subscriber: Subscription) -> tuple[Message | None, int]:
        """The next message, and the last change before it that holds nothing for the subscriber."""
        looked_to = subscriber.delivered_to
        for one in ChangeStore(connection).after(looked_to, LOOKED_AT):
            message = message_of(
                connection,
                one,
                subscriber,
                public_url=self.public_url,
                previous=subscriber.sent_to,
            )
            if message is not None or self._stopping.is_set():
                return message, looked_to
            looked_to = one.number
        return None, looked_to


@contextmanager
def _alone(connection: Connection, subscription_id: UUID) -> Iterator[bool]:
    """Whether this connection is the only one to deliver to a subscription, for the block."""
    key = int.from_bytes(subscription_id.bytes[:8], signed=True)
    mine = bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
    connection.commit()
    try:
        yield mine
    except BaseException:
        # A lock that cannot be given back by name goes with the connection.
        connection.invalidate()
        raise
    if mine:
        connection.execute(select(func.pg_advisory_unlock(key)))
        connection.commit()
