"""Left, right, odd, even: where a point lies beside a road."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.geocode.side import NumberedPoint, Side, side_of

LON, LAT = 118.1, 24.5
STEP = 0.0001
"""About 10 m."""


def road(numbers: range, *, reversed_course: bool = False) -> list[NumberedPoint]:
    """A road that runs east: odd doors on its north side, even ones on its south side."""
    return [
        (n, LON + n * STEP * (-1 if reversed_course else 1), LAT + (STEP if n % 2 else -STEP))
        for n in numbers
    ]


COURSE = [(LON - 0.01, LAT), (LON, LAT), (LON + 0.01, LAT)]


class WhenDoorsStandOnBothSides:
    def test_a_point_north_of_an_eastward_road_is_on_the_left_among_the_odd(self) -> None:
        found = side_of(LON + 3 * STEP, LAT + STEP / 2, road(range(1, 7)))

        assert found == Side("left", "odd", "doors")

    def test_a_point_south_of_it_is_on_the_right_among_the_even(self) -> None:
        found = side_of(LON + 3 * STEP, LAT - STEP / 2, road(range(1, 7)))

        assert found == Side("right", "even", "doors")

    def test_a_point_between_them_is_on_the_line(self) -> None:
        assert side_of(LON + 3 * STEP, LAT, road(range(1, 7))) == Side("on the line", None, "doors")

    @given(st.floats(-5, 5), st.floats(-5, 5))
    def test_numbers_that_rise_the_other_way_change_the_hand_and_not_the_parity(
        self, east: float, north: float
    ) -> None:
        assume(abs(north) > 0.1)
        where = (LON + east * STEP, LAT + north * STEP)

        one = side_of(*where, road(range(1, 7)))
        other = side_of(*where, road(range(1, 7), reversed_course=True))

        assert one is not None and other is not None
        assert {one.hand, other.hand} == {"left", "right"}
        assert one.parity == other.parity


class WhenTheCourseIsDrawn:
    @pytest.mark.parametrize("course", [COURSE, COURSE[::-1]])
    def test_it_is_walked_towards_rising_numbers_however_it_was_drawn(
        self, course: list[tuple[float, float]]
    ) -> None:
        found = side_of(LON, LAT + STEP, road(range(1, 7)), course)

        assert found == Side("left", "odd", "course")

    def test_doors_on_one_side_only_still_name_their_parity(self) -> None:
        odd = [one for one in road(range(1, 9)) if one[0] % 2]

        assert side_of(LON, LAT + STEP, odd, COURSE) == Side("left", "odd", "course")
        assert side_of(LON, LAT - STEP, odd, COURSE) == Side("right", None, "course")

    def test_doors_of_both_parities_on_one_side_name_none(self) -> None:
        row = [(n, x, LAT + STEP) for n, x, _y in road(range(1, 7))]

        assert side_of(LON, LAT + STEP, row, COURSE) == Side("left", None, "course")

    def test_a_course_of_one_place_is_none(self) -> None:
        found = side_of(LON, LAT + STEP, road(range(1, 7)), [(LON, LAT), (LON, LAT)])

        assert found is not None and found.derived_from == "course"
        assert side_of(LON, LAT + STEP, road(range(1, 7)), [(LON, LAT)]) == Side(
            "left", "odd", "doors"
        )


class WhenThereIsNoTelling:
    def test_no_door_and_one_door_say_nothing(self) -> None:
        assert side_of(LON, LAT, []) is None
        assert side_of(LON, LAT, road(range(1, 2)), COURSE) is None

    def test_an_odd_and_an_even_door_say_which_way_the_numbers_rise(self) -> None:
        found = side_of(LON, LAT + 3 * STEP, road(range(1, 3)))

        assert found is not None and found.derived_from == "doors"
