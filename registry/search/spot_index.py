"""All positions (位置点) in one place on disk, found by where they are.

Beside the doors of an index (`door_index.py`) lie these:

- `cells`: for each spot, in order, the cell of a grid it lies in, `row << 32 | column`, uint64;
- `spots`: `SPOT`, one for each believed version of a position;
- `several`: rows of doors of objects that have more than one, each time after their number, uint32;
- `spot_tables`: what spots refer to by place (msgpack).

The cells of one row of the grid lie one after the other, so what is near is found with two
bisections a row. A spot says itself what is told of most doors: carrier, number, stage and days.
"""

import math
import mmap
import os
import struct
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

SPOT = np.dtype(
    [
        ("lon", "<f8"), ("lat", "<f8"), ("object_id", "V16"),
        ("valid_from", "<i4"), ("valid_to", "<i4"), ("how", "<i4"), ("door", "<i4"),
        ("carrier", "<i4"), ("number", "<i4"), ("within", "<i4"), ("kind", "<i4"),
    ]
)  # fmt: skip
"""Days since 1970-01-01, half open; the rest are places in tables."""
FIRST_DAY, LAST_DAY = -(1 << 31), (1 << 31) - 1
_SPOT = struct.Struct("<dd16siiiiiiii")
assert _SPOT.size == SPOT.itemsize
NO_DOOR = -1
"""Below it, `NO_DOOR - 1 - n`: several doors, from the n-th number of their file on."""
WEST_DEG, SOUTH_DEG = 180.0, 90.0
NEAR_CELLS = (1, 2)
"""How many cells around its own are looked at first."""
BLOCK = 16
FEW_BLOCKS = 4
ALIKE = 1 + 1e-12
"""Squares that differ by less may belong to equal distances."""
SAFELY = 1 - 1e-9
"""A window is trusted this far, for a cell is reckoned in floating point."""
Array = np.ndarray[Any, np.dtype[Any]]


class SpotTables(msgspec.Struct, frozen=True):
    """What spots refer to by place."""

    cell_deg: float
    spots: int
    how: list[tuple[str, float]]
    """Method, and accuracy in metres."""
    blocks: bytes
    """Where there are any: `(n,) uint64`, squares of `BLOCK` cells a side, numbered as cells are."""
    several: int
    """So many numbers are in the file of that name."""


Record = tuple[float, float, bytes, int, int, int, int, int, int, int, int]
"""A spot, field by field."""
Near = tuple[float, bytes, Record]
"""How far a spot is on the plane of degrees, and its object: nearest first, of equals by their ids."""


class SpotIndex:
    """The positions believed after one change; nothing in it ever changes."""

    def __init__(self, folder: Path) -> None:
        """Open those in a folder.

        Raises:
            OSError: they are gone.
            ValueError: they are not whole.
        """
        tables = msgspec.msgpack.decode((folder / "spot_tables").read_bytes(), type=SpotTables)
        self.how = tables.how
        self._cell_deg = tables.cell_deg
        self._cells = mapped(folder / "cells", "Q", tables.spots)
        self._several = mapped(folder / "several", "I", tables.several)
        refuse_other_size(folder / "spots", tables.spots * SPOT.itemsize)
        # Not mapped: a page of them would count as memory of each process that read one of it.
        self._spots = os.open(folder / "spots", os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._spots)
        blocks = np.frombuffer(tables.blocks, np.uint64)
        self._block_rows = (blocks >> np.uint64(32)).astype(np.int64)
        self._block_columns = (blocks & np.uint64(0xFFFF_FFFF)).astype(np.int64)

    def rows_of(self, door: int) -> Sequence[int]:
        """The rows of doors at a spot, in the index of doors."""
        if door >= 0:
            return (door,)
        if door == NO_DOOR:
            return ()
        at = NO_DOOR - 1 - door
        return self._several[at + 1 : at + 1 + self._several[at]].tolist()

    def nearest(
        self, lon: float, lat: float, on: date, *, count: int, furthest_deg: float, moved: frozenset[bytes]
    ) -> list[Near]:  # fmt: skip
        """The spots of a day nearest to a point (degrees), nearest first.

        Some as far away as the last, or all but, may follow it, so there may be more than `count`;
        none when the nearest is further away than `furthest_deg`.

        Args:
            moved: ids of objects whose spots are not to be believed.
        """
        day = days(on)
        column = math.floor((lon + WEST_DEG) / self._cell_deg)
        row = math.floor((lat + SOUTH_DEG) / self._cell_deg)
        for around in NEAR_CELLS:
            window = range(row - around, row + around + 1), column - around, column + around
            read = self._read(*window)
            reach = self._reach_deg(lon, lat, around)
            some = _quickly(read, lon, lat, day, count, reach, moved)
            if some is not None:
                return some
        return self._further(lon, lat, day, count, furthest_deg, moved)

    def _further(
        self, lon: float, lat: float, day: int, count: int, furthest_deg: float, moved: frozenset[bytes]
    ) -> list[Near]:  # fmt: skip
        """The same by whole blocks, the nearest first, each time twice as many."""
        away = self._blocks_away_deg(lon, lat)
        order = np.argsort(away, kind="stable")
        spots, taken, more = np.zeros(0, SPOT), 0, FEW_BLOCKS
        while taken < len(order):
            read = [spots, *map(self._block, order[taken : taken + more].tolist())]
            spots, taken, more = np.concatenate(read), taken + more, more * 2
            reach = float(away[order[taken]]) * SAFELY if taken < len(order) else math.inf
            found = measured(spots, lon, lat, day, moved)
            if reach > furthest_deg and not (found[0] <= furthest_deg).any():
                break
            some = first_of(found, count, reach)
            if some is not None:
                return some
        return []

    def _reach_deg(self, lon: float, lat: float, around: int) -> float:
        """How far around a point a window of cells holds everything."""
        across, up = (lon + WEST_DEG) / self._cell_deg, (lat + SOUTH_DEG) / self._cell_deg
        x, y = across - math.floor(across), up - math.floor(up)
        return (around + min(x, 1 - x, y, 1 - y)) * self._cell_deg * SAFELY

    def _blocks_away_deg(self, lon: float, lat: float) -> Array:
        """How far the blocks are at least: `(n,) float64`."""
        side = self._cell_deg * BLOCK
        west, south = self._block_columns * side - WEST_DEG, self._block_rows * side - SOUTH_DEG
        east = np.maximum(np.maximum(west - lon, lon - west - side), 0.0)
        north = np.maximum(np.maximum(south - lat, lat - south - side), 0.0)
        away: Array = np.hypot(east, north)
        return away

    def _block(self, place: int) -> Array:
        row, column = int(self._block_rows[place]) * BLOCK, int(self._block_columns[place]) * BLOCK
        read = self._read(range(row, row + BLOCK), column, column + BLOCK - 1)
        return np.frombuffer(read, SPOT)

    def _read(self, rows: range, west: int, east: int) -> bytes:
        """The spots in a window of cells, `west` and `east` columns included."""
        cells, size, start = self._cells, SPOT.itemsize, 0
        read = []
        for row in rows:
            start = bisect_left(cells, row << 32 | max(west, 0), start) if row >= 0 else 0
            end = bisect_right(cells, row << 32 | east, start) if row >= 0 else 0
            if end > start:
                read.append(os.pread(self._spots, (end - start) * size, start * size))
            start = end
        return b"".join(read)


def _quickly(
    read: bytes, lon: float, lat: float, day: int, count: int, reach: float, moved: frozenset[bytes]
) -> list[Near] | None:  # fmt: skip
    """The nearest of some spots, and those as far away.

    None: too few lie within reach, or one of them is not to be believed on the day.
    """
    if len(read) < count * SPOT.itemsize:
        return None
    apart = np.frombuffer(read, np.float64).reshape(-1, SPOT.itemsize // 8)[:, :2] - (lon, lat)
    apart *= apart
    squares = apart[:, 0] + apart[:, 1]
    furthest = float(np.partition(squares, count - 1)[count - 1]) * ALIKE
    if furthest >= reach * reach:
        return None
    found, unpacked, root = [], _SPOT.unpack_from, math.sqrt
    for place in np.flatnonzero(squares <= furthest).tolist():
        one = unpacked(read, place * SPOT.itemsize)
        x, y, object_id, since, until = one[:5]
        if not since <= day < until or object_id in moved:
            return None
        east, north = x - lon, y - lat
        found.append((root(east * east + north * north), object_id, one))
    found.sort()
    return found


def measured(
    spots: Array, lon: float, lat: float, day: int, moved: frozenset[bytes] = frozenset()
) -> tuple[Array, Array]:
    """How far the spots of a day are from a point on the plane of degrees, and they."""
    held = (spots["valid_from"] <= day) & (day < spots["valid_to"])
    if moved:
        held &= [one.tobytes() not in moved for one in spots["object_id"]]
    if not held.all():
        spots = spots[held]
    east, north = spots["lon"] - lon, spots["lat"] - lat
    return np.sqrt(east * east + north * north), spots


def first_of(found: tuple[Array, Array], count: int, reach: float) -> list[Near] | None:
    """The nearest of some spots, and those as far away; None: too few lie within reach.

    Args:
        found: how far they are, and they, as `measured`.
    """
    away, spots = found
    if len(away) < count:
        if reach < math.inf:
            return None
        furthest = math.inf
    else:
        furthest = float(np.partition(away, count - 1)[count - 1])
        if furthest >= reach:
            return None
    near = away <= furthest
    return sorted(
        (metres, one[2], one)
        for metres, one in zip(away[near].tolist(), spots[near].tolist(), strict=True)
    )


def cell_of(lon: Array, lat: Array, cell_deg: float) -> Array:
    """The cells of points: `(n,) uint64`."""
    row = np.floor((lat + SOUTH_DEG) / cell_deg).astype(np.uint64)
    column = np.floor((lon + WEST_DEG) / cell_deg).astype(np.uint64)
    return (row << np.uint64(32)) | column


def days(on: date) -> int:
    """Days since 1970-01-01."""
    return on.toordinal() - EPOCH


EPOCH = date(1970, 1, 1).toordinal()


def mapped(file: Path, form: Literal["Q", "I"], count: int) -> memoryview:
    """A file of numbers, mapped.

    Raises:
        ValueError: it does not hold so many.
    """
    size = count * struct.calcsize(form)
    refuse_other_size(file, size)
    if size == 0:
        return memoryview(b"").cast(form)
    with file.open("rb") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)).cast(form)


def refuse_other_size(file: Path, wanted: int) -> None:
    """Refuse a file that was cut off.

    Raises:
        ValueError: it is of another size.
    """
    size = file.stat().st_size
    if size != wanted:
        raise ValueError(f"{file.name} holds {size} bytes instead of {wanted}")
