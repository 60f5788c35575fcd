"""A small piece of Xiamen with its history, and doors held in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, hypot, radians
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from geo.geocode.gazetteer import CarrierPeriod, DivisionPeriod, Gazetteer
from geo.geocode.match import Door, DoorLookup

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

    def doors(self, lookup: DoorLookup) -> Sequence[Door]:
        return [d for d in self.held if _is(d, lookup)]

    def near(self, lon: float, lat: float, limit: int) -> Sequence[tuple[Door, float]]:
        east = 111_320 * cos(radians(lat))
        found = [(d, hypot((d.lon - lon) * east, (d.lat - lat) * 110_540)) for d in self.held]
        return sorted(found, key=lambda pair: pair[1])[:limit]


def _is(held: Door, lookup: DoorLookup) -> bool:
    if lookup.carrier_ids:
        placed = held.carrier_id in lookup.carrier_ids
    else:
        placed = held.carrier_id is None
    if lookup.division_ids and held.division_id not in lookup.division_ids:
        return False
    parts = ("number", "sub", "building", "unit", "floor", "room")
    return placed and all(getattr(held, part) == getattr(lookup, part) for part in parts)


def gazetteer() -> Gazetteer:
    return Gazetteer(DIVISIONS, CARRIERS)
