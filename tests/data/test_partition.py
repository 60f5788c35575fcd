"""The illustrative partition: exact, whatever it is asked to cut."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, box

from data.demo.city import BASELINE_EDITION, CITY, DISTRICTS, SAMPLE, village_groups
from data.demo.coarse import coarse_outlines
from data.demo.partition import VillageGroup, joined, partition
from data.editions.reader import read_edition

Outlines = dict[str, MultiPolygon]


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    return coarse_outlines()


@pytest.fixture(scope="module")
def townships() -> dict[str, str]:
    """Township of every village of the city in the baseline edition."""
    rows = read_edition(SAMPLE / "nbs_villages_fujian.csv.gz", BASELINE_EDITION)
    return {row.code: row.code[:9] for row in rows if row.code.startswith(CITY)}


class WhenTheCityIsPartitioned:
    def test_villages_cover_the_districts_without_gap_or_overlap(
        self, outlines: Outlines, townships: dict[str, str]
    ) -> None:
        villages = partition(outlines, village_groups(townships))

        assert villages.keys() == townships.keys()
        assert shapely.coverage_is_valid(list(villages.values()))
        for code in DISTRICTS:
            members = [drawn for village, drawn in villages.items() if village.startswith(code)]
            apart = joined(members).symmetric_difference(outlines[code])
            assert apart.area < outlines[code].area * 1e-6

    def test_it_comes_out_the_same_again(
        self, outlines: Outlines, townships: dict[str, str]
    ) -> None:
        groups = village_groups(townships)

        first, second = partition(outlines, groups), partition(outlines, groups)

        assert all(first[code].equals_exact(second[code], 0) for code in first)

    def test_villages_of_one_later_subdistrict_lie_together(
        self, townships: dict[str, str]
    ) -> None:
        groups = village_groups(townships)["350213"]

        anchors = {group.villages: group.anchor_deg for group in groups}

        fengxiang = [
            anchor
            for villages, anchor in anchors.items()
            if {"350213102008", "350213104002"} & set(villages)
        ]
        assert len(fengxiang) == 2
        assert np.hypot(*(np.array(fengxiang[0]) - fengxiang[1])) < 0.05


class WhenAnyDistrictIsPartitioned:
    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.floats(118.0, 118.2), st.floats(24.4, 24.6), st.integers(1, 9)),
            min_size=1,
            max_size=6,
        )
    )
    def test_the_parts_make_up_the_whole(self, places: list[tuple[float, float, int]]) -> None:
        outline = MultiPolygon([box(118.0, 24.4, 118.1, 24.6), box(118.12, 24.4, 118.2, 24.5)])
        groups = [
            VillageGroup((x, y), tuple(f"{number}-{village}" for village in range(size)))
            for number, (x, y, size) in enumerate(places)
        ]

        villages = partition({"d": outline}, {"d": groups})

        assert len(villages) == sum(size for _x, _y, size in places)
        assert shapely.coverage_is_valid(list(villages.values()))
        assert joined(list(villages.values())).symmetric_difference(outline).area < 1e-7
