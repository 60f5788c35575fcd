"""Taking a list of addresses in: checked whole before the first row is written, then by COPY."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import numpy as np
import shapely
from sqlalchemy import Connection, select

from data.editions.loading import CAUSE, Progress, silent
from data.editions.source import csv_rows, file_source
from registry.addresses.address_code import codes
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.work import Work
from registry.errors import SourceIsUnreadable
from registry.names.tables import place_name_version

COLUMNS = (
    "division_code",
    "carrier",
    "number",
    "sub_number",
    "building",
    "unit",
    "floor",
    "room",
    "lon",
    "lat",
)
SRID = 4490
IMPORTED_ACCURACY_M = 10.0
"""Assumed of a list that does not say."""
CODE_BITS = 50
CHUNK = 10_000
STEP = 2_000
INNER = ("building", "unit", "floor", "room")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of a list may refer to."""

    divisions: Mapping[str, UUID]
    """By statistical code in force."""
    carriers: Mapping[str, UUID]
    """By name, standard or variant; names borne by two places are left out."""


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """One checked row."""

    line: int
    division_id: UUID
    carrier_id: UUID | None
    components: tuple[int | None, str | None, str | None, str | None, str | None, str | None]
    position_deg: tuple[float, float] | None

    @property
    def kind(self) -> str:
        """site, building, unit or room, by the innermost component."""
        _number, _sub, building, unit, floor, room = self.components
        if room:
            return "room"
        if unit or floor:
            return "unit"
        return "building" if building else "site"


def carriers_in_force(connection: Connection) -> dict[str, UUID]:
    """Roads and areas by every name believed to hold until further notice."""
    table = place_name_version
    found: dict[str, set[UUID]] = {}
    rows = connection.execute(
        select(table.c.text, table.c.named_place_id)
        .where(
            table.c.recorded_to.is_(None),
            table.c.status.in_(("standard", "variant")),
        )
        .order_by(table.c.text)
    )
    for row in rows:
        found.setdefault(row.text, set()).add(row.named_place_id)
    return {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}


def read_addresses(path: Path, known: Known) -> Iterator[ListedAddress]:
    """Stream the checked rows of a list, UTF-8 or GB18030.

    Raises:
        SourceIsUnreadable: wrong columns or encoding, a half-written last line, an unknown
            division or carrier, a number that is none, an address twice; file and line are named.
    """
    rows = csv_rows(file_source(path))
    _line, header = next(rows)
    names = tuple(name.strip() for name in header)
    if set(names) != set(COLUMNS):
        raise SourceIsUnreadable(
            path.name, f"line 1: the columns are {', '.join(names)}; expected {', '.join(COLUMNS)}"
        )
    seen: set[int] = set()
    for line, row in rows:
        listed = _read(path.name, line, dict(zip(names, row, strict=True)), known)
        identity = hash((listed.division_id, listed.carrier_id, listed.components))
        if identity in seen:
            raise SourceIsUnreadable(path.name, f"line {line}: this address stands there twice")
        seen.add(identity)
        yield listed


def load_address_file(
    work: Work,
    path: Path,
    known: Known,
    *,
    valid: str,
    draw: Callable[[int], "np.ndarray[Any, np.dtype[np.uint64]]"],
    progress: Progress = silent,
) -> int:
    """Check a list whole, then write it; returns how many addresses.

    Args:
        valid: range literal, such as `[2026-01-01,)`.
        draw: gives so many random numbers below 2**50.
    """
    total = sum(1 for _listed in read_addresses(path, known))
    namespace = uuid4()
    texts = _free_codes(work.connection, total, draw)

    def rows(make: Callable[[ListedAddress, int], Row | None]) -> Iterator[Row]:
        for number, listed in enumerate(read_addresses(path, known)):
            made = make(listed, number)
            if made is not None:
                yield made
            if number % STEP == 0:
                progress("Addresses", number, total)

    def object_id(number: int) -> UUID:
        return uuid5(namespace, f"object:{number}")

    def address_id(number: int) -> UUID:
        return uuid5(namespace, f"address:{number}")

    work.copy(
        addressable_object,
        ("object_id", "kind", "parent_id"),
        rows(lambda listed, number: (object_id(number), listed.kind, None)),
        cause=CAUSE,
    )
    work.copy(
        position_version,
        ("object_id", "position", "method", "accuracy_m", "valid"),
        rows(lambda listed, number: _position(listed, object_id(number), valid)),
        cause=CAUSE,
    )
    work.copy(
        address,
        ("address_id", "code", "object_id", "generated"),
        rows(lambda _listed, number: (address_id(number), texts[number], object_id(number), "f")),
        cause=CAUSE,
    )
    columns = ("address_id", "division_id", "carrier_id", *COLUMNS[2:8], "stage", "valid")
    work.copy(
        address_version,
        columns,
        rows(
            lambda listed, number: (
                address_id(number),
                listed.division_id,
                listed.carrier_id,
                *listed.components,
                "current",
                valid,
            )
        ),
        cause=CAUSE,
    )
    progress("Addresses", total, total)
    return total


def _position(listed: ListedAddress, object_id: UUID, valid: str) -> Row | None:
    if listed.position_deg is None:
        return None
    point = shapely.set_srid(shapely.Point(listed.position_deg), SRID)
    ewkb = shapely.to_wkb(point, hex=True, include_srid=True)
    return (object_id, ewkb, "digitised", IMPORTED_ACCURACY_M, valid)


def _read(source: str, line: int, row: Mapping[str, str], known: Known) -> ListedAddress:
    division_id = known.divisions.get(row["division_code"].strip())
    if division_id is None:
        raise SourceIsUnreadable(
            source, f"line {line}: no division in force bears the code {row['division_code']!r}"
        )
    carrier = row["carrier"].strip()
    carrier_id = known.carriers.get(carrier) if carrier else None
    if carrier and carrier_id is None:
        raise SourceIsUnreadable(
            source, f"line {line}: no road or settlement, or more than one, is called {carrier!r}"
        )
    number = row["number"].strip().removesuffix("号")
    if number and not (number.isascii() and number.isdigit()):
        raise SourceIsUnreadable(source, f"line {line}: {number!r} is not a door number")
    building, unit, floor, room = (row[name].strip() or None for name in INNER)
    if not (number or building or unit or floor or room):
        raise SourceIsUnreadable(source, f"line {line}: neither a number nor a building")
    ordinal = int(number) if number else None
    components = (ordinal, row["sub_number"].strip() or None, building, unit, floor, room)
    position = _degrees(source, line, row)
    return ListedAddress(line, division_id, carrier_id, components, position)


def _degrees(source: str, line: int, row: Mapping[str, str]) -> tuple[float, float] | None:
    if not (row["lon"].strip() or row["lat"].strip()):
        return None
    try:
        longitude, latitude = float(row["lon"]), float(row["lat"])
    except ValueError:
        longitude = latitude = float("nan")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise SourceIsUnreadable(
            source, f"line {line}: {row['lon']!r}, {row['lat']!r} is no longitude and latitude"
        )
    return longitude, latitude


def _free_codes(
    connection: Connection,
    count: int,
    draw: Callable[[int], "np.ndarray[Any, np.dtype[np.uint64]]"],
) -> list[str]:
    """Codes no address bears, all different."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = codes(draw(min(CHUNK, count - len(found))))
        taken = connection.scalars(select(address.c.code).where(address.c.code.in_(drawn)))
        held = set(taken)
        found.update((text, None) for text in drawn if text not in held)
    return list(found)
