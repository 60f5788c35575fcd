"""Three-way merge of a territory: two people changed it from the same beginning."""

from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import areal, ground_m2, roughly_m2, sound

LEAST_M2 = 0.01
"""Less is rounding."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What both made of it together."""

    territory: MultiPolygon
    conflict: MultiPolygon
    """Ground both sides changed, one otherwise than the other; empty: they agree."""

    @property
    def conflict_m2(self) -> float:
        """How much of it there is."""
        return ground_m2(self.conflict) if not self.conflict.is_empty else 0.0


def three_way(base: BaseGeometry, mine: BaseGeometry, theirs: BaseGeometry) -> Merged:
    """Put what I gained and lost since `base` onto theirs; EPSG:4490, degrees.

    What both changed in the same way is no conflict. Where only one changed anything, the other's
    territory is taken as it stands, vertex by vertex.
    """
    if _same(base, theirs) or _same(mine, theirs):
        return Merged(areal(mine), MultiPolygon())
    if _same(base, mine):
        return Merged(areal(theirs), MultiPolygon())
    old, own, other = sound(base), sound(mine), sound(theirs)
    mine_parts = areal(shapely.symmetric_difference(own, old)).geoms
    their_parts = areal(shapely.symmetric_difference(other, old)).geoms
    conflict = areal(
        shapely.union_all(
            [
                shapely.union(one, another)
                for one in mine_parts
                for another in their_parts
                if _disagree(one, another)
            ]
        )
    )
    gained, lost = shapely.difference(own, old), shapely.difference(old, own)
    merged = shapely.difference(shapely.union(other, gained), lost)
    return Merged(areal(merged), conflict)


def _disagree(mine: Polygon, theirs: Polygon) -> bool:
    """Whether two changes meet on the ground and are not the same change.

    A line moved by one metre here and by two there is a conflict, although the first metre is
    common to both.
    """
    if not shapely.intersects(mine, theirs):
        return False
    shared = roughly_m2(shapely.intersection(mine, theirs))
    apart = roughly_m2(shapely.symmetric_difference(mine, theirs))
    return shared >= LEAST_M2 and apart >= LEAST_M2


def _same(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(areal(one).normalize().equals_exact(areal(other).normalize()))
