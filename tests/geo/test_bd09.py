"""BD-09 and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.bd09 import from_bd09, to_bd09
from geo.gcj02 import to_gcj02

STATION_GCJ02 = np.array([[116.42703, 39.90245]])
STATION_BD09 = np.array([[116.43351, 39.90851]])
"""Beijing railway station as both grids' maps show it; from the documentation of R's geoChina."""


class WhenAPointIsShiftedTwice:
    def test_a_known_place_lies_where_both_maps_show_it(self) -> None:
        back = from_bd09(STATION_BD09)

        assert np.abs(to_gcj02(back) - STATION_GCJ02).max() < 3e-5

    @given(st.floats(75, 134), st.floats(4, 53))
    def test_taking_both_shifts_off_gives_the_point_back(
        self, longitude: float, latitude: float
    ) -> None:
        point = np.array([[longitude, latitude]])

        back = from_bd09(to_bd09(point))

        assert np.abs(back - point).max() < 5e-9

    @given(st.floats(75, 134), st.floats(4, 53))
    def test_baidus_grid_lies_within_two_kilometres(
        self, longitude: float, latitude: float
    ) -> None:
        point = np.array([[longitude, latitude]])

        assert np.abs(to_bd09(point) - point).max() < 0.025

    def test_no_points_are_no_points(self) -> None:
        assert from_bd09(np.empty((0, 2))).shape == (0, 2)
