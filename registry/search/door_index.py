"""All doors (门牌) in one place on disk, held in memory once for every process that reads them.

A register of two million doors is asked thousands of times a second where a few of them stand. So
what was believed after one change is written out once, sorted by carrier (or by village where there
is none), number and parts, and found by bisection; the database is asked about everything else.
What is searched is mapped, what is found is read.

The files of an index, side by side in a folder named after the change:

- `keys`: for each row, in order, `place << 32 | number + 1` (0 where there is no number), uint64;
- `parts`: for each row the place of its parts in the table below, uint32, ascending within a key;
- `rows`: `RECORD`, one for each row;
- `tables`: what records refer to by place (msgpack), and which change is shown.

A row whose address has several versions, or a position that comes and goes, is *open*: it can be
found, and then the database must be asked. The place of its kind is written as its complement.
Positions lie beside (`spot_index.py`).
"""

import os
import struct
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from geo.geocode.candidates import Door
from geo.geocode.lookups import ANY
from geo.geocode.parts import BUILDING_WORDS, FLOOR_WORDS, ROOM_WORDS, UNIT_WORDS
from registry.search.spot_index import EPOCH, SpotIndex, mapped, refuse_other_size

RECORD = struct.Struct("<16s16s12siiiiidd")
"""Address id, object id, code, carrier, number, within, parts, kind, longitude, latitude."""
_KIND_ALONE = struct.Struct("<i")
_KIND_AT = RECORD.size - struct.calcsize("<idd")
NOTHING = -(1 << 31)
"""Stands for a number that is not there."""
NEAR = 64

Inner = tuple[str | None, str | None, str | None, str | None, str | None]
"""Sub-number, building, unit, floor, room; to be looked up without their words."""


class Within(NamedTuple):
    """The division a door lies in, and when its components hold; dates half open."""

    division_id: UUID
    valid_from: date | None
    valid_to: date | None


class Kind(NamedTuple):
    """What many doors have alike."""

    object_kind: str
    generated: bool
    stage: str
    method: str
    accuracy_m: float
    position_depth: int


class Tables(msgspec.Struct, frozen=True):
    """What the records of an index refer to, each by its place."""

    change: int
    """Everything up to it is shown, and nothing else."""
    recorded_at: str
    """When it was recorded: tells this registry from another that has as many changes."""
    rows: int
    places: bytes
    """Ids of carriers and villages, 16 bytes each."""
    within: list[tuple[bytes, int | None, int | None]]
    """Days since 1970-01-01."""
    parts: list[Inner]
    kinds: list[tuple[str, bool, str, str, float, int]]


class DoorRow(NamedTuple):
    """One door as it stands in an index."""

    address_id: bytes
    object_id: bytes
    code: str
    carrier_id: UUID | None
    number: int | None
    within: Within
    parts: Inner
    kind: Kind | None
    """None: the row is open."""
    longitude_deg: float
    latitude_deg: float


class DoorIndex:
    """The doors believed after one change; nothing in it ever changes."""

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder.

        Raises:
            OSError: it is gone.
            ValueError: it is not whole.
        """
        tables = msgspec.msgpack.decode((folder / "tables").read_bytes(), type=Tables)
        self.change = tables.change
        self.recorded_at = tables.recorded_at
        self.count = tables.rows
        ids = (tables.places[at : at + 16] for at in range(0, len(tables.places), 16))
        self._places = [UUID(bytes=one) for one in ids]
        self._place_of = {one: place for place, one in enumerate(self._places)}
        self._within = [
            Within(UUID(bytes=unit), _day(since), _day(until))
            for unit, since, until in tables.within
        ]
        self._parts = tables.parts
        self._bare = [bare(one) for one in tables.parts]
        self._kinds = [Kind(*one) for one in tables.kinds]
        self._parted: dict[Inner, list[int]] = {}
        for place, inner in enumerate(self._bare):
            self._parted.setdefault(inner, []).append(place)
        self.spots = SpotIndex(folder)
        self._keys = mapped(folder / "keys", "Q", self.count)
        self._of_row = mapped(folder / "parts", "I", self.count)
        refuse_other_size(folder / "rows", self.count * RECORD.size)
        # Not mapped: a page of them would count as memory of each process that read one row of it.
        self._rows = os.open(folder / "rows", os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._rows)

    @property
    def divisions(self) -> frozenset[UUID]:
        """The divisions doors lie in."""
        return frozenset(one.division_id for one in self._within)

    def rows_at(self, place: UUID, number: int | None) -> range:
        """The rows of a number on a carrier, or of a village that has no carriers."""
        ordinal = self._place_of.get(place)
        if ordinal is None:
            return range(0)
        key = ordinal << 32 | (0 if number is None else number + 1)
        first = bisect_left(self._keys, key)
        if first == self.count or self._keys[first] != key:
            return range(0)
        # Most numbers have few doors: their end is near.
        last = min(first + NEAR, self.count)
        last = self.count if self._keys[last - 1] == key else last
        return range(first, bisect_right(self._keys, key, first, last))

    def with_parts(self, rows: range, wanted: Inner) -> Iterable[int]:
        """Those of the rows of one number that have the parts asked for."""
        if not rows:
            return ()
        if ANY in wanted[1:]:
            fitting = (n for n in rows if _fits(self._bare[self._of_row[n]], wanted))
            return list(fitting)
        found: list[int] = []
        for ordinal in self._parted.get(wanted, ()):
            at = bisect_left(self._of_row, ordinal, rows.start, rows.stop)
            while at < rows.stop and self._of_row[at] == ordinal:
                found.append(at)
                at += 1
        return found

    def row(self, number: int) -> DoorRow:
        """One row."""
        address_id, object_id, code, carrier, door, within, parts, kind, lon, lat = RECORD.unpack(
            os.pread(self._rows, RECORD.size, number * RECORD.size)
        )
        return DoorRow(
            address_id,
            object_id,
            code.decode(),
            None if carrier < 0 else self._places[carrier],
            None if door == NOTHING else door,
            self._within[within],
            self._parts[parts],
            None if kind < 0 else self._kinds[kind],
            lon,
            lat,
        )

    def kinds(self) -> Sequence[Kind]:
        """What many doors have alike, by place."""
        return self._kinds

    def withins(self) -> Sequence[Within]:
        """Where many doors lie, by place."""
        return self._within

    def place_of(self, place: UUID) -> int | None:
        """The place of a carrier or village; None: no door stands there."""
        return self._place_of.get(place)

    def version(self, number: int) -> tuple[DoorRow, Kind]:
        """One row, and what it is even when it is open: the position in it is not to be shown then."""
        row = self.row(number)
        if row.kind is not None:
            return row, row.kind
        (kind,) = _KIND_ALONE.unpack(
            os.pread(self._rows, _KIND_ALONE.size, number * RECORD.size + _KIND_AT)
        )
        return row, self._kinds[~kind]


def door_of(row: DoorRow) -> Door:
    """A row that is not open, as a door."""
    kind = row.kind
    assert kind is not None
    sub, building, unit, floor, room = row.parts
    return Door(
        UUID(bytes=row.address_id), row.code, row.within.division_id, row.carrier_id, row.number,
        sub, building, unit, floor, room, kind.stage,
        row.longitude_deg, row.latitude_deg, kind.method, kind.accuracy_m,
    )  # fmt: skip


def stands(within: Within, on: date) -> bool:
    """Whether a door stands on a day where it lies."""
    since, until = within.valid_from, within.valid_to
    return (since is None or since <= on) and (until is None or on < until)


def bare(inner: Inner) -> Inner:
    """Parts as they are looked up: without their words, as the database compares them."""
    sub, *rest = inner
    words = (BUILDING_WORDS, UNIT_WORDS, FLOOR_WORDS, ROOM_WORDS)
    building, unit, floor, room = (
        None if one is None else one.rstrip(word) for one, word in zip(rest, words, strict=True)
    )
    return (sub, building, unit, floor, room)


def _fits(held: Inner, wanted: Inner) -> bool:
    return held[0] == wanted[0] and all(
        asked in (ANY, own) for own, asked in zip(held[1:], wanted[1:], strict=True)
    )


def _day(number: int | None) -> date | None:
    return None if number is None else date.fromordinal(EPOCH + number)


def change_of(folder: Path) -> int | None:
    """The change whose doors a folder holds; None: it is no index."""
    number = folder.name.removeprefix(FOLDER)
    return int(number) if folder.name.startswith(FOLDER) and number.isdigit() else None


FOLDER = "doors-"
UNFINISHED = "building-"
"""What folders begin with that somebody writes, or was writing when it was killed."""


def folders_in(home: Path) -> Sequence[Path]:
    """The indexes kept in a place, newest first."""
    found = [one for one in home.glob(f"{FOLDER}*") if change_of(one) is not None]
    return sorted(found, key=lambda one: change_of(one) or 0, reverse=True)
