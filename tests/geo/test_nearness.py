"""How near things lie: on the sphere in metres, on the plane of degrees for what is nearest."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import MultiLineString, Point

from geo.nearness import SPHERE_M, Distances, apart_deg, nearest_on

PLACES = st.tuples(st.floats(117.5, 118.5), st.floats(24.0, 25.0))
ANYWHERE = st.tuples(st.floats(-179.9, 179.9), st.floats(-89.9, 89.9))
LINES = st.lists(st.lists(PLACES, min_size=2, max_size=6), min_size=1, max_size=3)
SPHERE = Geod(a=SPHERE_M, b=SPHERE_M)


class WhenAPointLiesSomewhere:
    @given(ANYWHERE, ANYWHERE)
    def test_its_distance_is_that_on_the_sphere(
        self, one: tuple[float, float], other: tuple[float, float]
    ) -> None:
        _there, _back, metres = SPHERE.inv(*one, *other)

        assert Distances(*one).to_m(*other) == pytest.approx(metres, rel=1e-6, abs=0.01)

    @given(PLACES, st.floats(-5, 5), st.floats(-5, 5))
    def test_no_point_is_nearer_than_the_least_its_degrees_allow(
        self, one: tuple[float, float], east: float, north: float
    ) -> None:
        other = one[0] + east, one[1] + north
        distances = Distances(*one)

        assert distances.least_m(apart_deg(one, other)) <= distances.to_m(*other) + 1e-6

    def test_it_lies_nowhere_else(self) -> None:
        assert Distances(118.1, 24.5).to_m(118.1, 24.5) == 0.0


class WhenARoadIsDrawn:
    @given(PLACES, LINES)
    def test_the_nearest_point_of_it_is_as_far_away_as_the_road(
        self, point: tuple[float, float], lines: list[list[tuple[float, float]]]
    ) -> None:
        road = MultiLineString(lines)
        assume(not road.is_empty)

        away, lon, lat = nearest_on(*point, lines)

        assert away == pytest.approx(road.distance(Point(point)), abs=1e-12)
        assert apart_deg(point, (lon, lat)) == away

    def test_of_two_that_are_equally_near_the_first_counts(self) -> None:
        lines = [[(0.0, 1.0), (1.0, 1.0)], [(0.0, -1.0), (1.0, -1.0)]]

        assert nearest_on(0.5, 0.0, lines) == (1.0, 0.5, 1.0)

    @pytest.mark.parametrize(
        ("point", "found"),
        [
            ((-1.0, 0.0), (1.0, 0.0, 0.0)),
            ((3.0, 0.0), (1.0, 2.0, 0.0)),
            ((0.5, 0.0), (0.0, 0.5, 0.0)),
            ((1.5, 1.0), (1.0, 1.5, 0.0)),
        ],
    )
    def test_beyond_an_end_the_end_is_nearest(
        self, point: tuple[float, float], found: tuple[float, float, float]
    ) -> None:
        assert nearest_on(*point, [[(0.0, 0.0), (0.0, 0.0), (2.0, 0.0)]]) == found

    def test_a_line_of_one_point_is_that_point(self) -> None:
        assert nearest_on(0.0, 0.0, [[(3.0, 4.0)]]) == (5.0, 3.0, 4.0)
        assert math.isinf(nearest_on(0.0, 0.0, [])[0])
