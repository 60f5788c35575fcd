"""Writing an index of positions beside one of doors; see `spot_index.py`."""

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from registry.search.spot_index import (
    BLOCK,
    FIRST_DAY,
    LAST_DAY,
    NO_DOOR,
    SPOT,
    Array,
    SpotTables,
    cell_of,
)
from registry.search.spot_reads import SPOT_COLUMNS, believed_spots
from registry.search.tabular import Numbered, ids_of, joined, read_all

FINEST, COARSEST = 17, 4
"""Cells are 2⁻¹⁷ to 2⁻⁴ degrees wide."""
FEW_IN_A_CELL = 6
"""A cell holds at least so many, for half of all spots."""
_TYPES = dict.fromkeys(SPOT_COLUMNS, pa.string()) | {
    "longitude_deg": pa.float64(),
    "latitude_deg": pa.float64(),
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
}


class DoorsWritten(NamedTuple):
    """What spots tell of the rows of an index of doors, in their order: `(n,)` each."""

    object_id: Array
    carrier: Array
    number: Array
    within: Array
    kind: Array


def write_spots(connection: Connection, folder: Path, doors: DoorsWritten) -> None:
    """Write the positions believed now into the folder of an index of doors.

    Args:
        connection: sees the state whose doors were written.
    """
    how = Numbered()
    batches = [
        _spots(batch, how)
        for batch in read_all(connection, believed_spots(), folder / "spots.csv", _TYPES)
    ]
    spots = np.concatenate([np.zeros(0, SPOT), *batches])
    cell_deg = _cell_deg(spots["lon"], spots["lat"])
    cells = cell_of(spots["lon"], spots["lat"], cell_deg)
    order = np.argsort(cells, kind="stable")
    cells, spots = cells[order], spots[order]
    several = _join(spots, doors)
    cells.tofile(folder / "cells")
    several.tofile(folder / "several")
    spots.tofile(folder / "spots")
    told = SpotTables(
        cell_deg=cell_deg,
        spots=len(spots),
        how=[(method, float(accuracy)) for method, accuracy in how.split()],
        blocks=_blocks(cells).tobytes(),
        several=len(several),
    )
    (folder / "spot_tables").write_bytes(msgspec.msgpack.encode(told))


def _spots(batch: pa.RecordBatch, how: Numbered) -> Array:
    column = dict(zip(SPOT_COLUMNS, batch.columns, strict=True))
    made = np.zeros(len(batch), SPOT)
    made["object_id"] = ids_of(column["object_id"])
    made["lon"] = column["longitude_deg"].to_numpy(zero_copy_only=False)
    made["lat"] = column["latitude_deg"].to_numpy(zero_copy_only=False)
    for name, otherwise in (("valid_from", FIRST_DAY), ("valid_to", LAST_DAY)):
        held = column[name].cast(pa.int32()).fill_null(otherwise)
        made[name] = held.to_numpy(zero_copy_only=False)
    made["how"] = how.of(joined(column, ("method", "accuracy_m")))
    return made


def _cell_deg(lon: Array, lat: Array) -> float:
    """So wide that half of all spots have a few others in their cell."""
    for power in range(FINEST, COARSEST, -1):
        _cells, alike = np.unique(cell_of(lon, lat, 2.0**-power), return_counts=True)
        shared = np.sort(np.repeat(alike, alike))
        if len(shared) and shared[len(shared) // 2] >= FEW_IN_A_CELL:
            return float(2.0**-power)
    return float(2.0**-COARSEST)


def _blocks(cells: Array) -> Array:
    rows, columns = cells >> np.uint64(32), cells & np.uint64(0xFFFF_FFFF)
    side = np.uint64(BLOCK)
    return np.unique((rows // side) << np.uint64(32) | columns // side)


def _join(spots: Array, doors: DoorsWritten) -> Array:
    """Tell each spot its doors; `(n,) uint32`, the rows where there are several."""
    of_spot, of_door = _alike(spots["object_id"], doors.object_id)
    counted = np.bincount(of_door, minlength=int(of_spot.max(initial=-1)) + 1)
    by_object = np.argsort(of_door, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counted)[:-1]))
    many = counted[of_spot]
    spots["door"] = NO_DOOR
    one = many == 1
    rows = by_object[starts[of_spot[one]]]
    spots["door"][one] = rows
    for name in ("carrier", "number", "within", "kind"):
        spots[name][one] = getattr(doors, name)[rows]
    listed: list[int] = []
    place_of: dict[int, int] = {}
    for place in np.flatnonzero(many > 1).tolist():
        thing = int(of_spot[place])
        if thing not in place_of:
            place_of[thing] = len(listed)
            start = int(starts[thing])
            listed += [
                int(counted[thing]),
                *by_object[start : start + int(counted[thing])].tolist(),
            ]
        spots["door"][place] = NO_DOOR - 1 - place_of[thing]
    return np.array(listed, np.uint32)


def _alike(one: Array, other: Array) -> tuple[Array, Array]:
    """Numbers for the ids of both, the same where they are: `(n,) int64`, `(m,) int64`."""
    halves = np.concatenate((one, other)).view(np.uint64).reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    inside = halves[order]
    differs = np.any(inside[1:] != inside[:-1], axis=1)
    numbers = np.empty(len(halves), np.int64)
    numbers[order] = np.concatenate(([0], np.cumsum(differs)))[: len(halves)]
    return numbers[: len(one)], numbers[len(one) :]
