"""The two clocks: spans of valid time (生效) and the point a reader stands at (时点)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Self

from registry.errors import PeriodIsEmpty

SHANGHAI = timezone(timedelta(hours=8))
"""Valid time is kept in days of this zone; a moment means the day it falls on there."""


@dataclass(frozen=True, slots=True)
class Period:
    """Valid time (生效), half-open `[start, end)`, dates in Asia/Shanghai.

    `start` None: since before the registry's sources begin. `end` None: until further notice.
    """

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise PeriodIsEmpty(start=self.start, end=self.end)

    @classmethod
    def since(cls, start: date) -> Self:
        """From a day on, until further notice."""
        return cls(start, None)

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def intersection(self, other: "Period") -> "Period | None":
        """The days both hold, or None."""
        start = _latest(self.start, other.start)
        end = _earliest(self.end, other.end)
        if start is not None and end is not None and start >= end:
            return None
        return Period(start, end)

    def overlaps(self, other: "Period") -> bool:
        """Whether any day lies in both."""
        return self.intersection(other) is not None

    def minus(self, other: "Period") -> tuple["Period", ...]:
        """What is left of this period without the other: none, one or two pieces, in order."""
        shared = self.intersection(other)
        if shared is None:
            return (self,)
        left = (
            Period(self.start, shared.start)
            if shared.start is not None and shared.start != self.start
            else None
        )
        right = (
            Period(shared.end, self.end)
            if shared.end is not None and shared.end != self.end
            else None
        )
        return tuple(piece for piece in (left, right) if piece is not None)

    def covered_by(self, others: Iterable["Period"]) -> bool:
        """Whether every day of this period lies in at least one of the others."""
        rest: tuple[Period, ...] = (self,)
        for other in others:
            rest = tuple(piece for part in rest for piece in part.minus(other))
        return not rest

    @property
    def sort_key(self) -> date:
        """Orders periods by their beginning; open beginnings first."""
        return self.start or date.min


@dataclass(frozen=True, slots=True)
class AsOf:
    """Where a reader stands (时点): a day in the world, and the last change the reader may know."""

    valid_on: date
    known: int
    """Number of a change: everything up to and including it is known, nothing after it."""


def _latest(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else max(one, other)


def _earliest(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else min(one, other)
