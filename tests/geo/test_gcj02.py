"""GCJ-02 and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from geo.gcj02 import from_gcj02, geometry_from_gcj02, to_gcj02

XIAMEN = np.array([[118.08, 24.45], [118.18, 24.60], [118.35, 24.58]])


class WhenAPointIsShifted:
    def test_xiamen_moves_by_the_known_amount(self) -> None:
        shift = to_gcj02(XIAMEN) - XIAMEN

        assert np.allclose(shift[:, 0], 0.0050, atol=0.0004)
        assert np.allclose(shift[:, 1], -0.0026, atol=0.0004)

    def test_points_outside_the_grid_stay(self) -> None:
        strasbourg = np.array([[7.75, 48.58]])

        assert np.array_equal(to_gcj02(strasbourg), strasbourg)
        assert np.array_equal(from_gcj02(strasbourg), strasbourg)

    def test_no_points_are_no_points(self) -> None:
        assert from_gcj02(np.empty((0, 2))).shape == (0, 2)

    @given(st.floats(75, 134), st.floats(4, 53))
    def test_taking_the_shift_off_gives_the_point_back(
        self, longitude: float, latitude: float
    ) -> None:
        point = np.array([[longitude, latitude]])

        back = from_gcj02(to_gcj02(point))

        assert np.abs(back - point).max() < 2e-9

    def test_a_territory_moves_as_a_whole(self) -> None:
        shifted = Polygon(to_gcj02(np.array([[118, 24], [118.1, 24], [118.1, 24.1]])))

        back = geometry_from_gcj02(shifted)

        assert back.equals_exact(Polygon([(118, 24), (118.1, 24), (118.1, 24.1)]), 1e-8)
