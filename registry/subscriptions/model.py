"""Webhooks (订阅) and consumers (下游系统): values, and the rules of trying again and giving up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

from registry.changes.view import FeedView

MOST_ATTEMPTS = 10
"""After so many attempts a change becomes a dead letter (死信)."""
MOST_GIVEN_UP = 5
"""So many dead letters in a row pause the subscription."""
LONGEST_WAIT_S = 3600.0


class Payload(StrEnum):
    """How much a delivery carries."""

    THIN = "thin"
    """The change, and where to read its items."""
    FULL = "full"
    """The change with its items."""


class SubscriptionState(StrEnum):
    """Whether a subscription is delivered to."""

    ACTIVE = "active"
    PAUSED = "paused"


class DeliveryState(StrEnum):
    """What became of a delivery."""

    DELIVERED = "delivered"
    RETRYING = "retrying"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook (订阅): where changes are sent, which, and how far it has come."""

    subscription_id: UUID
    holder: str
    url: str
    within: UUID | None
    collections: tuple[str, ...]
    kinds: tuple[str, ...]
    payload: Payload
    state: SubscriptionState
    created_at: datetime
    delivered_to: int
    """Last change dealt with: delivered, given up, or of no interest to the view."""
    sent_to: int
    """Last change delivered or given up; where it began when there was none yet."""
    failures: int
    """Dead letters in a row."""
    next_attempt_at: datetime | None
    paused_why: str | None

    @property
    def view(self) -> FeedView:
        """The part of the registry it follows."""
        return FeedView(self.within, frozenset(self.collections), frozenset(self.kinds))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One change for one subscription (投递), as far as it got."""

    subscription_id: UUID
    change: int
    attempts: int
    state: DeliveryState
    last_status: int | None
    last_error: str | None
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt."""

    status: int | None
    """HTTP status; None: no answer came."""
    error: str | None
    retry_after_s: float | None = None
    """How long the receiver asks to be left alone."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.error is None

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more."""
        return self.status == HTTPStatus.GONE


@dataclass(frozen=True, slots=True)
class Consumer:
    """A system downstream (下游系统) and the last change it says it has taken in."""

    name: str
    holder: str
    acknowledged: int
    acknowledged_at: datetime
    note: str | None


def wait_s(attempts: int, *, first_s: float, chance: float, asked_s: float | None = None) -> float:
    """How long to wait after a failed attempt, in seconds: exponential with full jitter.

    Args:
        attempts: made so far, at least 1.
        first_s: the longest wait after the first; it doubles with each.
        chance: 0 to 1; spreads the receivers that failed together.
        asked_s: what the receiver asked for; it is granted up to the cap.

    Source: Brooker 2015, "Exponential Backoff And Jitter", AWS Architecture Blog.
    """
    longest = min(LONGEST_WAIT_S, first_s * 2.0 ** (attempts - 1))
    return max(longest * chance, min(LONGEST_WAIT_S, asked_s or 0.0))
