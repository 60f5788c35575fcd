"""Values of a coverage check: pieces, tolerances, defects found, repairs offered.

All geometries are (longitude, latitude) in degrees, CGCS2000 (EPSG:4490).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0
"""Of latitude, and of longitude at the equator; good to 0.6 %, and only for tolerances."""
PARENT = "parent"
"""Stands for the parent's outline among the keys of a defect."""


class DefectKind(StrEnum):
    """What is wrong with a coverage (拓扑问题)."""

    GAP = "gap"
    """Land of the parent that nobody covers (空缺)."""
    OVERLAP = "overlap"
    """Land two pieces cover (重叠)."""
    SLIVER = "sliver"
    """A gap or an overlap narrower than the tolerance's width, or such a part of a piece (碎片)."""
    SELF_CROSSING = "self_crossing"
    """A ring crosses or touches itself, or lies where it must not (自相交)."""
    DANGLING = "dangling"
    """A ring goes out and comes back along itself, enclosing nothing (悬挂)."""
    OUTSIDE_PARENT = "outside_parent"
    """A piece lies beyond its parent (超出上级范围)."""
    OUTLINE_MISMATCH = "outline_mismatch"
    """The parent's outline runs beyond the pieces along it (与上级界线不符)."""
    NEIGHBOUR_MISMATCH = "neighbour_mismatch"
    """A piece and a neighbour under another parent do not share their edge (与相邻界线不符)."""
    MISSING_VERTEX = "missing_vertex"
    """A neighbour has a vertex on an edge where the piece has none (缺少公共节点)."""
    SPIKE = "spike"
    """A vertex stands out like a needle (尖刺)."""
    SEAT_OUTSIDE = "seat_outside"
    """The seat does not lie in the territory (驻地在范围之外)."""


WARNINGS = frozenset({DefectKind.MISSING_VERTEX, DefectKind.SPIKE, DefectKind.SEAT_OUTSIDE})
"""What no land is lost or doubled by; everything else must be mended before it is recorded."""


class RepairKind(StrEnum):
    """How a defect may be mended (修复方式)."""

    SNAP = "snap"
    """The edge is laid onto the neighbour's (贴合)."""
    FILL = "fill"
    """A gap is given to a piece (填补)."""
    TRIM = "trim"
    """What is too much is taken from a piece (修剪)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One territory of a coverage."""

    key: str
    territory: BaseGeometry
    """Polygon or MultiPolygon; may be invalid, must be finite."""
    seat: Point | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Territories of one level under one parent, with what lies around them."""

    pieces: tuple[Piece, ...]
    parent: BaseGeometry | None = None
    """None: unknown; then only holes among the pieces are gaps."""
    neighbours: tuple[Piece, ...] = ()
    """Of the same level under other parents; only their edge with the pieces is looked at."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Below these sizes nothing is a defect."""

    area_m2: float = 1.0
    width_m: float = 1.0
    """Gaps and overlaps narrower than this on average are slivers."""
    snap_m: float = 5.0
    """Edges this close to a neighbour's may be laid onto it, if somebody accepts that."""
    vertex_m: float = 0.001
    """A vertex this close to an edge lies on it."""
    spike_deg: float = 1.0
    spike_m: float = 1.0
    """A spike's shorter side is at least this long."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong, where and how much."""

    kind: DefectKind
    keys: tuple[str, ...]
    """The pieces it is about; `parent` stands for the parent's outline."""
    where: BaseGeometry
    size: float
    unit: str
    """m2 or m."""
    tolerance: float
    """In the same unit."""
    note: str = ""

    @property
    def place(self) -> Point:
        """One point to look at; degrees."""
        return self.where.representative_point()

    @property
    def grave(self) -> bool:
        """Whether it must be mended before it is recorded."""
        return self.kind not in WARNINGS


@dataclass(frozen=True, slots=True)
class Repair:
    """A way to mend one defect: nothing happens until somebody accepts it."""

    kind: RepairKind
    defect: int
    """Place of the defect in the list it was offered for."""
    adds: Mapping[str, BaseGeometry] = field(default_factory=dict)
    """Ground given to pieces."""
    takes: Mapping[str, BaseGeometry] = field(default_factory=dict)
    """Ground taken from pieces."""
    drops: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    """Vertices taken out of pieces."""
    shares: tuple[str, ...] = ()
    """Pieces whose edges take each other's vertices."""
    untangles: tuple[str, ...] = ()
    """Pieces whose rings are put in order; what encloses nothing is dropped."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The pieces it changes."""
        found = {*self.adds, *self.takes, *self.drops, *self.shares, *self.untangles}
        return tuple(sorted(found))


def metres_to_degrees(metres: float) -> float:
    """A small distance in degrees of latitude."""
    return metres / METRES_PER_DEGREE


def scale_at(geometry: BaseGeometry) -> tuple[float, float]:
    """Metres per degree of longitude and of latitude around a geometry."""
    _west, south, _east, north = geometry.bounds
    middle = math.radians((south + north) / 2)
    return METRES_PER_DEGREE * math.cos(middle), METRES_PER_DEGREE


def no_area() -> MultiPolygon:
    """The empty territory."""
    return MultiPolygon()
