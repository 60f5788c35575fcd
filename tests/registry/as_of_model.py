"""What the registry should say, kept the simplest way: one value a day, for every change ever made.

Nothing of the product is used here. A fact is a row of days; each day holds the version in force,
or none. The last day stands for all days after it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, pairwise
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
    annulled: dict[int, int] = field(default_factory=dict)
    """Changes that are annulled, and by which."""
    names: dict[str, str] = field(default_factory=dict)
    """Facts by the id others refer to them by."""
    numbers: Any = field(default_factory=count)

    def recorded(self, change: int) -> None:
        """The work became this change."""
        self.known[change] = dict(self.now)

    def begin(self, fact: str, day: int, values: dict[str, Any]) -> None:
        stretch = self._stretch(values)
        self.now[fact] = tuple(stretch if n >= day else None for n in range(len(DAYS)))

    def change(self, fact: str, day: int, patch: dict[str, Any] | None) -> None:
        """From a day on the world is different, up to where the version in force ends."""
        row = self.now[fact]
        held = row[day]
        if held is None:
            raise Refused
        # Equal days on both sides of a gap, as an annulment can leave them, begin twice.
        if any(now is not None and now != last for last, now in pairwise(row[day:])):
            raise Refused
        end = next((n for n in range(day, len(DAYS)) if row[n] != held), len(DAYS))
        if patch is None and end < len(DAYS):
            raise Refused
        self._paint(fact, day, end, patch)

    def correct(self, fact: str, day: int, end: int, patch: dict[str, Any] | None) -> None:
        """What was said of some days was wrong."""
        self._paint(fact, day, end, patch)

    def annul(self, change: int, own: int) -> None:
        """What a change did is taken back; what was done since stays where it does not rest on it."""
        if change in self.annulled:
            raise Refused
        before, done, now = self.known.get(change - 1, {}), self.known[change], dict(self.now)
        for fact in self.now:
            empty = (None,) * len(DAYS)
            rows = [facts.get(fact, empty) for facts in (before, done, now)]
            self.now[fact] = self._merged(*rows)
        for fact in self.now:
            for day in range(len(DAYS)):
                missing = self._missing(self.now, fact, day)
                if missing not in (
                    None,
                    self._missing(now, fact, day),
                    self._missing(before, fact, day),
                ):
                    raise Refused
        for number, by in list(self.annulled.items()):
            if by == change:
                del self.annulled[number]
        self.annulled[change] = own

    def _merged(self, old: Row, done: Row, now: Row) -> Row:
        row: list[Stretch | None] = []
        mixed = [False]
        for day, (o, a, c) in enumerate(zip(old, done, now, strict=True)):
            ended = day > 0 and a is None and c is None and done[day - 1] is not None
            if (
                ended
                and o is not None
                and o is old[day - 1]
                and said(done[day - 1]) != said(now[day - 1])
            ):
                raise Refused
            if said(c) == said(a):
                here, is_mixed = o, False
            elif said(o) == said(a) or said(c) == said(o):
                here, is_mixed = c, False
            elif o is None or a is None or c is None:
                raise Refused
            else:
                values = {name: self._attribute(name, o, a, c) for name, _value in c.value}
                here, is_mixed = self._stretch(values), True
            last = row[-1] if row else None
            if last is not None and said(here) == said(last):
                if mixed[-1]:
                    row = [here if one is last else one for one in row]
                elif is_mixed:
                    here, is_mixed = last, False
            row.append(here)
            mixed.append(is_mixed)
        return tuple(row)

    def _missing(self, facts: Facts, fact: str, day: int) -> str | None:
        """What a fact refers to on a day although that does not hold then."""
        held = facts[fact][day] if fact in facts else None
        if held is None:
            return None
        reference = dict(held.value).get("parent_id") or dict(held.value).get("division_id")
        other = self.names.get(str(reference))
        if other is None or (other in facts and facts[other][day] is not None):
            return None
        return other

    def _attribute(self, name: str, o: Stretch, a: Stretch, c: Stretch) -> Any:
        old, done, now = o.get(name), a.get(name), c.get(name)
        if now == done:
            return old
        if old in (done, now):
            return now
        raise Refused

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


def said(one: Stretch | None) -> Value | None:
    """What a version says, whoever said it."""
    return None if one is None else one.value
