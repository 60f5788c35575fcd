"""A builder of small registries for tests: says only what matters to the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from shapely.geometry import MultiPolygon, Point, box
from sqlalchemy import Connection, Engine

from geo.area import area_m2
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.changes.timeline import begin, correct
from registry.changes.work import Work
from registry.divisions.model import STATISTICAL, DivisionKind, code_slot_id
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    territory_version,
)
from registry.divisions.territory import joined
from registry.log.sealing import seal
from registry.names.tables import named_place, place_extent_version, place_name_version

BEFORE_RECORDS = Period(None, None)
TODAY = date(2026, 1, 1)

KIND_BY_LENGTH = {
    2: DivisionKind.PROVINCE,
    4: DivisionKind.PREFECTURE,
    6: DivisionKind.DISTRICT,
    9: DivisionKind.TOWN,
    12: DivisionKind.VILLAGE,
}
KIND_BY_ENDING = {
    "街道": DivisionKind.SUBDISTRICT,
    "镇": DivisionKind.TOWN,
    "乡": DivisionKind.TOWNSHIP,
    "社区": DivisionKind.COMMUNITY,
    "村": DivisionKind.VILLAGE,
}


@dataclass
class RegistryBuilder:
    """Builds a registry through works; every step is committed."""

    engine: Engine
    ids: dict[str, UUID] = field(default_factory=dict)
    codes: Iterator[int] = field(default_factory=lambda: count(1))
    address_ids: dict[str, UUID] = field(default_factory=dict)

    @contextmanager
    def work(self, title: str = "test", verb: Verb = Verb.IMPORT, **more: Any) -> Iterator[Work]:
        with self.engine.connect() as connection:
            work = Work(connection, Intent(author="builder", verb=verb, title=title, **more))
            yield work
            seal(work)
            connection.commit()

    def tree(self, names: dict[str, str], valid: Period = BEFORE_RECORDS) -> None:
        """Divisions by statistical code; parents by prefix; kinds by the name's ending."""
        with self.work("tree") as work:
            for code in sorted(names, key=lambda one: (len(one), one)):
                self._division(work, code, names[code], valid)

    def _division(self, work: Work, code: str, name: str, valid: Period) -> None:
        division_id = uuid4()
        self.ids[code] = division_id
        kind = next(
            (k for ending, k in KIND_BY_ENDING.items() if name.endswith(ending)),
            KIND_BY_LENGTH[len(code)],
        )
        kind = kind if kind.level == KIND_BY_LENGTH[len(code)].level else KIND_BY_LENGTH[len(code)]
        shorter = max(
            (c for c in self.ids if code.startswith(c) and c != code),
            key=len,
            default=None,
        )
        work.establish(division, [{"division_id": division_id, "layer": "statutory"}])
        values = {
            "kind": kind.value,
            "name": name,
            "published_name": name,
            "parent_id": None if shorter is None else self.ids[shorter],
        }
        work.rewrite(division_version, division_id, (), begin((), valid, values, "import"))
        slot = {
            "division_id": division_id,
            "scheme": STATISTICAL,
            "code": code,
            "provisional": False,
        }
        key = code_slot_id(division_id, STATISTICAL)
        work.rewrite(division_code_version, key, (), begin((), valid, slot, "import"))

    def squares(self, *codes: str) -> None:
        """Give villages adjoining squares of 0.01 degrees, in a row."""
        with self.work("squares") as work:
            for place, code in enumerate(codes):
                west = 118.0 + place * 0.01
                territory = MultiPolygon([box(west, 24.0, west + 0.01, 24.01)])
                values = {
                    "territory": territory,
                    "area_m2": area_m2(territory),
                    "basis": "illustrative",
                    "source": "test",
                }
                timeline = begin((), BEFORE_RECORDS, values, "import")
                work.rewrite(territory_version, self.ids[code], (), timeline)

    def territory(self, code: str, villages: list[str], *, shrunk_deg: float = 0.0) -> None:
        """Give a division what these villages cover, drawn in by so much all around."""
        with self.work("territory") as work:
            keys = [self.ids[one] for one in villages]
            held = work.believed(territory_version, keys)
            land = joined([held[key][0].value("territory") for key in keys]).buffer(-shrunk_deg)
            values = {
                "territory": land if isinstance(land, MultiPolygon) else MultiPolygon([land]),
                "area_m2": area_m2(land),
                "basis": "illustrative",
                "source": "test",
            }
            before = work.believed(territory_version, [self.ids[code]]).get(self.ids[code], ())
            after = (
                correct(before, Period(), values, "import")
                if before
                else begin((), BEFORE_RECORDS, values, "import")
            )
            work.rewrite(territory_version, self.ids[code], before, after)

    def carrier(self, name: str, village: str) -> UUID:
        """An area (里, 社) that bears numbers."""
        place, place_name = uuid4(), uuid4()
        with self.work("carrier") as work:
            work.establish(named_place, [{"named_place_id": place, "category": "area"}])
            extent = {
                "division_id": self.ids[village],
                "basis": "illustrative",
                "source": "test",
            }
            work.rewrite(
                place_extent_version,
                place,
                (),
                begin((), BEFORE_RECORDS, extent, "import"),
            )
            values = {
                "named_place_id": place,
                "text": name,
                "specific": name[:-1],
                "generic": name[-1],
                "status": "standard",
                "language": "zh",
            }
            work.rewrite(
                place_name_version,
                place_name,
                (),
                begin((), BEFORE_RECORDS, values, "import"),
            )
        return place

    def doors(self, village: str, how_many: int, carrier: UUID | None = None) -> list[str]:
        """Doors numbered from 1; returns their address codes."""
        made = []
        with self.work("doors") as work:
            for number in range(1, how_many + 1):
                made.append(self.door(work, village, number, carrier))
        return made

    def door(
        self,
        work: Work,
        village: str,
        number: int,
        carrier: UUID | None = None,
        *,
        since: date | None = None,
        spot: tuple[float, float] = (118.005, 24.005),
    ) -> str:
        """One door; returns its address code."""
        valid = BEFORE_RECORDS if since is None else Period.since(since)
        site, door = uuid4(), uuid4()
        code = f"T{next(self.codes):011d}"
        work.establish(addressable_object, [{"object_id": site, "kind": "site", "parent_id": None}])
        position = {
            "position": Point(*spot),
            "method": "generated",
            "accuracy_m": 50.0,
        }
        work.rewrite(position_version, site, (), begin((), valid, position, "import"))
        work.establish(
            address,
            [{"address_id": door, "code": code, "object_id": site, "generated": True}],
        )
        values = {
            "division_id": self.ids[village],
            "carrier_id": carrier,
            "number": number,
            "stage": "current",
        }
        work.rewrite(address_version, door, (), begin((), valid, values, "import"))
        self.address_ids[code] = door
        return code

    def as_of(self, connection: Connection, on: date = TODAY) -> AsOf:
        """A reader who stands on a day and knows everything."""
        return ChangeStore(connection).as_of(on)


MAXIANG = {
    "35": "福建省",
    "3502": "厦门市",
    "350213": "翔安区",
    "350213102": "马巷镇",
    "350213102001": "五星社区",
    "350213102201": "琼头村",
    "350213102202": "后亭村",
    "350213103": "新圩镇",
    "350213103201": "古宅村",
}
"""A small corner of a district: one town with three villages, another with one."""
