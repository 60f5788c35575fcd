"""A small piece of Xiamen with its history, and doors held in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from geo.geocode.candidates import Door, DoorLookup, Place, Standing
from geo.geocode.gazetteer import Gazetteer, Names
from geo.geocode.lookups import ANY
from geo.geocode.names import CarrierPeriod, DivisionPeriod
from geo.geocode.parts import INNER, part_key

MOVED = date(2021, 10, 31)
RETYPED = date(2021, 1, 6)
MERGED = date(2003, 4, 26)
NOW = date(2024, 1, 1)


def key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def division(
    ident: str,
    name: str,
    level: int,
    parent: str | None,
    span: tuple[date | None, date | None] = (None, None),
    decree: str | None = None,
) -> DivisionPeriod:
    above = key(parent) if parent else None
    return DivisionPeriod(key(ident), name, "kind", level, above, *span, decree, 1)


def carrier(name: str, village: str, ident: str | None = None) -> CarrierPeriod:
    kind: Literal["area", "thoroughfare"] = (
        "area" if name.endswith(("里", "社")) else "thoroughfare"
    )
    status: Literal["variant", "standard"] = "variant" if ident else "standard"
    return CarrierPeriod(
        key(ident or name), name, kind, status, frozenset({key(village)}), None, None
    )


DIVISIONS = (
    division("p", "福建省", 1, None),
    division("c", "厦门市", 2, "p"),
    division("siming", "思明区", 3, "c"),
    division("kaiyuan", "开元区", 3, "c", (None, MERGED)),
    division("xiangan", "翔安区", 3, "c", (MERGED, None)),
    division("tongan", "同安区", 3, "c"),
    division("wucun", "梧村街道", 4, "kaiyuan", (None, MERGED)),
    division("wucun", "梧村街道", 4, "siming", (MERGED, None), "国函〔2003〕52号"),
    division("lianhua", "莲花镇", 4, "tongan"),
    division("xindian", "新店镇", 4, "xiangan", (MERGED, RETYPED)),
    division("xindian", "新店街道", 4, "xiangan", (RETYPED, None), "闽政文〔2021〕3号"),
    division("jinhai", "金海街道", 4, "xiangan", (MOVED, None)),
    division("bin", "湖滨社区居委会", 5, "wucun"),
    division("peng", "彭厝村委会", 5, "xindian", (MERGED, MOVED)),
    division("peng", "彭厝社区居委会", 5, "jinhai", (MOVED, None), "move"),
    division("dong", "东界社区居委会", 5, "xindian", (MERGED, None)),
)
CARRIERS = (
    carrier("湖滨南路", "bin"),
    carrier("湖滨四里", "bin"),
    carrier("同安路", "bin"),
    carrier("洪文一里", "bin"),
    carrier("马垅路", "bin"),
    carrier("马垄路", "bin", "马垅路"),
    carrier("彭厝北里", "peng"),
    carrier("新兴路", "dong"),
    CarrierPeriod(
        key("新兴路2"), "新兴路", "thoroughfare", "standard", frozenset({key("bin")}), None, None
    ),
    CarrierPeriod(
        key("未来路"),
        "未来路",
        "thoroughfare",
        "standard",
        frozenset({key("bin")}),
        date(2025, 1, 1),
        None,
    ),
)


def door(code: str, village: str, name: str | None, number: int, **inner: str) -> Door:
    parts = {part: inner.get(part) for part in ("sub", "building", "unit", "floor", "room")}
    return Door(
        address_id=key(code),
        code=code,
        division_id=key(village),
        carrier_id=key(name) if name else None,
        number=number,
        stage="in force",
        lon=118.1 + number / 1e5,
        lat=24.5,
        method="surveyed",
        accuracy_m=1.0,
        **parts,
    )


DOORS = (
    door("1", "bin", "湖滨南路", 388),
    door("2", "bin", "湖滨南路", 388, room="1205室"),
    door("3", "bin", "湖滨四里", 62, sub="3"),
    door("4", "bin", "同安路", 2),
    door("5", "bin", "洪文一里", 128, unit="2梯", room="501室"),
    door("6", "peng", "彭厝北里", 12),
    door("7", "dong", "新兴路", 5),
    door("8", "bin", "新兴路2", 5),
    door("9", "peng", None, 12),
    door("10", "dong", None, 12),
    door("11", "bin", "马垅路", 3),
    door("12", "bin", "未来路", 3),
    door("13", "bin", "湖滨四里", 70),
)


@dataclass(frozen=True, slots=True)
class DoorsInMemory:
    """The protocol of candidate doors over a tuple."""

    held: tuple[Door, ...] = DOORS

    def doors(self, lookups: Sequence[DoorLookup]) -> Sequence[Sequence[Door]]:
        return [[d for d in self.held if _is(d, lookup)] for lookup in lookups]

    def around(self, carrier_ids: Sequence[UUID], number: int) -> Sequence[Door]:
        on = [d for d in self.held if d.carrier_id in carrier_ids and d.number is not None]
        found = []
        for alike in (0, 1):
            fitting = [d for d in on if ((d.number or 0) - number) % 2 == alike]
            below = [d for d in fitting if (d.number or 0) < number]
            above = [d for d in fitting if (d.number or 0) > number]
            found += sorted(below, key=lambda d: -(d.number or 0))[:1]
            found += sorted(above, key=lambda d: d.number or 0)[:1]
        return found

    def standings(self, address_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Standing]]:
        return {}

    def carriers(self, carrier_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        return {one: Place(118.1, 24.5, 300.0) for one in carrier_ids}

    def territories(self, division_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        return {one: Place(118.2, 24.6, 2000.0) for one in division_ids}

    def crossing(self, one: Sequence[UUID], other: Sequence[UUID]) -> Sequence[Place]:
        return [Place(118.15, 24.55, 10.0)] if one and other else []


def _is(held: Door, lookup: DoorLookup) -> bool:
    if lookup.carrier_ids:
        placed = held.carrier_id in lookup.carrier_ids
    else:
        placed = held.carrier_id is None and held.division_id in lookup.division_ids
    same = (held.number, held.sub) == (lookup.number, lookup.sub)
    return placed and same and all(_part_is(held, lookup, part) for part in INNER)


def _part_is(held: Door, lookup: DoorLookup, part: str) -> bool:
    wanted = getattr(lookup, part)
    return wanted in (ANY, part_key(part, getattr(held, part)))


def gazetteer() -> Gazetteer:
    return Gazetteer(Names.of(DIVISIONS, CARRIERS))
