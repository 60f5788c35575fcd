"""A copy in a plain GeoPackage: one table a table, what is believed now, for any desktop GIS.

GDAL makes the file; rows are written through SQLite itself, so that a page of changes and the
place in the feed are one transaction. What it holds is hashed from what is stored, byte for byte
as the source writes it.
"""

import json
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import geopandas
import pandas as pd
from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, Table

from api.replica.mirror import Collapsed
from api.replica.model import LOG, Followed, Page, RowLine, view_of
from registry.changes.lines import row_columns
from registry.changes.replay import TABLES
from registry.changes.snapshot import RangeHash, hashes_of, tables_shown
from registry.changes.view import FeedView
from registry.errors import ReplicaFollowsAnother
from registry.log.notes import VerifierKey
from registry.log.record import ChangeRecord
from registry.log.store import LogKey

SRID = 4490
SRID_FLAG = 0x20000000
STATE = "place_registry_replica"
AT_ONCE = 5000
GPKG_HEADER = b"GP\x00\x01" + struct.pack("<i", SRID)
"""Version 1, little endian, no envelope."""
LAYER_KINDS = {"POINT": "Point", "MULTIPOLYGON": "MultiPolygon"}


class GeoPackageTarget:
    """A copy in one file."""

    keeps_history = False

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def state(self) -> Followed | None:
        """What it follows; None when there is no file yet.

        Raises:
            ReplicaFollowsAnother: the file is something else.
        """
        if not self._file.exists():
            return None
        try:
            row = self._open().execute(f"SELECT state FROM {STATE}").fetchone()  # noqa: S608 -- a constant of ours
        except sqlite3.DatabaseError as error:
            raise ReplicaFollowsAnother(target=str(self._file), holds="something else") from error
        state = json.loads(row[0])
        within = state.pop("within")
        view = view_of(
            None if within is None else UUID(within), state.pop("collections"), state.pop("kinds")
        )
        return Followed(view=view, **state)

    def begin(self, followed: Followed) -> None:
        """Make the file beside its place, whole, and put it there."""
        fresh = self._file.with_name(f".{self._file.stem}.new.gpkg")
        fresh.unlink(missing_ok=True)
        for table in tables_shown(followed.view):
            _make_layer(fresh, table)
        connection = sqlite3.connect(fresh, isolation_level=None)
        for table in tables_shown(followed.view):
            own = "version_id" if "version_id" in table.c else table.info["key"]
            connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN within TEXT')
            connection.execute(f'CREATE UNIQUE INDEX "{table.name}_own" ON "{table.name}" ({own})')
            if own != table.info["key"]:
                key = table.info["key"]
                connection.execute(f'CREATE INDEX "{table.name}_key" ON "{table.name}" ({key})')
        connection.execute(f"CREATE TABLE {STATE} (single INTEGER PRIMARY KEY, state TEXT)")
        _keep(connection, followed)
        connection.close()
        fresh.rename(self._file)

    def load(self, followed: Followed, rows: Iterable[RowLine]) -> None:
        """Take in one collection of the first snapshot."""
        assert followed.loading is not None
        with _Transaction(self._open()) as connection:
            _put(connection, rows)
            _keep(connection, followed.after_loading(followed.loading))

    def load_log(
        self, followed: Followed, records: Iterable[ChangeRecord], log: Sequence[LogKey]
    ) -> None:
        """A GeoPackage keeps no log: its rows are checked by hashes."""
        del records, log
        with _Transaction(self._open()) as connection:
            _keep(connection, followed.after_loading(LOG))

    def apply(self, page: Page) -> None:
        """Take in the next changes."""
        followed = self.state()
        assert followed is not None
        shown = {str(table.name) for table in tables_shown(followed.view)}
        with _Transaction(self._open()) as connection:
            held = Collapsed()
            for number, line in page.rows:
                if line.table in shown:
                    line.row.setdefault("recorded_from", number)
                    held.take(line)
            for name, gone in held.out.items():
                own = "version_id" if "version_id" in TABLES[name].c else TABLES[name].info["key"]
                connection.executemany(
                    f'DELETE FROM "{name}" WHERE {own} = ?',  # noqa: S608 -- names of our own tables
                    ((one,) for one in gone),
                )
            _put(connection, (line for rows in held.put.values() for line in rows.values()))
            _keep(connection, followed.at(page.records[-1].number))

    def hashes(self, view: FeedView, change: int) -> list[RangeHash]:
        """Hashes of what it holds, computed from what it holds."""
        del change
        return hashes_of(_lines(self._open(), view))

    def root(self, size: int) -> bytes | None:
        """None: it keeps no log."""
        del size
        return None

    def first_keys(self) -> list[VerifierKey]:
        """The key its source signed with when they first met."""
        followed = self.state()
        if followed is None or followed.first_key is None:
            return []
        return [VerifierKey.parse(followed.first_key)]

    def checked(self, change: int, note: str, keys: Sequence[LogKey]) -> None:
        """Remember that all hashes were equal at a change."""
        del note, keys
        followed = self.state()
        assert followed is not None
        with _Transaction(self._open()) as connection:
            _keep(connection, followed, checked=change)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._file, isolation_level=None)
            # A kill between two pages must leave the file as one of them wrote it.
            self._connection.execute("PRAGMA synchronous = FULL")
        return self._connection


class _Transaction:
    """All that is written in the block, or nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def to_blob(ewkb_hex: str) -> bytes:
    """A geometry as a GeoPackage stores it, from EWKB in hexadecimal, little endian."""
    raw = bytes.fromhex(ewkb_hex)
    kind = struct.unpack_from("<I", raw, 1)[0] & ~SRID_FLAG
    return GPKG_HEADER + raw[:1] + struct.pack("<I", kind) + raw[9:]


def to_ewkb(blob: bytes) -> str:
    """The same backwards."""
    raw = blob[len(GPKG_HEADER) :]
    kind = struct.unpack_from("<I", raw, 1)[0] | SRID_FLAG
    return (raw[:1] + struct.pack("<II", kind, SRID) + raw[5:]).hex()


def _make_layer(file: Path, table: Table) -> None:
    columns = row_columns(table)
    geometry = next((one for one in columns if isinstance(one.type, Geometry)), None)
    empty = {one.name: pd.Series([], dtype=_dtype(one)) for one in columns if one is not geometry}
    empty["recorded_from"] = pd.Series([], dtype="int64")
    options = {"layer": str(table.name), "driver": "GPKG", "engine": "pyogrio"}
    if geometry is None:
        # GDAL writes a table without geometry from a plain frame.
        import pyogrio

        pyogrio.write_dataframe(
            pd.DataFrame(empty), file, layer=str(table.name), driver="GPKG", append=file.exists()
        )
        return
    frame = geopandas.GeoDataFrame(
        empty, geometry=geopandas.GeoSeries([], crs=SRID), crs=f"EPSG:{SRID}"
    ).rename_geometry(geometry.name)
    kind = LAYER_KINDS.get(str(getattr(geometry.type, "geometry_type", "")), "Unknown")
    frame.to_file(
        file,
        mode="a" if file.exists() else "w",
        geometry_type=kind,
        GEOMETRY_NAME=geometry.name,
        SPATIAL_INDEX="NO",
        **options,
    )


def _dtype(column: Column[Any]) -> str:
    if isinstance(column.type, Boolean):
        return "bool"
    if isinstance(column.type, Double):
        return "float64"
    return "int64" if isinstance(column.type, BigInteger | Integer) else "object"


def _put(connection: sqlite3.Connection, rows: Iterable[RowLine]) -> None:
    held = iter(rows)
    while batch := list(islice(held, AT_ONCE)):
        by_table: dict[str, list[RowLine]] = {}
        for line in batch:
            by_table.setdefault(line.table, []).append(line)
        for name, lines in by_table.items():
            columns = row_columns(TABLES[name])
            names = [*(column.name for column in columns), "recorded_from", "within"]
            marks = ", ".join("?" * len(names))
            listed = ", ".join(f'"{one}"' for one in names)
            connection.executemany(
                f'INSERT INTO "{name}" ({listed}) VALUES ({marks})',  # noqa: S608 -- names of our own tables
                ([*_stored(columns, line), line.row["recorded_from"], line.row.get("within")]
                 for line in lines),
            )  # fmt: skip


def _stored(columns: list[Column[Any]], line: RowLine) -> Iterator[Any]:
    for column in columns:
        value = line.row[column.name]
        if value is not None and isinstance(column.type, Geometry):
            value = to_blob(value)
        elif isinstance(value, dict):
            value = f"[{value['from'] or ''},{value['to'] or ''})".replace("[,", "(,")
        yield value


def _lines(connection: sqlite3.Connection, view: FeedView) -> Iterator[tuple[str, str, bytes]]:
    for table in tables_shown(view):
        columns = row_columns(table)
        key = table.info["key"]
        names = [*(column.name for column in columns), "recorded_from"]
        writers: list[Callable[[Any], str]] = [*(_writer(column) for column in columns), str]
        place = names.index(key)
        order = f"{key}, version_id" if "version_id" in table.c else key
        listed = ", ".join(f'"{one}"' for one in names)
        found = connection.execute(
            f'SELECT {listed}, within FROM "{table.name}" ORDER BY {order}'  # noqa: S608 -- names of our own tables
        )
        for *values, within in found:
            pairs = [
                f'"{name}":{"null" if value is None else write(value)}'
                for name, write, value in zip(names, writers, values, strict=True)
            ]
            if within is not None:
                pairs.append(f'"within":"{within}"')
            line = f'{{"table":"{table.name}","row":{{{",".join(pairs)}}}}}'
            yield str(table.name), values[place], line.encode()


def _writer(column: Column[Any]) -> Callable[[Any], str]:
    """How the source's database writes such a value into JSON."""
    if isinstance(column.type, Geometry):
        return lambda blob: f'"{to_ewkb(blob)}"'
    if isinstance(column.type, Boolean):
        return lambda value: "true" if value else "false"
    if isinstance(column.type, Double):
        return lambda value: repr(value).removesuffix(".0")
    if isinstance(column.type, BigInteger | Integer):
        return str
    return lambda value: json.dumps(value, ensure_ascii=False)


def _keep(
    connection: sqlite3.Connection, followed: Followed, *, checked: int | None = None
) -> None:
    state = {
        "source_url": followed.source_url,
        "origin": followed.origin,
        "within": None if followed.view.within is None else str(followed.view.within),
        "collections": sorted(followed.view.collections),
        "kinds": sorted(followed.view.kinds),
        "change": followed.change,
        "loading": followed.loading,
        "first_key": followed.first_key,
        "checked_change": followed.checked_change if checked is None else checked,
    }
    connection.execute(
        f"INSERT OR REPLACE INTO {STATE} VALUES (1, ?)",  # noqa: S608 -- a constant of ours
        (json.dumps(state, ensure_ascii=False),),
    )
