"""Tiles of a coverage: no gaps, no overlaps, at any zoom, inside a tile and from one to the next."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from geo.tiling import (
    EXTENT,
    in_tile,
    onto_world,
    shared_edges,
    simplified,
    tile_at,
    tile_bounds,
)

QUANTUM = 1.0
"""A unit of the tile's grid."""


def coverage(seed: int, cells: int) -> list[Polygon]:
    """Crooked territories that share every edge, vertex by vertex; EPSG:4490."""
    chance = np.random.default_rng(seed)
    side = cells + 1
    corners = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).astype(float)
    corners[1:-1, 1:-1] += chance.uniform(-0.3, 0.3, (side - 2, side - 2, 2))

    def edge(one: tuple[int, int], other: tuple[int, int]) -> np.ndarray:
        a, b = sorted((one, other))
        start, end = corners[a], corners[b]
        steps = np.linspace(0, 1, 40)[:, None]
        wild = np.random.default_rng([seed, *a, *b])
        across = np.array([end[1] - start[1], start[0] - end[0]])
        # Calm near the corners, where edges meet.
        calm = np.sin(np.pi * np.linspace(0, 1, 40))
        wiggle = (wild.uniform(-0.05, 0.05, 40) * calm)[:, None] * across
        line = start + (end - start) * steps + wiggle
        return line if (a, b) == (one, other) else line[::-1]

    found = []
    for row in range(cells):
        for place in range(cells):
            ring = [
                (row, place),
                (row, place + 1),
                (row + 1, place + 1),
                (row + 1, place),
                (row, place),
            ]
            points = np.vstack([edge(a, b)[:-1] for a, b in pairwise(ring)])
            found.append(Polygon(points * 0.05 / cells + (118.05, 24.45)))
    assert shapely.coverage_is_valid(found)
    return found


def faults(shown: list[MultiPolygon], whole: MultiPolygon) -> tuple[float, float]:
    """How wide the widest gap and the widest overlap are, in units."""
    sound = [shapely.make_valid(one) for one in shown]
    union = shapely.union_all(sound)
    gaps = shapely.difference(shapely.make_valid(whole), union)
    overlap = shapely.union_all(
        [
            sound[a].intersection(sound[b])
            for a in range(len(sound))
            for b in shapely.STRtree(sound).query(sound[a])
            if b > a
        ]
        or [Polygon()]
    )
    return width(gaps), width(overlap)


def along_the_seam(shape: shapely.Geometry, column: int, row: int, *, at: int) -> shapely.Geometry:
    """Where a territory meets a side of a tile, laid on one line."""
    cut = in_tile(shape, column, row)
    side = shapely.LineString([(at, 0), (at, EXTENT)])
    met = shapely.intersection(Polygon() if cut is None else shapely.make_valid(cut), side)
    return shapely.transform(
        met, lambda points: np.column_stack((np.zeros(len(points)), points[:, 1]))
    )


def width(area: shapely.Geometry) -> float:
    """Width of the widest part: how far one can shrink it before it is gone."""
    parts = [part for part in shapely.get_parts(area) if part.geom_type.endswith("Polygon")]
    return max(
        (
            2 * shapely.maximum_inscribed_circle(part, 0.05).length
            for part in parts
            if part.area > 1e-9
        ),
        default=0.0,
    )


class TheTilesOfACoverage:
    @settings(max_examples=12)
    @given(seed=st.integers(0, 10_000), cells=st.integers(2, 5), zoom=st.integers(8, 16))
    def test_show_no_gap_and_no_overlap(self, seed: int, cells: int, zoom: int) -> None:
        territories = coverage(seed, cells)
        shapes = onto_world(np.array(territories), zoom)
        if zoom <= 12:
            shapes = simplified(shapes)
        x, y = tile_at(118.075, 24.475, zoom)

        for column in (x, x + 1):
            shown = [cut for one in shapes if (cut := in_tile(one, column, y)) is not None]
            window = box(0, 0, EXTENT, EXTENT)
            seen = [one.intersection(window) for one in map(shapely.make_valid, shown)]
            outline = in_tile(shapely.union_all(shapes), column, y)
            if outline is None:
                continue
            gap, overlap = faults(seen, shapely.make_valid(outline).intersection(window))
            assert gap <= QUANTUM and overlap <= QUANTUM

    @settings(max_examples=12)
    @given(seed=st.integers(0, 10_000), zoom=st.integers(12, 16))
    def test_go_on_in_the_next_tile(self, seed: int, zoom: int) -> None:
        shapes = onto_world(np.array(coverage(seed, 3)), zoom)
        x, y = tile_at(118.075, 24.475, zoom)

        for one in shapes:
            left, right = (
                along_the_seam(one, column, y, at=at) for column, at in ((x, EXTENT), (x + 1, 0))
            )
            assert shapely.symmetric_difference(left, right).length <= 4 * QUANTUM

    def test_keep_shared_vertices_shared(self) -> None:
        shapes = simplified(onto_world(np.array(coverage(7, 4)), 9))

        points = [set(map(tuple, shapely.get_coordinates(one))) for one in shapes]
        for one, other, line in shared_edges(shapes):
            assert set(map(tuple, shapely.get_coordinates(line))) <= points[one] & points[other]

    def test_have_outer_rings_of_positive_area(self) -> None:
        shapes = onto_world(np.array(coverage(3, 2)), 13)
        x, y = tile_at(118.06, 24.46, 13)

        for cut in filter(None, (in_tile(one, x, y) for one in shapes)):
            for part in cut.geoms:
                ring = np.array(part.exterior.coords)
                assert np.dot(ring[:-1, 0], ring[1:, 1]) > np.dot(ring[1:, 0], ring[:-1, 1])

    def test_leave_out_what_is_less_than_a_point(self) -> None:
        speck = onto_world(np.array([box(118.0, 24.0, 118.0 + 1e-9, 24.0 + 1e-9)]), 10)[0]

        assert in_tile(speck, *tile_at(118.0, 24.0, 10)) is None
        assert in_tile(speck, 0, 0) is None


class TheSharedEdges:
    @settings(max_examples=10)
    @given(seed=st.integers(0, 10_000), cells=st.integers(2, 4))
    def test_are_what_two_boundaries_have_in_common(self, seed: int, cells: int) -> None:
        territories = coverage(seed, cells)

        found = {(one, other): line for one, other, line in shared_edges(territories)}

        for one in range(len(territories)):
            for other in range(one + 1, len(territories)):
                common = territories[one].boundary.intersection(territories[other].boundary)
                length = found[one, other].length if (one, other) in found else 0.0
                assert length == pytest.approx(common.length, abs=1e-9)

    def test_of_nothing_are_none(self) -> None:
        assert shared_edges([]) == []
        assert shared_edges([Polygon(), box(0, 0, 1, 1)]) == []


class TheGrid:
    @given(st.integers(0, 16), st.floats(-179.9, 179.9), st.floats(-85, 85))
    def test_finds_the_tile_that_holds_a_point(self, zoom: int, lon: float, lat: float) -> None:
        west, south, east, north = tile_bounds(zoom, *tile_at(lon, lat, zoom))

        assert west - 1e-9 <= lon <= east + 1e-9 and south - 1e-9 <= lat <= north + 1e-9

    def test_covers_the_world_with_one_tile(self) -> None:
        assert tile_bounds(0, 0, 0) == pytest.approx((-180, -85.0511287798, 180, 85.0511287798))
