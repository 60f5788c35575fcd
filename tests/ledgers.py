"""Ledgers made by hand, for tests of plans that need no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from shapely.geometry import MultiPolygon, Polygon, box

from geo.area import area_m2
from registry.changes.period import Period
from registry.changes.timeline import Timeline, begin
from registry.divisions.model import STATISTICAL, STATUTORY, DivisionKind, code_slot_id
from registry.restructuring.doors import Doors
from registry.restructuring.ledger import AddressCount, Ledger, Place
from registry.restructuring.paper import read_paper
from registry.restructuring.plan import Plan, draw_up

SPACE = UUID("5c0b8e51-3c0e-5b44-9a0e-0f1f2a3b4c5d")
ALWAYS = Period(None, None)


def id_of(word: str) -> UUID:
    """The id of whatever a test calls by a word."""
    return uuid5(SPACE, word)


@dataclass
class Land:
    """A land in the making: units with codes, territories, doors and streets."""

    divisions: dict[UUID, Timeline] = field(default_factory=dict)
    codes: dict[UUID, Timeline] = field(default_factory=dict)
    territories: dict[UUID, Timeline] = field(default_factory=dict)
    layers: dict[UUID, str] = field(default_factory=dict)
    doors: dict[UUID, Doors] = field(default_factory=dict)
    places: dict[UUID, Place] = field(default_factory=dict)
    reserved: dict[str, UUID] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    def unit(
        self,
        code: str,
        kind: DivisionKind,
        parent: str | None = None,
        *,
        name: str | None = None,
        ground: Polygon | MultiPolygon | None = None,
        layer: str = STATUTORY,
    ) -> UUID:
        """A unit in force since ever, called by its code."""
        unit = id_of(code)
        self.layers[unit] = layer
        values = {
            "kind": kind.value,
            "name": name or f"{kind.value} {code}",
            "published_name": name,
            "romanisation": None,
            "parent_id": None if parent is None else id_of(parent),
            "seat": None,
        }
        self.divisions[unit] = begin((), ALWAYS, values, "import")
        slot = {"division_id": unit, "scheme": STATISTICAL, "code": code, "provisional": False}
        self.codes[code_slot_id(unit, STATISTICAL)] = begin((), ALWAYS, slot, "import")
        if ground is not None:
            whole = MultiPolygon([ground]) if isinstance(ground, Polygon) else ground
            held = {
                "territory": whole,
                "area_m2": area_m2(whole),
                "basis": "published",
                "source": "test",
            }
            self.territories[unit] = begin((), ALWAYS, held, "import")
        return unit

    def street(self, name: str, *where: str, romanisation: str | None = None) -> UUID:
        """A street or area with doors in these units."""
        place = id_of(f"{name} {where}")
        values = {
            "named_place_id": place,
            "text": name,
            "specific": name[:-1],
            "generic": name[-1],
            "status": "standard",
            "romanisation": romanisation,
            "language": "zh",
            "origin": None,
        }
        timeline = begin((), ALWAYS, values, "import")
        units = frozenset(map(id_of, where))
        self.places[place] = Place(place, "area", id_of(f"name {place}"), timeline, units)
        return place

    def ledger(self) -> Ledger:
        """What a plan is drawn on."""
        owners = {
            str(version.value("code")): version.value("division_id")
            for timeline in self.codes.values()
            for version in timeline
        }
        return Ledger(
            head=1,
            layers=self.layers,
            divisions=self.divisions,
            codes=self.codes,
            territories=self.territories,
            code_owners=owners,
            address_counts={
                unit: AddressCount(len(doors.ids), 0) for unit, doors in self.doors.items()
            },
            places=self.places,
            used_codes=frozenset({*owners, *self.retired}),
            reserved=self.reserved,
            doors=self.doors,
        )

    def plan(self, *operations: dict[str, Any], **more: Any) -> Plan:
        """What these operations would do in 2025."""
        raw = {"title": "试", "effective_on": "2025-01-06", "operations": list(operations), **more}
        return draw_up(read_paper(raw), self.ledger())


def doors_at(word: str, positions: Mapping[int, tuple[float, float]] | list[Any]) -> Doors:
    """Doors at positions; None for one without."""
    found = list(positions.values()) if isinstance(positions, Mapping) else positions
    rows = [(np.nan, np.nan) if one is None else one for one in found]
    codes = tuple(f"{word}{row:05d}" for row in range(len(rows)))
    return Doors(
        tuple(map(id_of, codes)),
        codes,
        (None,) * len(rows),
        np.array(rows, dtype=np.float64).reshape(len(rows), 2),
    )


def units_after(plan: Plan) -> dict[str, str | None]:
    """Names afterwards, each with its parent's."""
    census = plan.after
    return {
        census.name(unit): None if (parent := census.parent(unit)) is None else census.name(parent)
        for unit in census.units
    }


ON = date(2025, 1, 6)


def corner() -> Land:
    """翔安区 with 马巷镇 (three villages), 新圩镇 (one), 大嶝街道 (one) and a numbered past."""
    made = Land(retired={"350213101"})
    made.unit("35", DivisionKind.PROVINCE, name="福建省")
    made.unit("3502", DivisionKind.PREFECTURE, "35", name="厦门市")
    made.unit("350213", DivisionKind.DISTRICT, "3502", name="翔安区")
    made.unit("350213102", DivisionKind.TOWN, "350213", name="马巷镇")
    made.unit("350213103", DivisionKind.TOWN, "350213", name="新圩镇")
    made.unit("350213001", DivisionKind.SUBDISTRICT, "350213", name="大嶝街道")
    for place, (code, name) in enumerate(
        {
            "350213102001": "五星社区",
            "350213102201": "琼头村",
            "350213102202": "后亭村",
            "350213103201": "古宅村",
            "350213001201": "田墘村",
        }.items()
    ):
        kind = DivisionKind.COMMUNITY if name.endswith("社区") else DivisionKind.VILLAGE
        west = 118 + place / 100
        made.unit(code, kind, code[:9], name=name, ground=box(west, 24, west + 0.01, 24.01))
    return made


CONVERT: dict[str, Any] = {
    "retype": {
        "division": "350213102",
        "kind": "subdistrict",
        "name": "马巷街道",
        "code": "auto",
        "codes": "auto",
    }
}
"""A town converted, with codes left to the registry."""
