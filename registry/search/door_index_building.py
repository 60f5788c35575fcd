"""Writing an index of doors from what the registry believes; see `door_index.py`."""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine

from registry.changes.store import ChangeStore
from registry.search.door_index import (
    FOLDER,
    NOTHING,
    RECORD,
    UNFINISHED,
    Inner,
    Tables,
    change_of,
    folders_in,
)
from registry.search.door_index_reads import COLUMNS, believed_doors, recorded_at
from registry.search.spot_index import EPOCH
from registry.search.spot_index_building import DoorsWritten, write_spots
from registry.search.tabular import (
    ABSENT,
    APART,
    Array,
    Numbered,
    ids_of,
    is_null,
    joined,
    read_all,
)

RECORDS = np.dtype(
    [
        ("address_id", "V16"), ("object_id", "V16"), ("code", "S12"), ("carrier", "<i4"),
        ("number", "<i4"), ("within", "<i4"), ("parts", "<i4"), ("kind", "<i4"),
        ("lon", "<f8"), ("lat", "<f8"),
    ]
)  # fmt: skip
assert RECORDS.itemsize == RECORD.size
_INNER = ("sub_number", "building", "unit", "floor", "room")
_KIND = ("kind", "generated", "stage", "method", "accuracy_m", "depth")
_WITHIN = ("division_id", "valid_from", "valid_to")
_TYPES = dict.fromkeys(COLUMNS, pa.string()) | {
    "number": pa.int32(),
    "longitude_deg": pa.float64(),
    "latitude_deg": pa.float64(),
}


class CodeIsTooLong(ValueError):
    """The index keeps codes of at most twelve characters; a registry with longer ones has none."""


@dataclass(slots=True)
class _Tables:
    places: Numbered = field(default_factory=Numbered)
    within: Numbered = field(default_factory=Numbered)
    parts: Numbered = field(default_factory=Numbered)
    kinds: Numbered = field(default_factory=Numbered)


def write_index(engine: Engine, home: Path) -> Path:
    """Write the doors believed now, on a connection of its own; see `build_index`."""
    repeatable = engine.execution_options(isolation_level="REPEATABLE READ")
    with repeatable.connect() as connection:
        return build_index(connection, home)


def build_index(connection: Connection, home: Path) -> Path:
    """Write the doors believed now into a folder of their own; older folders are removed.

    Newer ones are left: another process may have written one in the meantime.

    Args:
        connection: in a transaction that sees one state (REPEATABLE READ).
        home: where indexes are kept.

    Raises:
        CodeIsTooLong: there is an address whose code does not fit.
    """
    head = ChangeStore(connection).head()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=home) as place:
        made = Path(place) / "index"
        made.mkdir()
        tables = _Tables()
        passing = Path(place) / "doors.csv"
        batches = [
            _records(batch, tables)
            for batch in read_all(connection, believed_doors(), passing, _TYPES)
        ]
        write_spots(connection, made, _write(made, batches))
        told = _told(tables, head, recorded_at(connection, head), sum(map(len, batches)))
        (made / "tables").write_bytes(msgspec.msgpack.encode(told))
        target = home / f"{FOLDER}{head}"
        shutil.rmtree(target, ignore_errors=True)
        _settle(made)
        made.rename(target)
    for older in folders_in(home):
        if (change_of(older) or 0) < head:
            # Whoever has it mapped keeps it until the last look-up.
            shutil.rmtree(older, ignore_errors=True)
    return target


def _settle(folder: Path) -> None:
    """Onto the disk before it has its name: a power cut would leave files of the right size, of zeros."""
    for one in folder.iterdir():
        with one.open("rb") as held:
            os.fsync(held.fileno())


def _records(batch: pa.RecordBatch, tables: _Tables) -> Array:
    """Records of one batch, in no order: `(n,) RECORDS` with the key beside: `(n,) uint64`."""
    column = dict(zip(COLUMNS, batch.columns, strict=True))
    made = np.zeros(len(batch), dtype=[("key", "<u8"), *RECORDS.descr])
    places = tables.places.of(column["place"])
    number = column["number"].fill_null(NOTHING).to_numpy(zero_copy_only=False)
    code = column["code"].to_numpy(zero_copy_only=False).astype("S")
    if code.dtype.itemsize > 12:
        raise CodeIsTooLong(code.dtype.itemsize)
    open_ = pc.equal(column["open"], "t").to_numpy(zero_copy_only=False)
    below = np.where(number == NOTHING, 0, number.astype(np.int64) + 1).astype(np.uint64)
    made["key"] = (places.astype(np.uint64) << np.uint64(32)) | below
    made["address_id"] = ids_of(column["address_id"])
    made["object_id"] = ids_of(column["object_id"])
    made["code"] = code
    made["carrier"] = np.where(is_null(column["carrier_id"]), -1, places)
    made["number"] = number
    made["within"] = tables.within.of(joined(column, _WITHIN))
    made["parts"] = tables.parts.of(joined(column, _INNER))
    kind = tables.kinds.of(joined(column, _KIND))
    made["kind"] = np.where(open_, ~kind, kind)
    for short, long in (("lon", "longitude_deg"), ("lat", "latitude_deg")):
        made[short] = column[long].fill_null(0.0).to_numpy(zero_copy_only=False)
    return made


def _write(folder: Path, batches: list[Array]) -> DoorsWritten:
    whole = (
        np.concatenate(batches) if batches else np.zeros(0, dtype=[("key", "<u8"), *RECORDS.descr])
    )
    order = np.lexsort((whole["parts"], whole["key"]))
    whole["key"][order].tofile(folder / "keys")
    whole["parts"][order].astype("<u4").tofile(folder / "parts")
    names = list(RECORDS.names or ())
    with (folder / "rows").open("wb") as out:
        for start in range(0, len(order), 1 << 16):
            some = whole[order[start : start + (1 << 16)]]
            made = np.zeros(len(some), dtype=RECORDS)
            for name in names:
                made[name] = some[name]
            out.write(made.tobytes())
    kind = whole["kind"][order]
    return DoorsWritten(
        whole["object_id"][order],
        whole["carrier"][order],
        whole["number"][order],
        whole["within"][order],
        np.where(kind < 0, ~kind, kind),
    )


def _told(tables: _Tables, head: int, moment: str, rows: int) -> Tables:
    return Tables(
        change=head,
        recorded_at=moment,
        rows=rows,
        places=b"".join(bytes.fromhex(one.replace("-", "")) for one in tables.places.places),
        within=[_within(*one.split(APART)) for one in tables.within.places],
        parts=[_inner(one) for one in tables.parts.places],
        kinds=[_kind(*one.split(APART)) for one in tables.kinds.places],
    )


def _within(unit: str, since: str, until: str) -> tuple[bytes, int | None, int | None]:
    return bytes.fromhex(unit.replace("-", "")), _days(since), _days(until)


def _days(text: str) -> int | None:
    return None if text == ABSENT else date.fromisoformat(text).toordinal() - EPOCH


def _inner(joined: str) -> Inner:
    sub, building, unit, floor, room = (
        None if one == ABSENT else one for one in joined.split(APART)
    )
    return (sub, building, unit, floor, room)


def _kind(
    object_kind: str, generated: str, stage: str, method: str, accuracy: str, depth: str
) -> tuple[str, bool, str, str, float, int]:
    if method == ABSENT:
        return object_kind, generated == "t", stage, "", 0.0, 0
    return object_kind, generated == "t", stage, method, float(accuracy), int(depth)
