"""Areas on the ellipsoid: right against an independent measure, and additive."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from geo.area import area_m2
from geo.errors import GeometryIsInvalid

GEODESICS = Geod(a=6378137.0, rf=298.257222101)
place = st.tuples(st.floats(100, 120), st.floats(-60, 60))


class TheArea:
    @given(place)
    def test_agrees_with_geodesics_where_edges_are_short(self, at: tuple[float, float]) -> None:
        square = shapely.segmentize(box(at[0], at[1], at[0] + 0.1, at[1] + 0.1), 0.001)

        geodesic, _perimeter = GEODESICS.geometry_area_perimeter(square)

        assert area_m2(square) == pytest.approx(abs(geodesic), rel=1e-8)

    @given(place, st.floats(0.1, 0.9), st.floats(0.1, 0.9))
    def test_of_two_pieces_makes_that_of_the_whole(
        self, at: tuple[float, float], low: float, high: float
    ) -> None:
        x, y = at
        whole = box(x, y, x + 1, y + 1)
        left = Polygon([(x, y), (x + low, y), (x + high, y + 1), (x, y + 1)])
        right = Polygon([(x + low, y), (x + 1, y), (x + 1, y + 1), (x + high, y + 1)])

        assert area_m2(left) + area_m2(right) == pytest.approx(area_m2(whole), abs=0.01)

    @given(place)
    def test_stays_the_same_when_a_point_is_put_on_an_edge(self, at: tuple[float, float]) -> None:
        whole = box(at[0], at[1], at[0] + 1, at[1] + 1)

        assert area_m2(shapely.segmentize(whole, 0.01)) == pytest.approx(area_m2(whole), abs=0.01)

    def test_leaves_holes_out_and_adds_parts(self) -> None:
        holed = Polygon(box(118, 24, 119, 25).exterior, [box(118.2, 24.2, 118.4, 24.4).exterior])
        island = box(118.25, 24.25, 118.35, 24.35)
        hole = area_m2(box(118.2, 24.2, 118.4, 24.4))

        assert area_m2(MultiPolygon([holed, island])) == pytest.approx(
            area_m2(box(118, 24, 119, 25)) - hole + area_m2(island), abs=0.01
        )

    def test_is_refused_to_a_ring_that_crosses_itself(self) -> None:
        with pytest.raises(GeometryIsInvalid, match="Self-intersection"):
            area_m2(Polygon(LineString([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]).coords))

    def test_of_nothing_is_nothing(self) -> None:
        assert area_m2(Polygon()) == 0.0
