"""Half-open periods: nothing lost, nothing doubled at an edge."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.changes.period import Period
from registry.errors import PeriodIsEmpty

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2000, 3, 1))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.none() | DAYS)
    length = draw(st.none() | st.integers(min_value=1, max_value=40))
    if length is None:
        return Period(start, None)
    if start is None:
        return Period(None, draw(DAYS))
    return Period(start, start + timedelta(days=length))


class ThePeriod:
    @given(periods(), periods(), DAYS)
    def test_holds_a_day_of_two_exactly_when_both_do(self, a: Period, b: Period, day: date) -> None:
        shared = a.intersection(b)

        assert (shared is not None and day in shared) == (day in a and day in b)

    @given(periods(), periods(), DAYS)
    def test_less_another_holds_what_the_other_does_not(
        self, a: Period, b: Period, day: date
    ) -> None:
        pieces = a.minus(b)

        assert sum(day in piece for piece in pieces) == (day in a and day not in b)

    @given(periods(), st.lists(periods(), max_size=4))
    def test_is_covered_when_nothing_is_left(self, a: Period, others: list[Period]) -> None:
        days = [date(1999, 12, 1) + timedelta(days=n) for n in range(200)]
        everywhere = all(any(d in o for o in others) for d in days if d in a)

        if a.covered_by(others):
            assert everywhere

    def test_must_hold_a_day(self) -> None:
        with pytest.raises(PeriodIsEmpty):
            Period(date(2021, 1, 6), date(2021, 1, 6))
