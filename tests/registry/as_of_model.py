"""What the registry should say, kept the simplest way: one value a day, for every change ever made.

Nothing of the product is used here. A fact is a row of days; each day holds the version in force,
or none. The last day stands for all days after it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

FIRST = date(2020, 1, 1)
DAYS = [FIRST + timedelta(days=40 * n) for n in range(9)]
LAST = len(DAYS) - 1
Value = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Stretch:
    """A version: two equal values from different works are two stretches."""

    number: int
    value: Value

    def get(self, name: str) -> Any:
        return dict(self.value)[name]


Row = tuple[Stretch | None, ...]
Facts = dict[str, Row]


class Refused(Exception):
    """The model's own rules forbid it."""


@dataclass
class Model:
    """Every fact on every day, as known after every change."""

    now: Facts = field(default_factory=dict)
    known: dict[int, Facts] = field(default_factory=dict)
    touched: dict[int, frozenset[str]] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)

    def recorded(self, change: int, before: Facts) -> None:
        """The work became this change."""
        self.known[change] = dict(self.now)
        facts = before.keys() | self.now.keys()
        self.touched[change] = frozenset(f for f in facts if before.get(f) != self.now.get(f))

    def begin(self, fact: str, day: int, values: dict[str, Any]) -> None:
        stretch = self._stretch(values)
        self.now[fact] = tuple(stretch if n >= day else None for n in range(len(DAYS)))

    def change(self, fact: str, day: int, patch: dict[str, Any] | None) -> None:
        """From a day on the world is different, up to where the version in force ends."""
        row = self.now[fact]
        held = row[day]
        if held is None:
            raise Refused
        if any(one is not None and one != held and row.index(one) > day for one in row[day:]):
            raise Refused
        end = next((n for n in range(day, len(DAYS)) if row[n] != held), len(DAYS))
        if patch is None and end < len(DAYS):
            raise Refused
        self._paint(fact, day, end, patch)

    def correct(self, fact: str, day: int, end: int, patch: dict[str, Any] | None) -> None:
        """What was said of some days was wrong."""
        self._paint(fact, day, end, patch)

    def annul(self, change: int) -> None:
        """What a change did is taken back, unless something touched the same facts later."""
        facts = self.touched[change]
        if any(facts & touched for number, touched in self.touched.items() if number > change):
            raise Refused
        before = self.known.get(change - 1, {})
        for fact in facts:
            if fact in before:
                self.now[fact] = before[fact]
            else:
                self.now[fact] = (None,) * len(DAYS)

    def _paint(self, fact: str, start: int, end: int, patch: dict[str, Any] | None) -> None:
        row = list(self.now[fact])
        fresh: dict[Stretch, Stretch | None] = {}
        cut: dict[Stretch, Stretch] = {}
        for n, held in enumerate(row):
            if held is None or not start <= n < end:
                continue
            if patch is not None and all(held.get(name) == value for name, value in patch.items()):
                continue
            if held not in fresh:
                values = None if patch is None else {**dict(held.value), **patch}
                fresh[held] = None if values is None else self._stretch(values)
            row[n] = fresh[held]
        # What is left of a version on both sides of the painted days is two versions now.
        for n, held in enumerate(row):
            if held in fresh and n >= end:
                row[n] = cut.setdefault(held, self._stretch(dict(held.value)))
        self.now[fact] = tuple(row)

    def _stretch(self, values: dict[str, Any]) -> Stretch:
        return Stretch(next(self.numbers), tuple(sorted(values.items())))
