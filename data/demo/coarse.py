"""Outlines for when the real ones cannot be had: honest about being coarse."""

import shapely
from shapely.geometry.base import BaseGeometry

from data.demo.city import ANCHORS, DISTRICTS, rows_of
from data.demo.outlines import Outlines
from data.demo.partition import GRID_DEG, joined

COARSE_SOURCE = "coarse outline around rough positions of townships; neither coast nor border"
MARGIN_DEG = 0.03
"""How far beyond the outermost townships the city is taken to reach."""


def coarse_outlines() -> Outlines:
    """Districts as the places nearer to one of their townships than to another district's.

    They form a coverage like real ones, but neither coast nor border is in them.
    """
    anchors = [
        ((float(row["longitude"]), float(row["latitude"])), row["code"][:6])
        for row in rows_of(ANCHORS)
    ]
    points = shapely.MultiPoint([position for position, _district in anchors])
    extent = points.convex_hull.buffer(MARGIN_DEG, quad_segs=4)
    cells = shapely.voronoi_polygons(points, extend_to=extent.buffer(1), only_edges=True)
    lines = shapely.union_all([extent.boundary, cells], grid_size=GRID_DEG)
    members: dict[str, list[BaseGeometry]] = {code: [] for code in DISTRICTS}
    for face in shapely.get_parts(shapely.polygonize([lines])):
        inside = face.representative_point()
        if extent.contains(inside):
            nearest = min(anchors, key=lambda one: inside.distance(shapely.Point(one[0])))
            members[nearest[1]].append(face)
    return {code: joined(faces) for code, faces in members.items()}
