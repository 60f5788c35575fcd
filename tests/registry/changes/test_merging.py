"""Three timelines of one fact, merged day by day and attribute by attribute."""

from datetime import date
from types import MappingProxyType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.changes.merging import Merged, Step, days_of, first_difference, merge, without
from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, at

DAYS = [date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1)]
EDGES: list[date | None] = [None, *DAYS, None]
SPANS = [Period(EDGES[n], EDGES[n + 1]) for n in range(len(EDGES) - 1)]


def timeline(*values: dict[str, Any] | None, by: int = 1) -> Timeline:
    """One value for each stretch of SPANS; None: it does not hold."""
    return tuple(
        Version(span, MappingProxyType(dict(value)), "test", by)
        for span, value in zip(SPANS, values, strict=True)
        if value is not None
    )


def row(valid: Period, values: dict[str, Any], by: int) -> Version:
    return Version(valid, MappingProxyType(values), "test", by)


VALUE = st.one_of(
    st.none(),
    st.fixed_dictionaries({"name": st.sampled_from("ab"), "parent": st.sampled_from("xy")}),
)
LINE = st.lists(VALUE, min_size=len(SPANS), max_size=len(SPANS))


def merged_with(base: Timeline, target: Timeline, *since: Timeline) -> Merged:
    """With what changes 3, 4, … made of the fact since."""
    return merge(base, target, [Step(3 + n, line) for n, line in enumerate(since)])


def said(line: Timeline) -> list[dict[str, Any] | None]:
    found = [at(line, span.start or date.min) for span in SPANS]
    return [None if one is None else dict(one.values) for one in found]


class WhatWouldStand:
    @given(LINE, LINE)
    def test_is_the_target_where_nothing_was_done_since(self, base: Any, target: Any) -> None:
        merged = merged_with(timeline(*base, by=2), timeline(*target), timeline(*base, by=2))

        assert (said(merged.timeline), merged.clashes) == (target, ())

    @given(LINE, LINE)
    def test_is_what_stands_where_the_act_did_nothing(self, base: Any, current: Any) -> None:
        now = timeline(*current, by=3)

        merged = merged_with(timeline(*base), timeline(*base), now)

        assert (said(merged.timeline), merged.clashes) == (current, ())

    @given(LINE, LINE, LINE)
    def test_is_decided_day_by_day_and_attribute_by_attribute(
        self, base: Any, target: Any, current: Any
    ) -> None:
        merged = merged_with(timeline(*base, by=2), timeline(*target), timeline(*current, by=3))

        clashing = {
            (span, clash.column)
            for clash in merged.clashes
            for span in SPANS
            if clash.valid.overlaps(span)
        }
        for span, was, wanted, now, found in zip(
            SPANS, base, target, current, said(merged.timeline), strict=True
        ):
            if (span, None) in clashing:
                assert found == now
            elif None in (was, wanted, now):
                assert found == (wanted if now == was else now)
            else:
                for name in ("name", "parent"):
                    differ = len({was[name], wanted[name], now[name]}) == 3
                    assert ((span, name) in clashing) == differ
                    assert found[name] == (wanted[name] if now[name] == was[name] else now[name])

    def test_keeps_the_later_name_under_the_former_parent(self) -> None:
        old = {"name": "a", "parent": "x"}
        moved, renamed = {**old, "parent": "y"}, {"name": "b", "parent": "y"}

        merged = merged_with(
            timeline(old, old, moved, moved, moved, by=2),
            timeline(old, old, old, old, old),
            timeline(old, old, moved, renamed, renamed, by=3),
        )

        assert merged.clashes == ()
        assert said(merged.timeline) == [old, old, old, *[{"name": "b", "parent": "x"}] * 2]

    def test_a_third_value_on_the_same_days_is_a_clash_over_all_of_them(self) -> None:
        old, done, since = ({"name": name, "parent": "x"} for name in "abc")

        merged = merged_with(
            timeline(old, old, done, done, done),
            timeline(old, old, old, old, old),
            timeline(old, old, done, since, since),
        )

        (clash,) = merged.clashes
        assert (clash.valid, clash.column) == (Period(DAYS[2], None), "name")

    def test_what_was_changed_up_to_the_day_the_act_ended_it_is_for_a_person(self) -> None:
        old, since = {"name": "a", "parent": "x"}, {"name": "b", "parent": "x"}
        whole = (Version(Period(), MappingProxyType(old), "test", 1),)

        merged = merged_with(
            timeline(old, old, None, None, None),
            whole,
            timeline(old, since, None, None, None),
        )

        assert [clash.column for clash in merged.clashes] == [None]

    def test_what_was_redrawn_up_to_the_day_only_the_act_cut_it_is_for_a_person(self) -> None:
        old, act, since = ({"name": name, "parent": "x"} for name in "abc")
        before, done = Period(None, DAYS[1]), row(Period(DAYS[1], None), act, 2)

        merged = merged_with(
            (row(before, old, 1), done), (row(Period(), old, 1),), (row(before, since, 3), done)
        )

        (clash,) = merged.clashes
        assert (clash.valid, clash.column) == (done.valid, "name")

    def test_each_day_is_told_by_the_work_that_spoke_of_it(self) -> None:
        old, moved = {"name": "a", "parent": "x"}, {"name": "a", "parent": "y"}
        named = {**moved, "name": "b"}
        act = Period(DAYS[0], None)
        one, other = Period(DAYS[0], DAYS[1]), Period(DAYS[1], DAYS[2])
        before = row(Period(None, DAYS[0]), old, 1)

        merged = merged_with(
            (before, row(act, moved, 2)),
            (row(Period(), old, 1),),
            (before, row(one, named, 3), row(Period(DAYS[1], None), moved, 2)),
            (
                before,
                row(one, named, 3),
                row(other, named, 4),
                row(Period(DAYS[2], None), moved, 2),
            ),
        )

        assert merged.clashes == ()
        assert [(one.valid, one.begun_by) for one in merged.timeline] == [
            (Period(None, DAYS[0]), 1),
            (one, 3),
            (other, 4),
            (Period(DAYS[2], None), 1),
        ]

    def test_what_was_changed_and_changed_back_on_purpose_is_for_a_person(self) -> None:
        found, act, since = ({"name": name, "parent": "x"} for name in "abc")

        merged = merged_with(
            (row(Period(), act, 2),),
            (row(Period(), found, 1),),
            (row(Period(), since, 3),),
            (row(Period(), act, 4),),
        )

        assert [clash.column for clash in merged.clashes] == ["name"]

    def test_what_was_taken_back_since_had_never_been_said(self) -> None:
        found, act, since = ({"name": name, "parent": "x"} for name in "abc")
        done, was = row(Period(), act, 2), row(Period(), found, 1)

        merged = merged_with((done,), (was,), (row(Period(), since, 3),), (done,))

        assert (merged.clashes, merged.timeline) == ((), (was,))

    def test_what_says_again_what_the_act_had_found_leaves_it_as_it_was(self) -> None:
        found, act = {"name": "a", "parent": "x"}, {"name": "a", "parent": "y"}
        was, done = row(Period(), found, 1), row(Period(DAYS[0], None), act, 2)
        before = row(Period(None, DAYS[0]), found, 1)
        back = row(Period(DAYS[1], None), found, 3)

        merged = merged_with(
            (before, done), (was,), (before, row(Period(DAYS[0], DAYS[1]), act, 2), back)
        )

        assert (merged.clashes, merged.timeline) == ((), (was,))

    def test_a_correction_of_the_act_goes_with_it(self) -> None:
        found, act, right = ({"name": "a", "parent": parent} for parent in "xyz")
        was, named = row(Period(), found, 1), {**act, "name": "b"}

        merged = merge(
            (row(Period(), act, 2),),
            (was,),
            [
                Step(3, (row(Period(), named, 3),)),
                Step(4, (row(Period(), {**right, "name": "b"}, 3),), own=True),
            ],
        )

        assert merged.clashes == ()
        assert [dict(one.values) for one in merged.timeline] == [{**found, "name": "b"}]

    def test_rows_that_say_so_already_are_kept(self) -> None:
        value = MappingProxyType({"name": "a", "parent": "x"})
        held = Version(Period(), value, "test", 1, version_id=7)

        assert merged_with((held,), (held,), (held,)).timeline == (held,)


class TheDaysBetween:
    @given(LINE, LINE)
    def test_first_differ_where_any_day_does(self, one: Any, other: Any) -> None:
        differing = [span for span, a, b in zip(SPANS, one, other, strict=True) if a != b]
        first = None if not differing else differing[0].start or date.min

        assert first_difference(timeline(*one), timeline(*other)) == first

    @given(LINE, LINE)
    def test_are_those_of_one_without_the_other(self, one: Any, other: Any) -> None:
        left = without(days_of(timeline(*one)), days_of(timeline(*other)))

        for span, a, b in zip(SPANS, one, other, strict=True):
            assert any(span.overlaps(period) for period in left) == (a is not None and b is None)
