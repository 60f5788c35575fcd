"""Doors of a unit that is divided: to which part each belongs, and which a person must settle.

Membership first (the places a part names), geometry second (where the door stands). A door is on
the edge when it stands within a tolerance of the dividing line, has no position, or stands where
the other doors of its carrier do not: these are listed, and the paper settles each by its code.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0
"""Of latitude, and of longitude at the equator; good to 0.6 %, and only for a tolerance."""
MOSTLY = 0.9
"""A carrier goes where this share of its doors goes."""
FEW = 3
"""Doors a carrier must have before it says anything about one of them."""
STAYS, LOOSE = -1, -2
"""In place of a part: with the unit itself; nowhere yet."""


class EdgeReason(StrEnum):
    """Why a person must say where a door belongs."""

    NEAR_LINE = "near_line"
    NO_POSITION = "no_position"
    CARRIER_DISAGREES = "carrier_disagrees"
    OUTSIDE = "outside"
    """It stands outside the territory of its unit."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Addresses of one unit as parallel columns, in the order of their codes."""

    ids: tuple[UUID, ...]
    codes: tuple[str, ...]
    carriers: tuple[UUID | None, ...]
    positions: NDArray[np.float64]
    """(n, 2) longitude and latitude in degrees; NaN: none."""

    @classmethod
    def none(cls) -> "Doors":
        """No doors."""
        return cls((), (), (), np.empty((0, 2)))

    @classmethod
    def together(cls, parts: Sequence["Doors"]) -> "Doors":
        """Doors of several units as those of one."""
        found = cls(
            tuple(one for part in parts for one in part.ids),
            tuple(one for part in parts for one in part.codes),
            tuple(one for part in parts for one in part.carriers),
            np.vstack([part.positions for part in parts]),
        )
        if len(parts) == 1:
            return found
        order = sorted(range(len(found.codes)), key=found.codes.__getitem__)
        return found.take(np.array(order, dtype=np.intp))

    def take(self, rows: NDArray[np.intp]) -> "Doors":
        """Some of them."""
        return Doors(
            tuple(self.ids[row] for row in rows),
            tuple(self.codes[row] for row in rows),
            tuple(self.carriers[row] for row in rows),
            self.positions[rows],
        )


@dataclass(frozen=True, slots=True)
class EdgeDoor:
    """A door on the edge, and the part it would go to."""

    code: str
    division_id: UUID
    """The unit that is divided."""
    reason: EdgeReason
    guess: UUID | None
    """None: nothing points anywhere."""


@dataclass(frozen=True, slots=True)
class Division:
    """How a unit is divided: who takes which ground, which places and which doors."""

    unit: UUID
    takers: Sequence[UUID]
    """Units that take a part, in order."""
    keeps: bool
    """The unit keeps what nobody takes."""
    pieces: Mapping[UUID, MultiPolygon]
    """Ground by taker, `unit` itself for what it keeps; empty: nothing is divided on the ground."""
    line: BaseGeometry | None
    """Where the pieces meet."""
    places: Mapping[UUID, UUID] = field(default_factory=dict)
    """Named place to taker."""
    settled: Mapping[str, UUID] = field(default_factory=dict)
    """Address code to taker, or to the unit itself."""
    edge_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where every door goes."""

    goes: NDArray[np.intp]
    """(n,) index into `takers`, STAYS or LOOSE."""
    edge: tuple[EdgeDoor, ...]
    """Doors nobody has settled."""


def assign(doors: Doors, division: Division) -> Assignment:
    """Send every door of a divided unit to its part."""
    takers = list(division.takers)
    ground, near = _by_ground(doors, division)
    named = _by_place(doors, division)
    goes = np.where(named != LOOSE, named, ground)
    if not division.pieces:
        goes = np.where(goes == LOOSE, STAYS if division.keeps else LOOSE, goes)
    reasons = _reasons(doors, division, ground, named, goes, near)
    index = {taker: place for place, taker in enumerate(takers)} | {division.unit: STAYS}
    settled = {code: index[unit] for code, unit in division.settled.items()}
    if settled:
        for place, code in enumerate(doors.codes):
            given = settled.get(code)
            if given is not None:
                goes[place] = given
                reasons.pop(place, None)
    edge = tuple(
        EdgeDoor(doors.codes[place], division.unit, reason, _guess(goes[place], division))
        for place, reason in sorted(reasons.items())
    )
    return Assignment(goes, edge)


def _reasons(
    doors: Doors,
    division: Division,
    ground: NDArray[np.intp],
    named: NDArray[np.intp],
    goes: NDArray[np.intp],
    near: NDArray[np.bool_],
) -> dict[int, EdgeReason]:
    """Which rows a person must settle, and why; of several reasons the one hardest to overlook."""
    placed = ~np.isnan(doors.positions[:, 0])
    unclaimed = named == LOOSE
    if not division.pieces:
        return dict.fromkeys(map(int, np.flatnonzero(goes == LOOSE)), EdgeReason.NO_POSITION)
    found: dict[int, EdgeReason] = dict.fromkeys(
        _strays(doors, np.where(near, LOOSE, goes)), EdgeReason.CARRIER_DISAGREES
    )
    for rows, reason in (
        (~unclaimed & (ground != LOOSE) & (named != ground), EdgeReason.CARRIER_DISAGREES),
        (near & unclaimed, EdgeReason.NEAR_LINE),
        (placed & (ground == LOOSE) & unclaimed, EdgeReason.OUTSIDE),
        (~placed & unclaimed, EdgeReason.NO_POSITION),
    ):
        found |= dict.fromkeys(map(int, np.flatnonzero(rows)), reason)
    return found


def _by_ground(doors: Doors, division: Division) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The piece each door stands in, and whether it stands near the line."""
    count = len(doors.ids)
    goes = np.full(count, LOOSE, dtype=np.intp)
    near = np.zeros(count, dtype=bool)
    if not division.pieces or not count:
        return goes, near
    lon, lat = doors.positions[:, 0], doors.positions[:, 1]
    order = {taker: place for place, taker in enumerate(division.takers)} | {division.unit: STAYS}
    for unit, piece in division.pieces.items():
        shapely.prepare(piece)
        goes[(goes == LOOSE) & shapely.contains_xy(piece, lon, lat)] = order[unit]
    if division.line is not None and division.edge_m > 0 and not division.line.is_empty:
        near = _within(doors.positions, division.line, division.edge_m)
    return goes, near


def _within(positions: NDArray[np.float64], line: BaseGeometry, metres: float) -> NDArray[np.bool_]:
    """Whether each position lies within so many metres of a line; NaN lies nowhere."""
    middle = math.cos(math.radians((line.bounds[1] + line.bounds[3]) / 2))
    scale = np.array([METRES_PER_DEGREE * middle, METRES_PER_DEGREE])
    flat = shapely.transform(line, lambda degrees: degrees * scale)
    shapely.prepare(flat)
    near = np.zeros(len(positions), dtype=bool)
    known = np.flatnonzero(~np.isnan(positions[:, 0]))
    points = shapely.points(positions[known] * scale)
    near[known] = shapely.dwithin(flat, points, metres)
    return near


def _by_place(doors: Doors, division: Division) -> NDArray[np.intp]:
    index = {taker: place for place, taker in enumerate(division.takers)}
    claimed = {place: index[taker] for place, taker in division.places.items()}
    if not claimed:
        return np.full(len(doors.ids), LOOSE, dtype=np.intp)
    return np.array(
        [LOOSE if one is None else claimed.get(one, LOOSE) for one in doors.carriers],
        dtype=np.intp,
    )


def _strays(doors: Doors, goes: NDArray[np.intp]) -> list[int]:
    """Doors that go elsewhere than nearly all others of their carrier."""
    rows: dict[UUID, list[int]] = {}
    for row, carrier in enumerate(doors.carriers):
        if carrier is not None and goes[row] != LOOSE:
            rows.setdefault(carrier, []).append(row)
    strays: list[int] = []
    for found in rows.values():
        parts, counts = np.unique(goes[found], return_counts=True)
        if len(parts) == 1 or len(found) <= FEW or counts.max() < MOSTLY * len(found):
            continue
        most = parts[counts.argmax()]
        strays += [row for row in found if goes[row] != most]
    return strays


def _guess(goes: np.intp, division: Division) -> UUID | None:
    if goes == STAYS:
        return division.unit
    return None if goes == LOOSE else division.takers[int(goes)]
