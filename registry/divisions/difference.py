"""What differs between two points of both clocks: divisions (行政区划) and names (地名)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, func, select

from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.lineage import LineageStore
from registry.divisions.sides import Sides
from registry.divisions.tables import territory_version
from registry.divisions.values import Division
from registry.names.tables import place_extent_version, place_name_version

BESIDE = frozenset({"parent"})
"""Shown for orientation: that a parent has another name is the parent's difference."""


class Status(StrEnum):
    """How a thing differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same at both points."""

    collection: str
    id: UUID
    status: Status
    fields: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    changes: tuple[int, ...]
    """The changes that made the difference, or those its two sides come from."""


def division_differences(
    connection: Connection, sides: Sides, start: AsOf, end: AsOf
) -> list[Difference]:
    """Divisions that were added, removed or changed, by code."""
    territories = [_territories(connection, at) for at in (start, end)]
    acts = LineageStore(connection).own_acts(start, end)
    found: list[Difference] = []
    for unit in sides.old.keys() | sides.new.keys():
        if not sides.holds(unit):
            continue
        old, new = sides.old.get(unit), sides.new.get(unit)
        before = _division(old, sides.old, territories[0])
        after = _division(new, sides.new, territories[1])
        difference = _compared("divisions", unit, before, after)
        if difference is not None:
            own = {number for _day, number in acts.get(unit, [])}
            begun = {one.begun_by for one in (old, new) if one is not None}
            found.append(_because(difference, own or begun))
    return sorted(found, key=_by_code)


def renamed_chains(sides: Sides) -> set[UUID]:
    """Divisions whose text, with all that stands above them, reads otherwise at the two points."""
    kept: tuple[dict[UUID, str], dict[UUID, str]] = ({}, {})
    units = sides.old.keys() | sides.new.keys()
    return {
        unit
        for unit in units
        if _chain(unit, sides.old, kept[0]) != _chain(unit, sides.new, kept[1])
    }


def name_differences(
    connection: Connection, sides: Sides, start: AsOf, end: AsOf
) -> list[Difference]:
    """Names of places that were added, removed or changed, by text."""
    scope = None if sides.inside is None else _places_in(connection, sides, start, end)
    before, after = (
        {row["place_name_id"]: row for row in connection.execute(_names(*points)).mappings()}
        for points in ((start, end), (end, start))
    )
    found: list[Difference] = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        either = old if old is not None else new
        assert either is not None
        if scope is not None and either["named_place_id"] not in scope:
            continue
        difference = _compared("names", key, _name(old), _name(new))
        if difference is not None:
            numbers = {row["begun_by"] for row in (old, new) if row is not None}
            found.append(_because(difference, numbers))
    return sorted(found, key=lambda one: (str((one.after or one.before or {})["text"]), one.id))


def renamed_carriers(differences: list[Difference]) -> set[UUID]:
    """Named places whose name is another at the two points."""
    return {
        UUID(str((one.after or one.before or {})["named_place_id"]))
        for one in differences
        if one.collection == "names"
    }


def _compared(
    collection: str, key: UUID, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> Difference | None:
    if before is None or after is None:
        status = Status.ADDED if before is None else Status.REMOVED
        return Difference(collection, key, status, (), before, after, ())
    fields = tuple(name for name in before if name not in BESIDE and before[name] != after[name])
    if not fields:
        return None
    return Difference(collection, key, Status.CHANGED, fields, before, after, ())


def _because(difference: Difference, numbers: set[int]) -> Difference:
    return Difference(
        difference.collection,
        difference.id,
        difference.status,
        difference.fields,
        difference.before,
        difference.after,
        tuple(sorted(numbers)),
    )


def _division(
    one: Division | None,
    units: Mapping[UUID, Division],
    territories: Mapping[UUID, tuple[float, str]],
) -> dict[str, Any] | None:
    if one is None:
        return None
    area_m2, digest = territories.get(one.division_id, (None, None))
    parent = None if one.parent_id is None else units.get(one.parent_id)
    return {
        "name": one.name,
        "kind": one.kind.value,
        "codes": one.codes,
        "parent_id": one.parent_id,
        "parent": None if parent is None else parent.name,
        "area_m2": area_m2,
        "territory": digest,
    }


def _territories(connection: Connection, at: AsOf) -> dict[UUID, tuple[float, str]]:
    """Area and a digest of each territory."""
    table = territory_version
    rows = connection.execute(
        select(
            table.c.division_id,
            table.c.area_m2,
            func.md5(func.ST_AsEWKT(table.c.territory)).label("digest"),
        ).where(seen_at(table, at))
    )
    return {row.division_id: (row.area_m2, row.digest) for row in rows}


def _chain(unit: UUID, units: Mapping[UUID, Division], kept: dict[UUID, str]) -> str:
    one = units.get(unit)
    if one is None:
        return ""
    if unit not in kept:
        above = "" if one.parent_id is None else _chain(one.parent_id, units, kept)
        kept[unit] = above + one.name
    return kept[unit]


def _names(at: AsOf, other: AsOf) -> Select[Any]:
    """Names at one point that read otherwise, or not at all, at the other."""
    table = place_name_version
    columns = [table.c[name] for name in ("place_name_id", "named_place_id", "text", "status")]
    both = (
        select(*columns)
        .where(seen_at(table, at))
        .except_(select(*columns).where(seen_at(table, other)))
    )
    only = both.subquery()
    return (
        select(*columns, table.c.romanisation, table.c.begun_by)
        .join(only, only.c.place_name_id == table.c.place_name_id)
        .where(seen_at(table, at))
    )


def _name(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "named_place_id": row["named_place_id"],
        "text": row["text"],
        "status": row["status"],
        "romanisation": row["romanisation"],
    }


def _places_in(connection: Connection, sides: Sides, start: AsOf, end: AsOf) -> set[UUID]:
    table: Table = place_extent_version
    return {
        place
        for at in (start, end)
        for place in connection.scalars(
            select(table.c.named_place_id).where(
                table.c.division_id.in_(list(sides.inside or ())), seen_at(table, at)
            )
        )
    }


def _by_code(one: Difference) -> tuple[str, str]:
    side = one.after or one.before or {}
    return (str(side["codes"].get("statistical", "~")), str(one.id))


def counted(differences: list[Difference]) -> dict[str, int]:
    """How many of each status."""
    return {
        status.value: sum(1 for one in differences if one.status is status) for status in Status
    }


def without_digests(differences: list[Difference]) -> Iterator[Difference]:
    """The same for readers: that a territory differs is said by its field, not by its digest."""
    for one in differences:
        sides = [
            None if side is None else {k: v for k, v in side.items() if k != "territory"}
            for side in (one.before, one.after)
        ]
        yield Difference(
            one.collection, one.id, one.status, one.fields, sides[0], sides[1], one.changes
        )
