"""Change, correction and end of one fact, against a plain model: a value for every day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.changes.period import Period
from registry.changes.timeline import (
    Timeline,
    Version,
    at,
    begin,
    change_from,
    correct,
    difference,
)
from registry.errors import LaterActExists, NotInForce

FIRST = date(2000, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(30)]
DAY = st.sampled_from(DAYS)


@st.composite
def spans(draw: st.DrawFn) -> Period:
    start = draw(st.integers(0, 28))
    end = draw(st.integers(start + 1, 29))
    return Period(DAYS[start], draw(st.sampled_from([DAYS[end], None])))


CORRECTIONS = st.lists(st.tuples(spans(), st.none() | st.sampled_from("甲乙丙丁")), max_size=6)


def whole() -> Timeline:
    return begin((), Period(), {"name": "始"}, "import")


def read(timeline: Timeline) -> list[str | None]:
    found = [at(timeline, day) for day in DAYS]
    return [None if version is None else version.value("name") for version in found]


class TheTimeline:
    @given(CORRECTIONS)
    def test_says_of_every_day_what_was_last_said_of_it(
        self, corrections: list[tuple[Period, str | None]]
    ) -> None:
        model: list[str | None] = ["始"] * len(DAYS)
        timeline = whole()

        for span, name in corrections:
            timeline = correct(timeline, span, None if name is None else {"name": name}, "correct")
            for place, day in enumerate(DAYS):
                if day in span and (name is None or model[place] is not None):
                    model[place] = name

        assert read(timeline) == model
        for one in timeline:
            assert sum(one.valid.overlaps(other.valid) for other in timeline) == 1

    @given(CORRECTIONS)
    def test_differs_only_in_what_was_rewritten(
        self, corrections: list[tuple[Period, str | None]]
    ) -> None:
        before = (Version(Period(), {"name": "始"}, "import", 1, 7),)
        after: Timeline = before
        for span, name in corrections:
            after = correct(after, span, None if name is None else {"name": name}, "correct")

        closed, written = difference(before, after)

        kept = [one for one in after if one.version_id is not None]
        assert len(kept) + len(written) == len(after)
        assert bool(closed) == (7 not in [one.version_id for one in after])

    def test_keeps_who_began_a_state_when_it_is_cut_short(self) -> None:
        before = (Version(Period(), {"name": "始"}, "import", 1, 7),)

        cut, new = change_from(before, DAYS[5], {"name": "甲"}, "rename")

        assert (cut.begun_by, new.begun_by) == (1, None)
        assert cut.valid.end == new.valid.start == DAYS[5]


class WhenTheWorldChanges:
    def test_nothing_can_change_that_does_not_hold(self) -> None:
        ended = change_from(whole(), DAYS[3], None, "abolish")

        with pytest.raises(NotInForce):
            change_from(ended, DAYS[9], {"name": "甲"}, "rename")

    def test_an_act_cannot_slip_in_before_a_later_act(self) -> None:
        later = change_from(whole(), DAYS[9], {"name": "甲"}, "rename")

        with pytest.raises(LaterActExists):
            change_from(later, DAYS[3], {"name": "乙"}, "rename")

    def test_a_fact_cannot_end_before_an_end_already_decided(self) -> None:
        ended = change_from(whole(), DAYS[9], None, "abolish")

        with pytest.raises(LaterActExists):
            change_from(ended, DAYS[3], None, "abolish")

    def test_days_that_hold_a_version_cannot_begin_again(self) -> None:
        with pytest.raises(LaterActExists):
            begin(whole(), Period.since(DAYS[0]), {"name": "甲"}, "establish")

    def test_two_operations_of_one_day_compose(self) -> None:
        once = change_from(whole(), DAYS[5], {"name": "甲"}, "retype")

        twice = change_from(once, DAYS[5], {"parent": "乙"}, "transfer")

        assert [dict(one.values) for one in twice] == [
            {"name": "始"},
            {"name": "甲", "parent": "乙"},
        ]
