"""One fact through changes, corrections, annulments and annulments of these, beside the plain model.

No database: timelines are values. So thousands of histories are gone through in seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.changes.amendments import Undone
from registry.changes.masking import is_masked
from registry.changes.merging import Step, merge
from registry.changes.period import Period
from registry.changes.timeline import Timeline, at, begin, change_from, correct
from registry.errors import LaterActExists, NotInForce
from tests.registry.as_of_model import DAYS, LAST, Model, Refused

FACT = "the fact"
Work = tuple[str, int, int, str]
WORKS = st.tuples(
    st.sampled_from(("name", "parent", "end", "correct name", "correct parent", "strike")),
    st.integers(0, LAST),
    st.integers(1, LAST + 1),
    st.sampled_from(("甲", "乙", "丙")),
)
ANNULMENTS = st.tuples(st.just("annul"), st.integers(1, 12), st.just(0), st.just(""))
HISTORIES = st.lists(st.one_of(WORKS, ANNULMENTS, ANNULMENTS), min_size=2, max_size=12)


@dataclass
class History:
    """What was believed of the fact after each change; a change that wrote nothing keeps the object."""

    model: Model = field(default_factory=Model)
    lines: dict[int, Timeline] = field(default_factory=dict)
    ids: Any = field(default_factory=lambda: count(1))

    def start(self, day: int) -> None:
        values = {"name": "甲", "parent": "p0"}
        self.lines[0] = ()
        self.model.begin(FACT, day, values)
        self._record(1, begin((), Period.since(DAYS[day]), values, "establish"))

    def do(self, work: Work) -> None:
        """An ordinary work, allowed by both or by none."""
        what, start, end, value = work
        attribute, last = what.removeprefix("correct "), end if end > start else LAST + 1
        patch = {"name": {"name": value}, "parent": {"parent": value}}.get(attribute)
        span = Period(DAYS[start], None if last > LAST else DAYS[last])
        is_correction = what.startswith("correct") or what == "strike"
        now, before = self.lines[self.number], dict(self.model.now)
        told = _allowed(
            lambda: (
                correct(now, span, patch, "correct")
                if is_correction
                else change_from(now, DAYS[start], patch, "change")
            )
        )
        try:
            if is_correction:
                self.model.correct(FACT, start, last, patch)
            else:
                self.model.change(FACT, start, patch)
        except Refused:
            self.model.forget(before)
            assert told is None
            return
        assert told is not None
        self._record(self.number + 1, told)

    def annul(self, change: int) -> bool:
        """Whether a change was annulled although later work bears on it."""
        own, before = self.number + 1, dict(self.model.now)
        may = self.model.stands(change)
        told = self._without(change) if may else None
        self.model.annul(change, own)
        if told is None:
            assert not may or self.model.touched_since(change)
            self.model.forget(before)
            del self.model.annuls[own]
            return False
        self._record(own, told)
        return self.model.touched_since(change)

    @property
    def number(self) -> int:
        return max(self.lines)

    def _without(self, change: int) -> Timeline | None:
        """What would stand without a change; None: nobody can tell."""
        now = self.lines[self.number]
        if not self._touched(change):
            return now
        own = self._family(change)
        later = [n for n in sorted(self.lines) if n > change and self._touched(n)]
        undone = [
            Undone(of, by) for by, of in self.model.annuls.items() if by > change and by not in own
        ]
        touched = [one.number for one in undone if self._touched(one.number)]
        if is_masked(change, touched, later, undone, own):
            return None
        steps = [Step(n, self.lines[n], own=n in own) for n in later]
        merged = merge(self.lines[change], self.lines[change - 1], steps)
        return None if merged.clashes else merged.timeline

    def _family(self, change: int) -> frozenset[int]:
        found = {change}
        for by, of in sorted(self.model.annuls.items()):
            if of in found:
                found.add(by)
        return frozenset(found)

    def _touched(self, number: int) -> bool:
        return self.lines[number] is not self.lines[number - 1]

    def _record(self, number: int, line: Timeline) -> None:
        before = self.lines[number - 1]
        if [_told(one) for one in line] == [_told(one) for one in before]:
            line = before
        self.lines[number] = tuple(
            one
            if one.version_id is not None
            else replace(one, version_id=next(self.ids), begun_by=one.begun_by or number)
            for one in line
        )
        if line is before:
            self.lines[number] = before
        self.model.recorded(number)
        self._compare()

    def _compare(self) -> None:
        for day, held in zip(DAYS, self.model.now[FACT], strict=True):
            one = at(self.lines[self.number], day)
            assert (None if one is None else dict(one.values)) == (
                None if held is None else dict(held.value)
            ), day


def _told(one: Any) -> tuple[Any, ...]:
    return one.valid, sorted(one.values.items()), one.begun_by


def _allowed(work: Callable[[], Timeline]) -> Timeline | None:
    try:
        return work()
    except (LaterActExists, NotInForce):
        return None


class WhatStands:
    def test_says_after_any_annulment_what_was_never_annulled(self) -> None:
        over_later_work = 0

        @settings(max_examples=1500, deadline=None)
        # Ended on the day it began; then the beginning is annulled, and then the end.
        @example(6, [("end", 6, 0, ""), ("annul", 1, 0, ""), ("annul", 2, 0, "")])
        # What ended once more, by a later work, while the first end was annulled.
        @example(
            0,
            [
                ("annul", 1, 0, ""),
                ("annul", 2, 0, ""),
                ("end", 2, 0, ""),
                ("annul", 3, 0, ""),
                ("annul", 2, 0, ""),
            ],
        )
        @given(st.integers(0, LAST), HISTORIES)
        def agrees(start: int, works: list[Work]) -> None:
            nonlocal over_later_work
            history = History()
            history.start(start)
            for work in works:
                if work[0] != "annul":
                    history.do(work)
                elif work[1] <= history.number:
                    over_later_work += history.annul(work[1])

        agrees()
        assert over_later_work > 100
