"""Standard addresses of the demonstration: made up, marked so, the same on every machine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import shapely
from sqlalchemy import Connection, select

from data.demo.baseline import DEMO
from data.demo.carriers import Carrier, city_carriers
from data.demo.doors import Door, doors_of
from data.demo.ground import Ground, ground_of
from data.demo.marking import mark
from data.demo.places import place_id
from data.demo.seeds import generator
from data.demo.stories import told_doors
from data.editions.loading import CAUSE, Progress, refresh_statistics
from registry.addresses.address_code import codes
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.model import Intent, Verb
from registry.changes.tables import change
from registry.changes.work import OpenWork, Work

SRID = 4490
FIRST_DAY = date(2016, 1, 1)
METHOD = "generated"
ACCURACY_M = 50.0
BATCH = 50_000
"""Addresses in one work: little is lost when the load is stopped, and memory stays flat."""
CODE_BITS = 50
SCATTER = 0x9E37_79B9_7F4A_7C15
"""Odd, so that multiplying by it shuffles the numbers below 2**50 without a collision."""
WEIGHT_OF_ROAD = 2.0
KEY = "demo:addresses"
TITLE = "Demonstration: addresses"
TABLES = (addressable_object, position_version, address, address_version)

OBJECT_COLUMNS = ("object_id", "kind", "parent_id")
POSITION_COLUMNS = ("object_id", "position", "method", "accuracy_m", "valid")
ADDRESS_COLUMNS = ("address_id", "code", "object_id", "generated")
VERSION_COLUMNS = (
    "address_id",
    "division_id",
    "carrier_id",
    "number",
    "sub_number",
    "building",
    "unit",
    "floor",
    "room",
    "stage",
    "valid",
)
Row = tuple[Any, ...]
Connect = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Quota:
    """How many addresses a carrier gets, and the running number of the first."""

    carrier: Carrier
    told: Sequence[Door]
    count: int
    first: int


@dataclass(frozen=True, slots=True)
class _Rows:
    objects: list[Row] = field(default_factory=list)
    positions: list[Row] = field(default_factory=list)
    addresses: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)


def load_addresses(open_work: OpenWork, connect: Connect, wanted: int, progress: Progress) -> None:
    """Generate and write addresses, batch by batch; batches that are there are left alone.

    A registry that holds demonstration addresses keeps the number it was first asked for.
    """
    with connect() as connection:
        done = _keys_done(connection)
        ground = ground_of(connection)
    total = int(sorted(done)[0].split(":")[2]) if done else wanted
    quotas = shares(city_carriers(ground.land), total)
    total = sum(quota.count for quota in quotas)
    for number, batch in enumerate(_batches(quotas)):
        key = f"{KEY}:{total}:{number}"
        if key not in done:
            with open_work(Intent("demo", Verb.IMPORT, TITLE, source_key=key)) as work:
                work.start()
                _write(work, batch, ground)
        progress("Addresses", batch[-1].first + batch[-1].count, total)


def shares(carriers: Sequence[Carrier], wanted: int) -> list[Quota]:
    """Divide the wanted number among the carriers; the examples' doors are never left out."""
    told = told_doors()
    least = sum(len(told.get(carrier.text, ())) for carrier in carriers)
    weights = np.array(
        [1.0 if one.is_area or one.is_village else WEIGHT_OF_ROAD for one in carriers]
    )
    cumulative = np.round(np.cumsum(weights) / weights.sum() * max(0, wanted - least))
    extra = np.diff(cumulative, prepend=0.0).astype(int)
    found, first = [], 0
    for carrier, more in zip(carriers, extra, strict=True):
        own = told.get(carrier.text, [])
        found.append(Quota(carrier, own, len(own) + int(more), first))
        first += len(own) + int(more)
    return found


def code_numbers(first: int, count: int) -> "np.ndarray[Any, np.dtype[np.uint64]]":
    """The numbers behind a run of address codes: `(count,) uint64` below 2**50, all different."""
    running = np.arange(first + 1, first + 1 + count, dtype=np.uint64)
    return (running * np.uint64(SCATTER)) & np.uint64((1 << CODE_BITS) - 1)


def _keys_done(connection: Connection) -> set[str]:
    keys = connection.scalars(
        select(change.c.source_key).where(change.c.source_key.startswith(f"{KEY}:"))
    )
    return set(keys)


def _batches(quotas: Sequence[Quota]) -> Iterator[list[Quota]]:
    batch: list[Quota] = []
    held = 0
    for quota in quotas:
        batch.append(quota)
        held += quota.count
        if held >= BATCH:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _write(work: Work, batch: Sequence[Quota], ground: Ground) -> None:
    rows = _Rows()
    for quota in batch:
        if quota.count:
            _collect(rows, quota, ground)
    work.copy(addressable_object, OBJECT_COLUMNS, rows.objects, cause=CAUSE)
    work.copy(position_version, POSITION_COLUMNS, rows.positions, cause=CAUSE)
    work.copy(address, ADDRESS_COLUMNS, rows.addresses, cause=CAUSE)
    work.copy(address_version, VERSION_COLUMNS, rows.versions, cause=CAUSE)
    refresh_statistics(work.connection, *(table.name for table in TABLES))


def _collect(rows: _Rows, quota: Quota, ground: Ground) -> None:
    """Generate the addresses of one carrier."""
    carrier = quota.carrier
    random = generator(f"doors:{carrier.key}")
    rural = carrier.is_village or carrier.is_area
    doors = list(doors_of(list(quota.told), quota.count, random, village=rural))
    marked = [door for door in doors if door.has_position]
    told = sum(door.has_position for door in quota.told)
    points, villages = mark(carrier, marked, ground.land, random, told=told)
    village_of = {door.components: village for door, village in zip(marked, villages, strict=True)}
    carrier_id = None if carrier.is_village else place_id(carrier)
    ids: dict[tuple[object, ...], UUID] = {}
    for door, code in zip(doors, codes(code_numbers(quota.first, len(doors))), strict=True):
        holder = door.inside
        village = village_of[
            door.components if holder is None or door.has_position else holder.components
        ]
        village_of[door.components] = village
        unit = ground.units[village]
        object_id, address_id = uuid5(DEMO, f"object:{code}"), uuid5(DEMO, f"address:{code}")
        ids[door.components] = object_id
        parent = None if holder is None else ids[holder.components]
        rows.objects.append((object_id, door.kind, parent))
        rows.addresses.append((address_id, code, object_id, "t"))
        valid = _valid(unit.begun)
        rows.versions.append(
            (address_id, unit.division_id, carrier_id, *door.components, door.stage, valid)
        )
    valid_positions = [_valid(ground.units[village].begun) for village in villages]
    ewkb = shapely.to_wkb(
        shapely.set_srid(shapely.points(points), SRID), hex=True, include_srid=True
    )
    rows.positions.extend(
        (ids[door.components], position, METHOD, ACCURACY_M, valid)
        for door, position, valid in zip(marked, ewkb, valid_positions, strict=True)
    )


def _valid(begun: date | None) -> str:
    """Since the first day of the demonstration's addresses, or of the village."""
    return f"[{FIRST_DAY if begun is None else max(FIRST_DAY, begun)},)"
