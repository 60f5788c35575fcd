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


@dataclass(frozen=True)
class Done:
    """What a work did: it wrote some attributes, or nothing, over some days of a fact."""

    fact: str
    days: frozenset[int]
    """Days it made a difference on."""
    patch: dict[str, Any] | None
    begins: bool = False


@dataclass
class Model:
    """Every fact on every day, as known after every change."""

    now: Facts = field(default_factory=dict)
    known: dict[int, Facts] = field(default_factory=dict)
    done: dict[int, list[Done]] = field(default_factory=dict)
    """What each change did; annulments did nothing of their own."""
    annuls: dict[int, int] = field(default_factory=dict)
    """Annulments, and what each annuls."""
    names: dict[str, str] = field(default_factory=dict)
    """Facts by the id others refer to them by."""
    numbers: Any = field(default_factory=count)
    doing: list[Done] = field(default_factory=list)

    def recorded(self, change: int) -> None:
        """The work became this change."""
        self.done[change], self.doing = self.doing, []
        self.known[change] = dict(self.now)

    def forget(self, before: Facts) -> None:
        """The work was refused."""
        self.now, self.doing = before, []

    def begin(self, fact: str, day: int, values: dict[str, Any]) -> None:
        self._do(Done(fact, frozenset(range(day, len(DAYS))), values, begins=True))

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
        self.correct(fact, day, end, patch)

    def correct(self, fact: str, day: int, end: int, patch: dict[str, Any] | None) -> None:
        """What was said of some days was wrong."""
        row = self.now[fact]
        days = frozenset(n for n in range(day, end) if self._differs(row[n], patch))
        self._do(Done(fact, days, patch))

    def annul(self, change: int, own: int) -> None:
        """Everything is done again without it; or with it, where it annulled something."""
        before, now = self.known.get(change - 1, {}), dict(self.now)
        self.annuls[own] = change
        standing = [one for one in self.done if self.stands(one)]
        self.now = dict.fromkeys(now, (None,) * len(DAYS))
        for number in standing:
            for one in self.done[number]:
                self._write(one)
        for fact in self.now:
            for day in range(len(DAYS)):
                missing = self._missing(self.now, fact, day)
                if missing not in (
                    None,
                    self._missing(now, fact, day),
                    self._missing(before, fact, day),
                ):
                    raise Refused

    def stands(self, change: int) -> bool:
        """Whether no annulment that stands annuls it."""
        return not any(
            target == change and self.stands(annulment) for annulment, target in self.annuls.items()
        )

    def touched_since(self, change: int) -> bool:
        """Whether later work speaks of a fact the change speaks of, or of what bears on one."""
        first = {one.fact for one in self._spoken_of(change)}
        later = [one for number in self.known if number > change for one in self._spoken_of(number)]
        return any(one.fact in first for one in later) or any(
            self._refers(values, first) for one in later if (values := one.patch)
        )

    def _spoken_of(self, change: int) -> list[Done]:
        while change in self.annuls:
            change = self.annuls[change]
        return self.done.get(change, [])

    def _refers(self, values: dict[str, Any], facts: set[str]) -> bool:
        to = values.get("parent_id") or values.get("division_id")
        return self.names.get(str(to)) in facts

    @staticmethod
    def _differs(held: Stretch | None, patch: dict[str, Any] | None) -> bool:
        if held is None:
            return False
        return patch is None or any(held.get(name) != value for name, value in patch.items())

    def _do(self, one: Done) -> None:
        self._write(one)
        self.doing.append(one)

    def _write(self, one: Done) -> None:
        if one.begins:
            stretch = self._stretch(one.patch or {})
            self.now[one.fact] = tuple(stretch if n in one.days else None for n in range(len(DAYS)))
        else:
            self._paint(one.fact, one.days, one.patch)

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

    def _paint(self, fact: str, days: frozenset[int], patch: dict[str, Any] | None) -> None:
        row = list(self.now[fact])
        fresh: dict[Stretch, Stretch | None] = {}
        cut: dict[Stretch, Stretch] = {}
        for n, held in enumerate(row):
            if held is None or n not in days or not self._differs(held, patch):
                continue
            if held not in fresh:
                values = None if patch is None else {**dict(held.value), **patch}
                fresh[held] = None if values is None else self._stretch(values)
            row[n] = fresh[held]
        # What is left of a version on both sides of the painted days is two versions now.
        for n, held in enumerate(row):
            if held in fresh and n > min(days):
                row[n] = cut.setdefault(held, self._stretch(dict(held.value)))
        self.now[fact] = tuple(row)

    def _stretch(self, values: dict[str, Any]) -> Stretch:
        return Stretch(next(self.numbers), tuple(sorted(values.items())))
